package simtest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// recorder is a test that is to fail: it keeps what it is told.
type recorder struct {
	testing.TB
	name     string
	errors   []string
	logs     []string
	cleanups []func()
}

func record(t *testing.T, name string) *recorder { return &recorder{TB: t, name: name} }

func (r *recorder) Name() string                      { return r.name }
func (r *recorder) Helper()                           {}
func (r *recorder) Failed() bool                      { return len(r.errors) > 0 }
func (r *recorder) Error(args ...any)                 { r.errors = append(r.errors, fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, args ...any) { r.Error(fmt.Sprintf(format, args...)) }
func (r *recorder) Logf(format string, args ...any) {
	r.logs = append(r.logs, fmt.Sprintf(format, args...))
}
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

// Fatalf is for what is run by run.
func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// run runs what may end the test.
func (r *recorder) run(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// end runs what a test runs at its end.
func (r *recorder) end() {
	for _, f := range r.cleanups {
		f()
	}
}

// text is all that it was told.
func (r *recorder) text() string { return strings.Join(append(r.errors, r.logs...), "\n") }

// says fails the real test unless the recorded one has failed once, with all of these.
func (r *recorder) says(t *testing.T, parts ...string) {
	t.Helper()
	if len(r.errors) != 1 {
		t.Fatalf("%s failed %d times: %s", r.name, len(r.errors), r.text())
	}
	for _, p := range parts {
		if !strings.Contains(r.errors[0], p) {
			t.Errorf("%s does not say %q:\n%s", r.name, p, r.errors[0])
		}
	}
}

// passes fails the real test if the recorded one has failed.
func (r *recorder) passes(t *testing.T) {
	t.Helper()
	if len(r.errors) > 0 {
		t.Errorf("%s failed:\n%s", r.name, r.text())
	}
}
