package simtest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// The environment says which seeds are played.
const (
	envSeed  = "PARALLAX_SEED"
	envSeeds = "PARALLAX_SEEDS"
)

// seeds are those of the environment, else 1 to n.
func seeds(n int) (from, to uint64, given bool, err error) {
	if text := os.Getenv(envSeed); text != "" {
		from, err = strconv.ParseUint(text, 0, 64)
		if err != nil {
			err = fmt.Errorf("%s=%q is not a seed: a number such as 7 or 0x7 was expected", envSeed, text)
		}
		return from, from, true, err
	}
	text := os.Getenv(envSeeds)
	if text == "" {
		return 1, uint64(n), false, nil
	}
	a, b, ok := strings.Cut(text, "..")
	from, errA := strconv.ParseUint(a, 0, 64)
	to, errB := strconv.ParseUint(b, 0, 64)
	if !ok || errA != nil || errB != nil || from > to {
		err = fmt.Errorf("%s=%q is not a range of seeds: two numbers such as 1..1000 were expected", envSeeds, text)
	}
	return from, to, true, err
}

// reproduce is the line that plays a seed of a test again, in the module's root.
func reproduce(test string, seed uint64) string {
	return fmt.Sprintf("%s=%d %s", envSeed, seed, rerun(test))
}

// rerun is the line that runs a test again.
func rerun(test string) string {
	parts := strings.Split(test, "/")
	for i := range parts {
		parts[i] = "^" + regexp.QuoteMeta(parts[i]) + "$"
	}
	return fmt.Sprintf("go test -run '%s' %s", strings.Join(parts, "/"), here())
}

// here is the package whose tests run, from the root of its module.
func here() string {
	dir, err := os.Getwd()
	for root := dir; err == nil; root = filepath.Dir(root) {
		if _, missing := os.Stat(filepath.Join(root, "go.mod")); missing == nil {
			if rel, outside := filepath.Rel(root, dir); outside == nil && rel != "." {
				return "./" + filepath.ToSlash(rel)
			}
			return "."
		}
		if root == filepath.Dir(root) {
			break
		}
	}
	return "."
}
