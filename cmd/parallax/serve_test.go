package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"parallax/scenarios"
	"parallax/scenarios/dataset"
)

// answered is an answer as a client reads it.
type answered struct {
	reply
	Rows []map[string]any `json:"rows"`
	badQuestion
}

// fronted is a front over the clicks, folded every two seconds.
func fronted(t *testing.T, rows, requests int) *front {
	t.Helper()
	folder(t)
	job, err := scenarios.Load("clicks.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	layers, err := dataset.Run(job, dataset.Options{Batch: scenarios.Batch{Every: 2_000_000, Same: true}, Code: "v7"})
	if err != nil {
		t.Fatal(err)
	}
	return newFront(layers.Plan, layers.Server(), rows, requests)
}

// askFront asks a front.
func askFront(h http.Handler, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	return w
}

// asked asks a front and reads its answer.
func asked(t *testing.T, h http.Handler, target string, status int) (a answered) {
	t.Helper()
	w := askFront(h, target)
	if w.Code != status {
		t.Fatalf("%s: status %d, want %d: %s", target, w.Code, status, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%s: %v: %s", target, err, w.Body)
	}
	return a
}

// said is the rows of an answer in a line.
func said(a answered) string {
	var list []string
	for _, r := range a.Rows {
		b, _ := json.Marshal([]any{r["user"], r["window_start_ms"], r["clicks"], r["total_ms"]})
		list = append(list, string(b))
	}
	return strings.Join(list, " ")
}

// TestVectorServe: each kind of question has the rows that the command results prints, and
// an answer says what it is of.
func TestVectorServe(t *testing.T) {
	f := fronted(t, 100, 4)
	const all = `["ann",0,2,42] ["ann",10000,1,5] ["bob",0,1,7] ["bob",5000,1,1]`
	for target, want := range map[string]string{
		"/v1/scan":                      all,
		"/v1/point?key=ann":             `["ann",0,2,42] ["ann",10000,1,5]`,
		"/v1/point?key=ann&start=10000": `["ann",10000,1,5]`,
		"/v1/point?key=ann&start=1970-01-01T00:00:00Z": `["ann",0,2,42]`,
		"/v1/point?key=zoe":                            ``,
		`/v1/point?key=%5CN`:                           ``,
		"/v1/range?from=5000":                          `["ann",10000,1,5] ["bob",5000,1,1]`,
		"/v1/range?from=0&to=5000&key=bob":             `["bob",0,1,7]`,
		"/v1/top?by=total_ms&k=2":                      `["ann",0,2,42] ["bob",0,1,7]`,
		"/v1/top?by=clicks&k=1&from=5000":              `["ann",10000,1,5]`,
	} {
		if got := said(asked(t, f, target, http.StatusOK)); got != want {
			t.Errorf("%s: %s, want %s", target, got, want)
		}
	}
	a := asked(t, f, "/v1/scan", http.StatusOK)
	if a.Schema != "parallax.answer/v1" || a.View == 0 || a.Code != "v7" || a.Late != "same" || !a.Ended || len(a.Cut) != 1 || len(a.BatchCut) != 1 ||
		a.Staleness == nil || a.Counted != 5 || a.Missing != 1 || a.Completeness < 0.83 || a.Completeness > 0.84 {
		t.Errorf("the answer says of itself %+v", a.reply)
	}
}

// TestVectorServePages: pages come to what one answer has, and each is no longer than asked.
func TestVectorServePages(t *testing.T) {
	f := fronted(t, 3, 4)
	got, next := map[string]bool{}, ""
	for pages := 0; ; pages++ {
		a := asked(t, f, "/v1/scan?limit=1&after="+url.QueryEscape(next), http.StatusOK)
		if len(a.Rows) != 1 || pages > 4 || got[said(a)] {
			t.Fatalf("page %d: %+v behind %v", pages, a, got)
		}
		got[said(a)] = true
		if next = a.Next; next == "" {
			break
		}
	}
	if len(got) != 4 {
		t.Errorf("%d rows on all pages, want 4", len(got))
	}
	if a := asked(t, f, "/v1/scan", http.StatusOK); len(a.Rows) != 3 || a.Next == "" {
		t.Errorf("%d rows where 3 are the limit", len(a.Rows))
	}
}

// TestVectorServeMistakes: what cannot be answered is refused with the parameter and the
// cure.
func TestVectorServeMistakes(t *testing.T) {
	f := fronted(t, 3, 1)
	for target, want := range map[string][2]string{
		"/v1/point":                    {"key", "give it once for each of user"},
		"/v1/point?key=ann&key=bob":    {"key", "give it once for each of user"},
		"/v1/point?key=ann&start=soon": {"start", "RFC 3339"},
		"/v1/range?from=2&to=1":        {"to", "the earlier time as from"},
		"/v1/range?form=2":             {"form", "use after, from, key, limit, to"},
		"/v1/scan?limit=4":             {"limit", "page by page"},
		"/v1/scan?limit=1&limit=2":     {"limit", "give it once"},
		"/v1/scan?after=xyz":           {"after", "unchanged"},
		"/v1/top":                      {"by", "name a column of user"},
		"/v1/top?by=click":             {"by", "name one of user"},
		"/v1/top?by=clicks&k=0":        {"k", "fewer"},
	} {
		a := asked(t, f, target, http.StatusBadRequest)
		if a.Parameter != want[0] || !strings.Contains(a.Cure, want[1]) {
			t.Errorf("%s: %+v, want %q", target, a.badQuestion, want)
		}
	}
	asked(t, f, "/v2/scan", http.StatusNotFound)
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/scan", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != http.MethodGet {
		t.Errorf("POST: status %d, %v", w.Code, w.Header())
	}
	f.places <- struct{}{} // somebody asks and is not done
	if a := asked(t, f, "/v1/scan", http.StatusServiceUnavailable); !strings.Contains(a.Cure, "come again") {
		t.Errorf("a second question at once: %+v", a.badQuestion)
	}
	<-f.places
	asked(t, f, "/v1/scan", http.StatusOK)
}

// TestDifferentialServeArrow: an Arrow stream has the rows of the JSON answer, and says the
// same of itself.
func TestDifferentialServeArrow(t *testing.T) {
	f := fronted(t, 100, 4)
	want := asked(t, f, "/v1/scan", http.StatusOK)
	r := httptest.NewRequest(http.MethodGet, "/v1/scan", nil)
	r.Header.Set("Accept", arrowType)
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != arrowType {
		t.Fatalf("status %d, %v", w.Code, w.Header())
	}
	stream, err := ipc.NewReader(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Release()
	var head reply
	meta := stream.Schema().Metadata()
	if text, ok := meta.GetValue("parallax"); !ok || json.Unmarshal([]byte(text), &head) != nil || head.View != want.View || head.Code != want.Code {
		t.Errorf("the stream says %v of itself", meta)
	}
	var lines []string
	for stream.Next() {
		b := stream.RecordBatch()
		for row := range int(b.NumRows()) {
			line, _ := json.Marshal([]any{
				b.Column(0).(*array.String).Value(row), b.Column(1).(*array.Int64).Value(row),
				b.Column(3).(*array.Int64).Value(row), b.Column(4).(*array.Int64).Value(row),
			})
			lines = append(lines, string(line))
		}
	}
	if got := strings.Join(lines, " "); stream.Err() != nil || got != said(want) {
		t.Errorf("%v: %s, want %s", stream.Err(), got, said(want))
	}
}

// TestVectorServeCommand: the command answers on this machine until it is interrupted, and
// then ends well.
func TestVectorServeCommand(t *testing.T) {
	folder(t)
	// Should the signal come when the command is not listening for it, it ends no test.
	spare := make(chan os.Signal, 1)
	signal.Notify(spare, syscall.SIGINT)
	defer signal.Stop(spare)
	out, code := make(told, 1), make(chan int, 1)
	var stderr bytes.Buffer
	go func() { code <- run([]string{"serve", "clicks.yaml", "--addr", "127.0.0.1:0", "-q"}, out, &stderr) }()
	var address string
	select {
	case address = <-out:
	case c := <-code:
		t.Fatalf("exit code %d: %s", c, &stderr)
	}
	response, err := http.Get(strings.TrimSpace(address))
	if err != nil {
		t.Fatal(err)
	}
	var a answered
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil || len(a.Rows) != 4 {
		t.Errorf("%v: %+v", err, a)
	}
	response.Body.Close()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if c := <-code; c != exitPass {
		t.Errorf("exit code %d: %s", c, &stderr)
	}
	if _, err := http.Get(strings.TrimSpace(address)); err == nil {
		t.Error("it still answers")
	}
}

// told hands over what is written.
type told chan string

func (c told) Write(b []byte) (int, error) {
	c <- string(b)
	return len(b), nil
}

// TestVectorServeRefused: what cannot be served is refused before anything runs.
func TestVectorServeRefused(t *testing.T) {
	folder(t)
	for want, args := range map[string][]string{
		"use 127.0.0.1, or --exposed": {"--addr", "0.0.0.0:0"},
		"is not HOST:PORT":            {"--addr", "here"},
		"--rows-max 0 is not in":      {"--rows-max", "0"},
		"--requests-max 0":            {"--requests-max", "0"},
		"use late=same":               {"--batch", "late=complete", "--set", "pipeline.1.window={session: 2s}"},
		`--batch: "late=never"`:       {"--batch", "late=never"},
	} {
		if transcript, code := command(append([]string{"serve", "clicks.yaml"}, args...)...); code != exitInvalid || !strings.Contains(transcript, want) {
			t.Errorf("want exit 2 and %q:\n%s", want, transcript)
		}
	}
}
