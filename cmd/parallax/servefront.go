package main

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/scenarios"
	"parallax/scenarios/dataset"
	"parallax/scenarios/source"
	"parallax/serving"
	"parallax/serving/layered"
)

// topRowsMax is over how many rows /v1/top looks at the most.
const topRowsMax = 1 << 20

// arrowType is the media type of an Arrow stream.
const arrowType = "application/vnd.apache.arrow.stream"

// teller is a server of both layers, or stands for several. It is asked by one at a time.
type teller interface {
	Answer(*layered.Ask) (layered.Told, error)
}

// front answers over HTTP what a server of both layers knows.
type front struct {
	plan   *flow.Plan
	from   teller
	rows   int // the most of an answer
	places chan struct{}
	asking sync.Mutex // the server is asked by one at a time
	keys   []column.Field
	mux    *http.ServeMux
}

func newFront(plan *flow.Plan, from teller, rows, requests int) *front {
	f := &front{plan: plan, from: from, rows: rows, places: make(chan struct{}, requests), mux: http.NewServeMux()}
	last := plan.Last()
	for _, k := range last.Keys {
		f.keys = append(f.keys, last.Schema[k])
	}
	for name, answer := range map[string]func(*question) (*reply, error){
		"point": f.point, "range": f.span, "top": f.top, "scan": f.scan,
	} {
		f.mux.HandleFunc("GET /v1/"+name, func(w http.ResponseWriter, r *http.Request) { f.serve(w, r, answer) })
	}
	f.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		code := http.StatusNotFound
		if strings.HasPrefix(r.URL.Path, "/v1/") && r.Method != http.MethodGet {
			code = http.StatusMethodNotAllowed
			w.Header().Set("Allow", http.MethodGet)
		}
		refuse(w, code, &badQuestion{What: r.Method + " " + r.URL.Path + " is no question", Cure: "GET /v1/point, /v1/range, /v1/top or /v1/scan"})
	})
	return f
}

// ServeHTTP answers one request.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case f.places <- struct{}{}:
		defer func() { <-f.places }()
		f.mux.ServeHTTP(w, r)
	default:
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusServiceUnavailable, &badQuestion{What: fmt.Sprintf("%d questions are being answered already", cap(f.places)), Cure: "come again in a second"})
	}
}

// badQuestion is what is wrong with a question.
type badQuestion struct {
	What      string `json:"error"`
	Parameter string `json:"parameter,omitempty"`
	Cure      string `json:"cure,omitempty"`

	status int // of HTTP; 0 is a bad request
}

// Error says it in one line.
func (m *badQuestion) Error() string { return m.Parameter + ": " + m.What + "; " + m.Cure }

func refuse(w http.ResponseWriter, code int, m *badQuestion) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = writeJSONLine(w, m) // who has gone away needs no answer
}

// reply is an answer: what it says of itself, and its rows.
type reply struct {
	Schema       string        `json:"schema"`
	View         uint64        `json:"view"`
	Cut          []dataset.Cut `json:"cut"`
	BatchCut     []dataset.Cut `json:"batch_cut"`
	Watermark    *int64        `json:"watermark_us"` // null before the first row, and when the input has ended
	Ended        bool          `json:"ended"`
	Staleness    *int64        `json:"staleness_ns"` // null where no log is behind the view
	Completeness float64       `json:"completeness"`
	Counted      int64         `json:"pairs_counted"`
	Missing      int64         `json:"pairs_missing"`
	Late         string        `json:"late"`
	Code         string        `json:"code"`
	Next         string        `json:"next,omitempty"`

	table *scenarios.Table
}

