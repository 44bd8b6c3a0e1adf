package main

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// run builds simlint and runs it on packages of the analyzer's test data, as a
// user would on a module of their own.
func run(t *testing.T, exe string, args ...string) (code int, output string) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(exe, args...)
	cmd.Dir = filepath.Join("law", "testdata")
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

func TestVectorCommand(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command here:", err)
	}
	exe := filepath.Join(t.TempDir(), "simlint.exe")
	if out, err := exec.Command("go", "build", "-o", exe, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "usage: simlint PACKAGE..."},
		{[]string{"-help"}, exitUsage, "usage: simlint PACKAGE..."},
		{[]string{"./clean"}, 0, ""},
		{[]string{"./clean", "./notest"}, 0, ""},
		{[]string{"./order"}, exitFound, "order.go:11:2: ranges over a map"},
		{[]string{"./callers"}, exitFound, "helper.Deep, which calls"}, // facts cross processes
		{[]string{"./absent"}, exitFound, "absent"},
	} {
		code, out := run(t, exe, c.args...)
		if code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("simlint %q: exit code %d, want %d, and %q in\n%s", c.args, code, c.code, c.want, out)
		}
	}
}
