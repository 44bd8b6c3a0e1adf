package law

import (
	"go/ast"
	"strconv"
	"strings"
)

// banned packages have no place under the law. A path that ends in a slash stands
// for the packages below it.
var banned = map[string]string{
	"C":             "what C does cannot be followed",
	"context":       "deadlines and cancellation come from clocks and goroutines",
	"crypto/rand":   "use Env.Rand",
	"hash/maphash":  "its seed differs between processes",
	"log":           "it reads the clock and writes to a file",
	"math/cmplx":    "its bits differ between machines",
	"net":           "messages are effects",
	"net/":          "messages are effects",
	"os":            "files are read by Env.Disk and written by Effects",
	"os/":           "files are read by Env.Disk and written by Effects",
	"path/filepath": "it depends on the machine, use path",
	"plugin":        "it loads what was not checked",
	"runtime":       "it shows the machine and the scheduler",
	"runtime/":      "it shows the machine and the scheduler",
	"sync":          "an actor is single-threaded",
	"sync/":         "an actor is single-threaded",
	"syscall":       "files and messages are effects",
	"unique":        "its handles depend on the garbage collector",
	"weak":          "its pointers depend on the garbage collector",
	"gonum.org/":    "its bits differ between machines",
}

// ban says why a package is banned, "" if it is not.
func ban(path string) string {
	if why, ok := banned[path]; ok {
		return why
	}
	for rest := path; ; {
		i := strings.LastIndexByte(rest, '/')
		if i < 0 {
			return ""
		}
		rest = rest[:i]
		if why, ok := banned[rest+"/"]; ok {
			return why
		}
	}
}

// imports reports banned packages once, where they are imported.
func (c *check) imports(f *ast.File) {
	c.subject = ""
	for _, spec := range f.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // does not compile
		}
		if why := ban(path); why != "" {
			c.report(spec.Pos(), "imports %s: %s", path, why)
		}
	}
}
