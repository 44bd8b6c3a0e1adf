package notebooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// The JSON of a notebook, format 4.5, as far as it is used here.
type (
	notebook struct {
		Cells    []any          `json:"cells"`
		Metadata map[string]any `json:"metadata"`
		Format   int            `json:"nbformat"`
		Minor    int            `json:"nbformat_minor"`
	}
	markdownCell struct {
		Type     string         `json:"cell_type"`
		ID       string         `json:"id"`
		Metadata map[string]any `json:"metadata"`
		Source   []string       `json:"source"`
	}
	codeCell struct {
		Type     string         `json:"cell_type"`
		Count    int            `json:"execution_count"`
		ID       string         `json:"id"`
		Metadata map[string]any `json:"metadata"`
		Outputs  []any          `json:"outputs"`
		Source   []string       `json:"source"`
	}
	stream struct {
		Name string   `json:"name"`
		Type string   `json:"output_type"`
		Text []string `json:"text"`
	}
	display struct {
		Data     map[string][]string `json:"data"`
		Metadata map[string]any      `json:"metadata"`
		Type     string              `json:"output_type"`
	}
)

// gonb is the version of the kernel and of the library that shows pictures.
const gonb = "v0.11.1"

// setup is the first cell of code. The lines with an exclamation mark are commands:
// they tie the kernel's own module to the one that the notebook lies in.
func setup(imports string) string {
	return `!*go mod edit -require=parallax@v0.0.0 -replace=parallax="${GONB_DIR}/.." && cp "${GONB_DIR}/../go.sum" . && go get github.com/janpfeifer/gonb@` + gonb + ` parallax/notebooks/lesson 2>/dev/null
` + strings.TrimSuffix(imports, ")") + `
	"github.com/janpfeifer/gonb/gonbui"
)

func init_show() {
	lesson.Show = func(svg string) { gonbui.DisplaySVG(svg) }
}`
}

// render is a lesson as a notebook, each cell with what it printed and drew.
func render(name, source string, mains map[string]func()) ([]byte, error) {
	imports, cells, err := split(name, source)
	if err != nil {
		return nil, err
	}
	n := notebook{
		Format: 4, Minor: 5,
		Metadata: map[string]any{
			"kernelspec":    map[string]any{"display_name": "Go (gonb)", "language": "go", "name": "gonb"},
			"language_info": map[string]any{"file_extension": ".go", "mimetype": "text/x-go", "name": "go"},
		},
	}
	count := 0
	code := func(text string, metadata map[string]any, outputs []any) {
		count++
		n.Cells = append(n.Cells, codeCell{"code", count, fmt.Sprintf("code-%d", count), metadata, outputs, lines(text)})
	}
	for i := range cells {
		c := &cells[i]
		if c.prose {
			n.Cells = append(n.Cells, markdownCell{"markdown", fmt.Sprintf("prose-%d", i), map[string]any{}, lines(c.text)})
			if i == 0 {
				code(setup(imports), map[string]any{}, []any{})
			}
			continue
		}
		outputs := []any{}
		if c.main != "" {
			main := mains[c.main]
			if main == nil {
				return nil, fmt.Errorf("notebooks: %s: Cells does not know %s", name, c.main)
			}
			if outputs, err = run(main); err != nil {
				return nil, err
			}
		}
		metadata := map[string]any{}
		if c.solution {
			metadata["jupyter"], metadata["tags"] = map[string]any{"source_hidden": true}, []string{"solution"}
		}
		code(c.code(), metadata, outputs)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err = e.Encode(n)
	return b.Bytes(), err
}

// lines is a text as notebooks have it: each line with its end.
func lines(text string) []string { return strings.SplitAfter(text, "\n") }
