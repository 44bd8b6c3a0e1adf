package scenarios

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"parallax/sim/fault"
)

// JSONSchema describes job files to editors and other checkers (JSON Schema,
// draft 2020-12). It is made from the Go types that decode them. Expressions and
// the order of steps are beyond it.
func JSONSchema() []byte { return jsonSchema(reflect.TypeFor[document](), "Parallax job, version 1") }

// ScenarioSchema is JSONSchema for scenario files.
func ScenarioSchema() []byte {
	return jsonSchema(reflect.TypeFor[scenarioDoc](), "Parallax scenario, version 1")
}

func jsonSchema(document reflect.Type, title string) []byte {
	s := schemaOf(document)
	s = append(object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", title},
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

// nanosPattern is that of lengths of time that count to the nanosecond.
const nanosPattern = `^[-+]?(0|([0-9]*\.?[0-9]+(ns|us|µs|ms|s|m|h))+)$`

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
	case reflect.TypeFor[seed]():
		return object{{"oneOf", []object{{{"type", "integer"}, {"minimum", 0}}, {{"type", "string"}, {"pattern", "^0[xX][0-9a-fA-F]+$"}}}}}
	case reflect.TypeFor[time.Duration]():
		return object{{"type", "string"}, {"pattern", nanosPattern}, {"examples", []string{"250ms", "5s", "1m30s"}}}
	case reflect.TypeFor[Line]():
		return object{{"type", "object"}, {"additionalProperties", object{{"type", []string{"string", "number", "boolean", "null"}}}}}
	case reflect.TypeFor[fault.Family]():
		return object{{"enum", names(fault.All())}}
	case reflect.TypeFor[fault.Moment]():
		return object{{"enum", []string{"issued", "in-sync", "durable", "released"}}}
	}
	if t == reflect.TypeFor[lateFires]() {
		return object{{"oneOf", []object{{{"enum", lateWords}}, schemaOf(reflect.TypeFor[firingsDoc]())}}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Slice:
		list := object{{"type", "array"}, {"items", schemaOf(t.Elem())}}
		if t.Elem() == reflect.TypeFor[Line]() || t.Elem() == reflect.TypeFor[fault.Fault]() {
			return list // of which there may be none
		}
		return append(list, member{"minItems", 1})
	case reflect.Struct:
		return structSchema(t)
	case reflect.Int:
		return object{{"type", "integer"}, {"minimum", 1}}
	case reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
			break
		}
		return object{{"type", "integer"}, {"minimum", 0}}
	case reflect.Bool:
		return object{{"type", "boolean"}}
	}
	return object{{"type", "string"}}
}

// names are the texts of values.
func names[T fmt.Stringer](values []T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = v.String()
	}
	return list
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
		properties = append(properties, member{keyOf(f.Tag), s})
		if f.Tag.Get("need") != "" {
			need = append(need, keyOf(f.Tag))
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
