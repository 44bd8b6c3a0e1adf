package notebooks

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// cell is one cell of a notebook.
type cell struct {
	prose    bool
	text     string // Markdown; or declarations
	main     string // the name of its main, "" if it has none
	body     string // of that
	solution bool
}

// piece is a top-level part of a lesson's file.
type piece struct {
	from, to int
	prose    bool
	main     *ast.FuncDecl
}

// split takes a lesson apart: its imports, and its cells.
func split(name, source string) (imports string, cells []cell, err error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return "", nil, fmt.Errorf("notebooks: %w", err)
	}
	at := func(p token.Pos) int { return fset.Position(p).Offset }
	var pieces []piece
	for _, d := range file.Decls {
		p := piece{from: at(d.Pos()), to: at(d.End())}
		switch d := d.(type) {
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				imports = source[p.from:p.to]
				continue
			}
			if d.Doc != nil {
				p.from = at(d.Doc.Pos())
			}
		case *ast.FuncDecl:
			if d.Recv == nil && d.Type.Params.NumFields() == 0 && d.Type.Results.NumFields() == 0 {
				p.main = d
			} else if d.Doc != nil {
				p.from = at(d.Doc.Pos())
			}
		}
		pieces = append(pieces, p)
	}
	for _, c := range file.Comments {
		if strings.HasPrefix(c.List[0].Text, "/*") && fset.Position(c.Pos()).Column == 1 {
			pieces = append(pieces, piece{from: at(c.Pos()), to: at(c.End()), prose: true})
		}
	}
	slices.SortFunc(pieces, func(a, b piece) int { return cmp.Compare(a.from, b.from) })
	for i := range pieces {
		if cells, err = extend(cells, &pieces[i], source, at); err != nil {
			return "", nil, fmt.Errorf("notebooks: %s: %w", name, err)
		}
	}
	return imports, cells, nil
}

// extend adds a piece: prose is a cell of its own, code joins the code before it.
func extend(cells []cell, p *piece, source string, at func(token.Pos) int) ([]cell, error) {
	text := source[p.from:p.to]
	if p.prose {
		return append(cells, cell{prose: true, text: strings.TrimSpace(text[2 : len(text)-2])}), nil
	}
	if n := len(cells); n == 0 || cells[n-1].prose {
		solution := n > 0 && strings.Contains(cells[n-1].text, "## Exercise")
		cells = append(cells, cell{solution: solution})
	}
	c := &cells[len(cells)-1]
	if c.main != "" {
		return nil, fmt.Errorf("something follows the main %s in its cell", c.main)
	}
	if p.main != nil {
		c.main = p.main.Name.Name
		c.body = dedent(source[at(p.main.Body.Lbrace)+1 : at(p.main.Body.Rbrace)])
		return cells, nil
	}
	if c.text != "" {
		c.text += "\n\n"
	}
	c.text += text
	return cells, nil
}

// dedent takes a tab from each line.
func dedent(body string) string {
	lines := strings.Split(strings.Trim(body, "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "\t")
	}
	return strings.Join(lines, "\n")
}

// code is what the notebook's cell says.
func (c *cell) code() string {
	switch {
	case c.main == "":
		return c.text
	case c.text == "":
		return "%%\n" + c.body
	}
	return c.text + "\n\n%%\n" + c.body
}
