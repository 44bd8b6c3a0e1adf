package simtest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// outside is a block of the README that is for another module: a file, or commands.
var outside = regexp.MustCompile("(?m)^<!-- outside(?:: (.*))? -->\n```\\w*\n((?s:.*?))^```$")

// module is a module outside of this one, as the README has somebody make it.
type module struct {
	t   *testing.T
	dir string
	run string // the README's command that runs the tests
}

// newModule does what the README says, in an empty folder.
func newModule(t *testing.T) *module {
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("this system starts no processes")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command: ", err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	m := &module{t: t, dir: t.TempDir()}
	var commands []string
	for _, b := range outside.FindAllStringSubmatch(string(readme), -1) {
		if b[1] == "" {
			commands = strings.Split(strings.TrimSpace(strings.ReplaceAll(b[2], "../parallax", root)), "\n")
			continue
		}
		m.write(b[1], b[2])
	}
	if len(commands) != 3 {
		t.Fatalf("the README has %d commands for another module: %q", len(commands), commands)
	}
	m.run = commands[2]
	for _, c := range commands[:2] {
		if out, err := m.shell(c); err != nil {
			t.Fatalf("%s: %v\n%s", c, err, out)
		}
	}
	return m
}

func (m *module) write(name, text string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// shell runs a command without a network, and without the seeds of this run.
func (m *module) shell(line string) (string, error) {
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off", "GOWORK=off", "PARALLAX_SEED=", "PARALLAX_SEEDS=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// red runs the tests, which must fail and say all of these.
func (m *module) red(line string, says ...string) string {
	m.t.Helper()
	begun := time.Now()
	out, err := m.shell(line)
	m.t.Logf("%s: %v\n%s", line, time.Since(begun).Round(time.Second/10), out)
	if err == nil || !strings.Contains(out, "--- FAIL") {
		m.t.Errorf("%s: not red (%v):\n%s", line, err, out)
	}
	for _, s := range says {
		if !strings.Contains(out, s) {
			m.t.Errorf("%s does not say %q", line, s)
		}
	}
	return out
}

func (m *module) green(line string) string {
	m.t.Helper()
	out, err := m.shell(line)
	if err != nil {
		m.t.Errorf("%s: %v\n%s", line, err, out)
	}
	return out
}

// From another module, by the README alone: an aggregate that does not commute is red
// and says why, cured it is green; actors that lose what they have acknowledged, or wait
// for ever for what was lost, are red with the one fault that it takes, and again from
// the file.
func TestVectorOutside(t *testing.T) {
	m := newModule(t)
	m.red(m.run, `aggregate newest breaks the law "the order of rows leaves no trace"`, "rows needed: 2 of",
		"in this order gives", "in reverse    gives", "reproduce: PARALLAX_SEED=", "go test -run '^TestNewest$' .")
	text, err := os.ReadFile(filepath.Join(m.dir, "newest_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	cured := strings.NewReplacer("a.V = args[0].Int", "a.V = max(a.V, args[0].Int)", "a.V = other.(*newest).V", "a.V = max(a.V, other.(*newest).V)")
	m.write("newest_test.go", cured.Replace(string(text)))
	m.green(m.run)

	vault, err := os.ReadFile("testdata/outside/vault_test.go")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(m.dir, "vault"), 0o700); err != nil {
		t.Fatal(err)
	}
	m.write("vault/vault_test.go", string(vault))
	run := strings.TrimSuffix(m.run, ".") + "./vault"
	eager := m.red(run+" -run 'TestVault|TestEagerAck'", "TestEagerAck is broken: vault: an acknowledged number is lost",
		"faults needed: 1 of", "1. ", " server, ", "testdata/parallax/TestEagerAck/", "go test -run '^TestEagerAck$' ./vault")
	if strings.Contains(eager, "TestVault is broken") {
		t.Error("the vault without mistakes is broken")
	}
	once := m.red(run+" -run TestSendsOnce", "TestSendsOnce is broken: the client still waits for number", "faults needed: 1 of")
	if strings.Contains(once, "message of kind") {
		t.Error("a kind of message is not called by its name")
	}
	m.red(run+" -run TestSendsOnce", "(stored)", "fails again")
}
