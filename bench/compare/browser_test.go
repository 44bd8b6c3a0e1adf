package compare

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// browser is a headless Chromium that is told what to do over a pipe, by the protocol of
// its developer tools.
type browser struct {
	t       *testing.T
	in      io.Writer
	out     *bufio.Reader
	session string
	last    int
}

// open shows a page, or skips the test where there is no browser.
func open(t *testing.T, file string) *browser {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("skipped: there is no Chromium on this machine to open the report with")
	}
	profile, err := os.MkdirTemp("", "browser") // its processes may outlive it for a moment, and write there
	if err != nil {
		t.Fatal(err)
	}
	hear, say := pipe(t), pipe(t)
	cmd := exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--window-size=1200,900",
		"--user-data-dir="+profile, "about:blank")
	cmd.ExtraFiles = []*os.File{hear[0], say[1]} // it reads 3 and writes 4
	if err := cmd.Start(); err != nil {
		t.Skipf("skipped: %s does not start: %v", program, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		for range 20 {
			if os.RemoveAll(profile) == nil {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
	time.AfterFunc(2*time.Minute, func() { _ = say[0].SetReadDeadline(time.Now()) })
	b := &browser{t: t, in: hear[1], out: bufio.NewReader(say[0])}
	target := b.call("Target.createTarget", map[string]any{"url": "file://" + file})
	at := b.call("Target.attachToTarget", map[string]any{"targetId": target["targetId"], "flatten": true})
	b.session = at["sessionId"].(string)
	for b.eval(`document.body && document.body.dataset.ready`) != "yes" {
		time.Sleep(50 * time.Millisecond)
	}
	return b
}

func pipe(t *testing.T) [2]*os.File {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return [2]*os.File{r, w}
}

// call sends one command and waits for its answer.
func (b *browser) call(method string, params map[string]any) map[string]any {
	b.t.Helper()
	b.last++
	m := map[string]any{"id": b.last, "method": method, "params": params}
	if b.session != "" {
		m["sessionId"] = b.session
	}
	text, err := json.Marshal(m)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.in.Write(append(text, 0)); err != nil {
		b.t.Fatal(err)
	}
	for {
		line, err := b.out.ReadBytes(0)
		if err != nil {
			b.t.Fatalf("%s: %v", method, err)
		}
		var answer struct {
			ID     int
			Result map[string]any
			Error  *struct{ Message string }
		}
		if err := json.Unmarshal(line[:len(line)-1], &answer); err != nil {
			b.t.Fatal(err)
		}
		if answer.ID != b.last {
			continue // an event
		}
		if answer.Error != nil {
			b.t.Fatalf("%s: %s", method, answer.Error.Message)
		}
		return answer.Result
	}
}

// eval is the value of an expression as text.
func (b *browser) eval(expression string) string {
	b.t.Helper()
	out := b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true})
	if e, ok := out["exceptionDetails"]; ok {
		b.t.Fatalf("%s: %v", expression, e)
	}
	v, ok := out["result"].(map[string]any)["value"]
	if !ok {
		return ""
	}
	return fmt.Sprint(v)
}

// drag moves the mouse with its button down, from one place of an element to another, both
// as shares of its width.
func (b *browser) drag(id string, from, to float64) {
	b.t.Helper()
	b.eval(fmt.Sprintf(`document.getElementById(%q).scrollIntoView({block: "center"})`, id))
	var box [4]float64
	if err := json.Unmarshal([]byte(b.eval(fmt.Sprintf(
		`JSON.stringify((r => [r.left, r.top, r.width, r.height])(document.getElementById(%q).getBoundingClientRect()))`, id))), &box); err != nil {
		b.t.Fatal(err)
	}
	mouse := func(kind string, share float64) {
		b.call("Input.dispatchMouseEvent", map[string]any{
			"type": kind, "x": box[0] + share*box[2], "y": box[1] + box[3]/2, "button": "left", "buttons": 1, "clickCount": 1,
		})
	}
	mouse("mousePressed", from)
	for i := 1; i <= 4; i++ {
		mouse("mouseMoved", from+(to-from)*float64(i)/4)
	}
	mouse("mouseReleased", to)
}

func (b *browser) key(name string) {
	for _, kind := range []string{"keyDown", "keyUp"} {
		b.call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": name, "code": name, "windowsVirtualKeyCode": map[string]int{"ArrowLeft": 37, "ArrowRight": 39}[name]})
	}
}

// picture keeps what is to be seen where PARALLAX_PICTURES says, if it says so.
func (b *browser) picture(name string) {
	dir := os.Getenv("PARALLAX_PICTURES")
	if dir == "" {
		return
	}
	shot := b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true})
	data, err := base64.StdEncoding.DecodeString(shot["data"].(string))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), data, 0o600)
	}
	if err != nil {
		b.t.Error(err)
	}
}

