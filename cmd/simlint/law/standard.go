package law

import (
	"strings"

	"go.temporal.io/sdk/contrib/tools/workflowcheck/determinism"
)

const (
	readsClock  = "which reads the clock"
	inexact     = "whose bits differ between machines"
	globalState = "which draws from a generator shared by the process"
)

// inexactMath are the functions of package math without one right answer: machine
// code, fused operations and library versions differ in the last bits. They are
// forbidden here once, for whoever calls them.
const inexactMath = `Acos Acosh Asin Asinh Atan Atan2 Atanh Cbrt Cos Cosh Erf Erfc Erfcinv Erfinv
	Exp Exp2 Expm1 Gamma Hypot J0 J1 Jn Lgamma Log Log10 Log1p Log2 Pow Sin Sincos Sinh Tan Tanh
	Y0 Y1 Yn`

// osFunctions touch the machine. Importing package os is reported as such; here
// they are found behind other packages.
const osFunctions = `Create CreateTemp Environ Executable Getenv Getpid Getwd Hostname LookupEnv Lstat
	Mkdir MkdirTemp Open OpenFile ReadDir ReadFile Remove Rename Stat WriteFile`

// forbidden functions and variables of the standard library, with the reason. What
// calls them is found out.
var forbidden = func() map[string]string {
	m := map[string]string{
		"time.Now":                      readsClock,
		"time.Since":                    readsClock,
		"time.Until":                    readsClock,
		"time.Sleep":                    readsClock,
		"time.After":                    readsClock,
		"time.AfterFunc":                readsClock,
		"time.Tick":                     readsClock,
		"time.NewTimer":                 readsClock,
		"time.NewTicker":                readsClock,
		"time.Local":                    "which is the machine's zone",
		"time.LoadLocation":             "which reads the machine's zone files",
		"(time.Time).Local":             "which is the machine's zone",
		"math/rand.globalRand":          globalState,
		"math/rand/v2.globalRand":       globalState,
		"os.Stdin":                      "a file",
		"os.Stdout":                     "a file",
		"os.Stderr":                     "a file",
		"crypto/rand.Reader":            "which cannot be replayed",
		"(reflect.Value).MapKeys":       "which has the order of the map",
		"(reflect.Value).MapRange":      "which has the order of the map",
		"(reflect.Value).Pointer":       "which turns a pointer into a number",
		"(reflect.Value).UnsafeAddr":    "which turns a pointer into a number",
		"(reflect.Value).UnsafePointer": "which turns a pointer into a number",
	}
	for _, name := range strings.Fields(inexactMath) {
		m["math."+name] = inexact
	}
	for _, name := range strings.Fields(osFunctions) {
		m["os."+name] = "which touches the machine"
	}
	return m
}()

// harmless functions of the standard library only look non-deterministic to the
// library, each for the reason given.
var harmless = map[string]string{
	"(*fmt.pp).printValue":                 "maps are printed in the order of their keys",
	"(*fmt.pp).fmtPointer":                 "an address is printed only where %p asks for one",
	"(*internal/godebug.Setting).Value":    "go.mod fixes the settings",
	"(math/big.nat).itoa":                  "the logarithm only sizes a buffer",
	"(reflect.Value).Equal":                "pointers are compared, not shown",
	"internal/fmtsort.Sort":                "it sorts what it reads from the map",
	"internal/reflectlite.valueMethodName": "names the caller in the text of a panic",
	"maps.Clone":                           "a map's content has no order",
	"maps.Copy":                            "a map's content has no order",
	"maps.Equal":                           "all entries must be equal, in whatever order",
	"reflect.deepValueEqual":               "pointers only mark what was visited",
	"reflect.valueMethodName":              "names the caller in the text of a panic",
	"runtime.Caller":                       "the source line is fixed",
	"time.Parse":                           "the zone changes a name, not the instant",
	"time.unixTime":                        "time.Unix and its kin are checked where they are called",
}

// standardRefs turns the tables into the library's form.
func standardRefs() determinism.IdentRefs {
	refs := determinism.IdentRefs{}
	for name := range forbidden {
		refs[name] = true
	}
	for name := range harmless {
		refs[name] = false
	}
	return refs
}
