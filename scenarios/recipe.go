package scenarios

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/serving"
)

// RecipeFile is the name of a recipe in a folder.
const RecipeFile = "job.json"

// recipeFormat is the only format there is.
const recipeFormat = "parallax.recipe/v1"

// Recipe is what it takes to understand what a job's batch layer has left, wherever the
// job's file and its data are by now. It lies beside that.
type Recipe struct {
	Format     string      `json:"schema"`
	Name       string      `json:"name"`
	Text       string      `json:"job"` // the job file's content
	Sets       []string    `json:"sets,omitempty"`
	Partitions int         `json:"partitions"`
	Columns    [][2]string `json:"columns"` // of the log: name and type
	Late       string      `json:"late"`    // what the batch layer does about late rows
}

// Recipe is that of a job whose log has so many partitions and such columns.
func (j *Job) Recipe(schema column.Schema, partitions int, b Batch) *Recipe {
	r := &Recipe{Format: recipeFormat, Name: j.Name, Text: j.text, Sets: j.sets, Partitions: partitions, Late: b.late()}
	for _, f := range schema {
		r.Columns = append(r.Columns, [2]string{f.Name, f.Type.String()})
	}
	return r
}

// Complete tells whether the batch layer counts what was dropped.
func (r *Recipe) Complete() bool { return r.Late == lateComplete }

// AppendTo encodes the recipe, for people too.
func (r *Recipe) AppendTo(b []byte) ([]byte, error) {
	out := bytes.NewBuffer(b)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(r)
	return out.Bytes(), err
}

// errRecipe is returned for bytes that are no recipe.
var errRecipe = errors.New("not a recipe of a job")

// DecodeRecipe reads a recipe, and plans what it describes.
func DecodeRecipe(content []byte) (*Recipe, *flow.Plan, error) {
	r := &Recipe{}
	if err := json.Unmarshal(content, r); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errRecipe, err)
	}
	if r.Format != recipeFormat {
		return nil, nil, fmt.Errorf("%w: its format is %q, not %s", errRecipe, r.Format, recipeFormat)
	}
	if r.Partitions < 1 || r.Partitions > partitionsMax {
		return nil, nil, fmt.Errorf("%w: %d partitions are not in 1..%d", errRecipe, r.Partitions, partitionsMax)
	}
	schema, err := columnsOf(r.Columns)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errRecipe, err)
	}
	job, err := Parse(r.Name, []byte(r.Text), r.Sets)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errRecipe, err)
	}
	plan, err := job.Pipeline.Plan(schema)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errRecipe, err)
	}
	return r, plan, nil
}

// columnsOf reads names and types of columns.
func columnsOf(columns [][2]string) (column.Schema, error) {
	var s column.Schema
	for _, c := range columns {
		t, err := column.ParseType(c[1])
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", c[0], err)
		}
		s = append(s, column.Field{Name: c[0], Type: t})
	}
	return s, nil
}

// Answer makes the table of rows that servers answered a question about a plan's job with:
// sorted, and behind the pipeline's last steps.
func Answer(plan *flow.Plan, rows []serving.Result) (*Table, error) {
	view := newViewTable(plan)
	if err := view.answered(rows); err != nil {
		return nil, err
	}
	return view.results()
}
