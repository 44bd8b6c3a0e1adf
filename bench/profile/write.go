package profile

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"parallax/engine/flow/column"
)

// Write prints the comparison for reading.
func (c *Comparison) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "profile\trows\trows dropped\tpairs dropped\tit counts\toptions")
	for _, a := range c.Answers {
		options := strings.Join(a.Options, " ")
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%s\n", a.Profile, a.Rows, a.RowsDropped, a.PairsDropped, a.Dropped, options)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(c.Rows) == 0 {
		_, err := fmt.Fprintln(w, "\nthey agree on every row")
		return err
	}
	t = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\n%s", strings.Join(c.Columns, "\t"))
	for _, a := range c.Answers {
		fmt.Fprintf(t, "\t%s", a.Profile)
	}
	fmt.Fprintln(t, "\twhy")
	for _, r := range c.Rows {
		fmt.Fprint(t, strings.Join(texts(r.ID), "\t"))
		for _, values := range r.Values {
			fmt.Fprintf(t, "\t%s", c.cell(values))
		}
		reasons := make([]string, len(r.Why))
		for i, why := range r.Why {
			reasons[i] = why.String()
		}
		fmt.Fprintf(t, "\t%s\n", strings.Join(reasons, "; "))
	}
	return t.Flush()
}

// String says which option it is.
func (r Reason) String() string {
	s := fmt.Sprintf("%s: %s or %s", r.Option, r.From, r.To)
	if !r.Alone {
		s += ", with others"
	}
	return s
}

func texts(values []column.Value) []string {
	out := make([]string, len(values))
	for i, v := range values {
		if out[i] = v.Text(); v.Null {
			out[i] = "null"
		}
	}
	return out
}

// cell is a profile's values of a row.
func (c *Comparison) cell(values []column.Value) string {
	if values == nil {
		return "-"
	}
	if len(values) == 0 {
		return "there"
	}
	parts := texts(values)
	for i := range parts {
		parts[i] = c.Values[i] + "=" + parts[i]
	}
	return strings.Join(parts, " ")
}

// WriteJSON prints the comparison as JSON Lines: one for each profile, then one for
// each row. Values are texts, as CSV has them; null is null.
func (c *Comparison) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	const schema = "parallax.profiles/v1"
	for _, a := range c.Answers {
		line := struct {
			Schema       string   `json:"schema"`
			Profile      string   `json:"profile"`
			Options      []string `json:"options"`
			Rows         int      `json:"rows"`
			RowsDropped  int64    `json:"rows_dropped"`
			PairsDropped int64    `json:"pairs_dropped"`
			Dropped      int64    `json:"dropped"`
		}{schema, a.Profile, a.Options, a.Rows, a.RowsDropped, a.PairsDropped, a.Dropped}
		if err := e.Encode(line); err != nil {
			return err
		}
	}
	for _, r := range c.Rows {
		type reason struct {
			Option string `json:"option"`
			From   string `json:"from"`
			To     string `json:"to"`
			Alone  bool   `json:"alone"`
		}
		line := struct {
			Schema string                        `json:"schema"`
			Row    map[string]*string            `json:"row"`
			Values map[string]map[string]*string `json:"values"`
			Why    []reason                      `json:"why"`
		}{schema, named(c.Columns, r.ID), map[string]map[string]*string{}, []reason{}}
		for i, values := range r.Values {
			line.Values[c.Answers[i].Profile] = named(c.Values, values)
		}
		for _, why := range r.Why {
			line.Why = append(line.Why, reason(why))
		}
		if err := e.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// named is values by column; nil for no row.
func named(names []string, values []column.Value) map[string]*string {
	if values == nil {
		return nil
	}
	out := map[string]*string{}
	for i, v := range values {
		out[names[i]] = nil
		if !v.Null {
			text := v.Text()
			out[names[i]] = &text
		}
	}
	return out
}
