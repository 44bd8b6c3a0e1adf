package scenarios

import (
	"encoding/json"
	"reflect"
	"strings"
)

// JSONSchema describes job files to editors and other checkers (JSON Schema,
// draft 2020-12). It is made from the Go types that decode them. Expressions and
// the order of steps are beyond it.
func JSONSchema() []byte {
	s := schemaOf(reflect.TypeFor[document]())
	s = append(object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "Parallax job, version 1"},
	}, s...)
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil { // only strings, lists and objects of them
		panic(err)
	}
	return append(data, '\n')
}

// object is a JSON object that keeps the order of its members.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

const durationPattern = `^[-+]?(0|([0-9]*\.?[0-9]+(ns|us|µs|ms|s|m|h|d))+)$`

func schemaOf(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[duration]():
		return object{{"type", "string"}, {"pattern", durationPattern}, {"examples", []string{"250ms", "5s", "1h30m", "7d"}}}
	case reflect.TypeFor[share]():
		return object{{"type", "number"}, {"exclusiveMinimum", 0}, {"maximum", 1}, {"examples", []float64{0.99}}}
	case reflect.TypeFor[pairs]():
		scalar := object{{"type", []string{"string", "number", "boolean"}}}
		return object{{"type", "object"}, {"additionalProperties", scalar}, {"minProperties", 1}}
	case reflect.TypeFor[oneOrMore]():
		text := object{{"type", "string"}}
		return object{{"oneOf", []object{text, {{"type", "array"}, {"items", text}}}}}
	}
	if t == reflect.TypeFor[lateFires]() {
		return object{{"oneOf", []object{{{"enum", lateWords}}, schemaOf(reflect.TypeFor[firingsDoc]())}}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Slice:
		return object{{"type", "array"}, {"items", schemaOf(t.Elem())}, {"minItems", 1}}
	case reflect.Struct:
		return structSchema(t)
	case reflect.Int:
		return object{{"type", "integer"}, {"minimum", 1}}
	case reflect.Bool:
		return object{{"type", "boolean"}}
	}
	return object{{"type", "string"}}
}

func structSchema(t reflect.Type) object {
	var properties object
	var need []string
	for i := range t.NumField() {
		f := t.Field(i)
		s := schemaOf(f.Type)
		if enum := f.Tag.Get("enum"); enum != "" {
			s = object{{"enum", strings.Split(enum, ",")}}
		}
		if doc := f.Tag.Get("doc"); doc != "" {
			s = append(object{{"description", doc}}, s...)
		}
		properties = append(properties, member{f.Tag.Get("yaml"), s})
		if f.Tag.Get("need") != "" {
			need = append(need, f.Tag.Get("yaml"))
		}
	}
	s := object{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}}
	if need != nil {
		s = append(s, member{"required", need})
	}
	if t == reflect.TypeFor[stepDoc]() {
		s = append(s, member{"minProperties", 1}, member{"maxProperties", 1})
	}
	return s
}