func (f *front) serve(w http.ResponseWriter, r *http.Request, answer func(*question) (*reply, error)) {
	q := &question{values: r.URL.Query(), used: map[string]bool{}, keys: f.keys, rows: f.rows}
	out, err := answer(q)
	if err == nil {
		err = q.rest()
	}
	if m, ok := err.(*badQuestion); ok {
		refuse(w, cmp.Or(m.status, http.StatusBadRequest), m)
		return
	}
	var body bytes.Buffer
	kind := "application/json"
	if err == nil && strings.Contains(r.Header.Get("Accept"), arrowType) {
		kind = arrowType
		err = writeArrow(&body, out)
	} else if err == nil {
		err = out.writeJSON(&body)
	}
	if err != nil {
		refuse(w, http.StatusInternalServerError, &badQuestion{What: err.Error(), Cure: "this is a mistake of parallax"})
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Vary", "Accept")
	_, _ = w.Write(body.Bytes()) // who has gone away needs no answer
}

// writeJSON prints a reply as one object, with the rows last.
func (r *reply) writeJSON(w *bytes.Buffer) error {
	head, err := json.Marshal(r)
	if err != nil {
		return err
	}
	var rows bytes.Buffer
	if err := r.table.Write(&rows, source.JSONL); err != nil {
		return err
	}
	lines := bytes.ReplaceAll(bytes.TrimSuffix(rows.Bytes(), []byte("\n")), []byte("\n"), []byte(",\n"))
	w.Write(head[:len(head)-1])
	w.WriteString(",\"rows\":[")
	w.Write(lines)
	w.WriteString("]}\n")
	return nil
}

// ask asks the server once, or until there is nothing more up to so many rows; more is
// where it then goes on. All pages are of one view and cut: where the server has moved in
// between, it begins anew.
func (f *front) ask(query serving.Query, most int) (*reply, error) {
	f.asking.Lock()
	defer f.asking.Unlock()
	const tries = 4
	for range tries {
		out, rows, err := f.pages(query, most)
		if err != nil {
			return nil, err
		}
		if out == nil {
			continue
		}
		if out.table, err = scenarios.Answer(f.plan, rows); err != nil {
			return nil, err
		}
		return out, nil
	}
	return nil, &badQuestion{
		What: fmt.Sprintf("the answers have moved %d times while they were read", tries), Cure: "narrow it with from and to, or come again",
		status: http.StatusServiceUnavailable,
	}
}

// pages asks page by page; there is no reply if they are not of one view and cut.
func (f *front) pages(query serving.Query, most int) (*reply, []serving.Result, error) {
	var rows []serving.Result
	out := &reply{Schema: "parallax.answer/v1"}
	for first := (*layered.Told)(nil); ; {
		query.Limit = int32(min(most-len(rows), serving.QueryRowsMax))
		told, err := f.from.Answer(&layered.Ask{Query: query})
		if err != nil {
			return nil, nil, err
		}
		if first == nil {
			first = &told
		}
		if told.View != first.View || !slices.Equal(told.Cut, first.Cut) {
			return nil, nil, nil
		}
		rows = append(rows, told.Rows...)
		out.take(&told)
		if query.After = told.Next; len(told.Next) == 0 || len(rows) == most {
			break
		}
	}
	out.Next = base64.RawURLEncoding.EncodeToString(query.After)
	out.Completeness = 1
	if all := out.Counted + out.Missing; all > 0 {
		out.Completeness = float64(out.Counted) / float64(all)
	}
	return out, rows, nil
}

// take notes what a page says of itself; all pages say the same.
func (r *reply) take(told *layered.Told) {
	r.View, r.Cut, r.BatchCut = told.View, dataset.Cuts(told.Cut), dataset.Cuts(told.BatchCut)
	r.Staleness, r.Code, r.Late = nil, told.Code, "same"
	if told.Staleness >= 0 {
		r.Staleness = &told.Staleness
	}
	if told.Complete {
		r.Late = "complete"
	}
	// At the end of the input a watermark is past every time there is, less the delay.
	r.Ended = hasEnded(told.Cut)
	if !r.Ended && told.Watermark != column.NoFrontier {
		r.Watermark = &told.Watermark
	}
	r.Counted, r.Missing = r.Counted+told.Counted, r.Missing+told.Missing
}

// everything is a query for all rows.
func everything() serving.Query { return serving.Query{From: math.MinInt64, To: math.MaxInt64} }

// hasEnded tells whether a cut has everything of every partition.
func hasEnded(cut []protocol.Cut) bool {
	return len(cut) > 0 && !slices.ContainsFunc(cut, func(c protocol.Cut) bool { return c.Frontier != math.MaxInt64 })
}

func (f *front) point(q *question) (*reply, error) {
	query := everything()
	query.Point, query.Key = true, q.key(true)
	if start, ok := q.moment("start"); ok {
		query.From, query.To = start, start+1
	}
	return f.page(q, query)
}

func (f *front) span(q *question) (*reply, error) {
	query := q.span()
	if key := q.key(false); key != nil {
		query.Point, query.Key = true, key
	}
	return f.page(q, query)
}

func (f *front) scan(q *question) (*reply, error) { return f.page(q, everything()) }

// page answers a query from behind the page before.
func (f *front) page(q *question, query serving.Query) (*reply, error) {
	query.After = q.after()
	most := q.count("limit", f.rows, f.rows)
	if err := q.rest(); err != nil {
		return nil, err
	}
	return f.ask(query, most)
}

func (f *front) top(q *question) (*reply, error) {
	query, by, k := q.span(), q.text("by"), q.count("k", min(10, f.rows), f.rows)
	names := f.plan.Last().Finished.Names()
	if by == "" {
		q.wrong("by", "it is missing", "name a column of "+strings.Join(names, ", "))
	}
	if err := q.rest(); err != nil {
		return nil, err
	}
	out, err := f.ask(query, topRowsMax)
	if err != nil {
		return nil, err
	}
	if out.Next != "" {
		return nil, &badQuestion{Parameter: "from", What: fmt.Sprintf("there are more than %d rows", topRowsMax), Cure: "narrow it with from and to"}
	}
	all := out.table
	if out.table = all.Top(by, k); out.table == nil {
		return nil, &badQuestion{Parameter: "by", What: fmt.Sprintf("there is no column %q", by), Cure: "name one of " + strings.Join(all.Schema.Names(), ", ")}
	}
	return out, nil
}

// question reads the parameters of a request. The first mistake is kept.
type question struct {
	values url.Values
	used   map[string]bool
	keys   []column.Field
	rows   int
	first  *badQuestion
}

func (q *question) wrong(name, what, cure string) {
	if q.first == nil {
		q.first = &badQuestion{Parameter: name, What: what, Cure: cure}
	}
}

// rest is the first mistake, of which one may be a parameter that nobody has read.
func (q *question) rest() error {
	for name := range q.values {
		if !q.used[name] && q.first == nil {
			known := []string{}
			for k := range q.used {
				known = append(known, k)
			}
			slices.Sort(known)
			q.wrong(name, "there is no such parameter", "use "+strings.Join(known, ", "))
		}
	}
	if q.first != nil {
		return q.first
	}
	return nil
}

func (q *question) text(name string) string {
	q.used[name] = true
	if n := len(q.values[name]); n > 1 {
		q.wrong(name, fmt.Sprintf("it is given %d times", n), "give it once")
	}
	return q.values.Get(name)
}

// moment is a time in µs; ok is false without one.
func (q *question) moment(name string) (us int64, ok bool) {
	text := q.text(name)
	if text == "" {
		return 0, false
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil && ms > math.MinInt64/1000 && ms < math.MaxInt64/1000 {
		return ms * 1000, true
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		q.wrong(name, fmt.Sprintf("%q is no time", text), "milliseconds since 1970, or RFC 3339 as in 2024-05-06T07:08:09Z")
	}
	return t.UnixMicro(), true
}

// span is a query for windows that begin in [from, to).
func (q *question) span() serving.Query {
	query := everything()
	if from, ok := q.moment("from"); ok {
		query.From = from
	}
	if to, ok := q.moment("to"); ok {
		query.To = to
	}
	if query.From > query.To {
		q.wrong("to", "it lies before from", "give the earlier time as from")
	}
	return query
}

func (q *question) count(name string, otherwise, most int) int {
	text := q.text(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		q.wrong(name, fmt.Sprintf("%q is not a number from 1 to %d", text, most), "ask for fewer rows, page by page")
	}
	return n
}

func (q *question) after() []byte {
	text := q.text("after")
	b, err := base64.RawURLEncoding.DecodeString(text)
	if _, ok := layered.DecodePlace(b); err != nil || text != "" && !ok {
		q.wrong("after", fmt.Sprintf("%q is no place", text), "give the next of the answer before, unchanged")
	}
	return b
}

// key is the group key, encoded; nil if it is not given and need not be.
func (q *question) key(needed bool) []byte {
	q.used["key"] = true
	given := q.values["key"]
	if len(given) == 0 && !needed {
		return nil
	}
	names := make([]string, len(q.keys))
	for i := range q.keys {
		names[i] = q.keys[i].Name
	}
	if len(given) != len(q.keys) {
		q.wrong("key", fmt.Sprintf("it is given %d times and the group key has %d columns", len(given), len(q.keys)),
			"give it once for each of "+strings.Join(names, ", ")+", in this order")
		return nil
	}
	values := make([]column.Value, len(given))
	for i, text := range given {
		v, ok := parseValue(text, q.keys[i].Type)
		if !ok {
			q.wrong("key", fmt.Sprintf("%q is no %s, which %s is", text, q.keys[i].Type, names[i]), `give a value of that type, or \N for a null`)
		}
		values[i] = v
	}
	return serving.AppendKey([]byte{}, values...)
}

// parseValue reads a value of a type.
func parseValue(text string, t column.Type) (v column.Value, ok bool) {
	v.Type = t
	if text == `\N` {
		v.Null = true
		return v, true
	}
	var err error
	switch t.Kind {
	case column.Bool:
		v.Bool, err = strconv.ParseBool(text)
	case column.Int64, column.Timestamp:
		v.Int, err = strconv.ParseInt(text, 10, 64)
	case column.Float64:
		v.Float, err = strconv.ParseFloat(text, 64)
	case column.Decimal128:
		v.Decimal, err = column.ParseDecimal(text, t)
	case column.String:
		v.String = text
	}
	return v, err == nil
}