// report writes the page of a small comparison.
func report(t *testing.T) (r *Report, file string) {
	t.Helper()
	r = small(t, func(o *Options) { o.Seeds = 1 })
	file = filepath.Join(t.TempDir(), "report.html")
	f, err := os.Create(file)
	if err == nil {
		err = r.WriteHTML(f, "parallax compare job.yaml", nil, Built{Go: "go"})
	}
	if err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	return r, file
}

// TestBrowser opens the report as a reader would, drags the delay, and checks what is
// shown against the frontier.
func TestBrowser(t *testing.T) {
	r, file := report(t)
	b := open(t, file)
	text := func(id string) string { return b.eval(fmt.Sprintf(`document.getElementById(%q).textContent`, id)) }
	if s := b.eval(`document.querySelector("[role=status]").textContent`); !strings.Contains(s, "Every answer is right") || !strings.Contains(s, "parallax compare job.yaml") {
		t.Errorf("verdict: %s", s)
	}
	if s := text("delay-out"); s != "1s" {
		t.Errorf("at first the delay is %s, the job's is 1s", s)
	}
	dots := func() string {
		return b.eval(`[...document.querySelectorAll("#dots path")].map(e => e.getAttribute("class")).sort().join()`)
	}
	b.eval(`document.querySelector("[data-zoom='0']").click()`)
	if s := dots(); s != "dot,dot,dot,dot,dot,dot,dot dropped,dot dropped" {
		t.Errorf("with 1s rows are %s", s)
	}
	b.picture("first")
	b.drag("delay", 0.5, 0.999)
	points := r.Frontier.Curves[0].Points
	if s := text("delay-out"); s != "7s" { // 7.001 s
		t.Errorf("dragged to the end the delay is %s, of %d points", s, len(points))
	}
	if s := dots(); s != "dot,dot,dot,dot,dot,dot,dot,dot" {
		t.Errorf("with 7.001s rows are %s", s)
	}
	if s := text("tiles"); !strings.Contains(s, "100.000 %counted in the end") {
		t.Errorf("tiles: %s", s)
	}
	b.drag("delay", 0.5, 0.001)
	if s := dots(); !strings.Contains(s, "dropped,dot dropped") {
		t.Errorf("with 0s rows are %s", s)
	}
	b.picture("dragged")
}

// TestBrowserTime: the reader steps through time by keyboard and buttons, and zooms.
func TestBrowserTime(t *testing.T) {
	r, file := report(t)
	b := open(t, file)
	text := func(id string) string { return b.eval(fmt.Sprintf(`document.getElementById(%q).textContent`, id)) }
	// The answers at the end, and before there are any.
	seen := func() string { return text("seen") }
	if s := seen(); !strings.Contains(s, "/cart, 00:00:00 – 00:00:05≠ 1 · 1, 302 · 2, 702 of 2") {
		t.Errorf("answers: %s", s)
	}
	b.eval(`document.getElementById("time").focus()`)
	for range 20 {
		b.key("ArrowLeft")
	}
	if s := seen(); !strings.Contains(s, "/cart, 00:00:00 – 00:00:05–2 · 2, 700 of 2") {
		t.Errorf("answers at the beginning: %s", s)
	}
	at := text("time-out")
	b.key("ArrowRight")
	if text("time-out") == at {
		t.Error("the key for the next event does not move the cursor")
	}
	b.eval(`document.querySelector("[data-step='-1']").click()`)
	if s := text("time-out"); s != at {
		t.Errorf("a step on and a step back are %s and %s", at, s)
	}
	b.eval(`document.querySelector("[data-zoom='0']").click()`)
	wide := b.eval(`document.querySelectorAll("#dots path").length`)
	b.eval(`document.querySelector("[data-zoom='0.5']").click()`)
	if near := b.eval(`document.querySelectorAll("#dots path").length`); near == wide {
		t.Errorf("closer to them there are as many rows: %s", near)
	}
	drawn := 0 // with 7.001 s no window fires before the input ends
	for i := range r.Lines {
		if !math.IsNaN(r.mean(&r.Lines[i], "result_p99_ms")) {
			drawn++
		}
	}
	if n := b.eval(`document.querySelectorAll("#pareto .point[tabindex]").length`); n != fmt.Sprint(drawn) || drawn != 4 {
		t.Errorf("%s runs are drawn, there are %d", n, drawn)
	}
	if n := b.eval(`performance.getEntriesByType("resource").length`); n != "0" {
		t.Errorf("the page loads %s other things", n)
	}
	b.picture("last")
}
