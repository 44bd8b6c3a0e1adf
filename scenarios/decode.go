package scenarios

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"parallax/engine/flow"
	"parallax/engine/flow/expr"
)

// duration is a length of time in microseconds, written as 1s, 250ms, 7d.
type duration int64

// pairs is a mapping whose order counts: names and what is written for them.
type pairs []pair

type pair struct {
	name  string
	value string
	key   *node
	node  *node
}

// oneOrMore is a list of names; a single name may stand without brackets.
type oneOrMore []string

// decode fills a Go value from a node, strictly: a struct's fields are the only
// keys, named by the tag `yaml`; `enum` lists a string's values, `need:"yes"` says
// that a key must be there. It returns the first mistake.
func decode(n *node, v reflect.Value) error {
	if n.kind == nullNode {
		return n.errorf("a value is missing")
	}
	switch out := v.Addr().Interface().(type) {
	case *duration:
		return decodeDuration(n, out)
	case *share:
		return decodeShare(n, out)
	case *lateFires:
		return decodeLateFires(n, out)
	case *pairs:
		return decodePairs(n, out)
	case *oneOrMore:
		if n.kind == scalarNode {
			*out = oneOrMore{n.scalar}
			return nil
		}
	case *seed:
		return decodeSeed(n, out)
	case *Line:
		return decodeLine(n, out)
	case *time.Duration:
		return decodeNanos(n, out)
	case encoding.TextUnmarshaler:
		if err := out.UnmarshalText([]byte(n.scalar)); err != nil || n.kind != scalarNode {
			return n.errorf("%s", plain(fmt.Sprint(err)))
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return decode(n, v.Elem())
	case reflect.Struct:
		return decodeStruct(n, v)
	case reflect.Slice:
		return decodeList(n, v)
	}
	if n.kind != scalarNode {
		return n.errorf("%s stands where %s was expected", n.kind, kindName(v.Type()))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.scalar)
	case reflect.Int, reflect.Int64:
		i, err := strconv.Atoi(n.scalar)
		if err != nil || !n.plain {
			return n.errorf("%q is not an integer", n.scalar)
		}
		v.SetInt(int64(i))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		i, err := strconv.ParseUint(n.scalar, 10, v.Type().Bits())
		if err != nil || !n.plain {
			return n.errorf("%q is not a number from 0 to %d", n.scalar, ^uint64(0)>>(64-v.Type().Bits()))
		}
		v.SetUint(i)
	case reflect.Bool:
		if n.scalar != "true" && n.scalar != "false" || !n.plain {
			return n.errorf("%q is not true or false", n.scalar)
		}
		v.SetBool(n.scalar == "true")
	default:
		panic("scenarios: no decoder for " + v.Type().String())
	}
	return nil
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Pointer:
		return "a mapping"
	case reflect.Int, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	}
	return "a text"
}

func decodeDuration(n *node, out *duration) error {
	if n.kind != scalarNode {
		return n.errorf("%s stands where a duration such as 5s was expected", n.kind)
	}
	micros, err := flow.ParseDuration(n.scalar)
	if err != nil {
		return n.errorf("%s", strings.TrimPrefix(err.Error(), "flow: "))
	}
	*out = duration(micros)
	return nil
}

func decodePairs(n *node, out *pairs) error {
	if n.kind != mapNode {
		return n.errorf("%s stands where a mapping of names was expected", n.kind)
	}
	for _, e := range n.entries {
		if e.value.kind != scalarNode {
			msg := "%s stands where the text for %q was expected"
			if n.flow && e.value.kind == nullNode {
				msg += "; inside { } a comma ends a value, so a text with a comma needs quotes"
			}
			return e.key.errorf(msg, e.value.kind, e.key.scalar)
		}
		*out = append(*out, pair{e.key.scalar, e.value.scalar, e.key, e.value})
	}
	return nil
}

func decodeList(n *node, v reflect.Value) error {
	if n.kind != listNode {
		return n.errorf("%s stands where a list was expected", n.kind)
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
	for i, item := range n.items {
		if err := decode(item, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func decodeStruct(n *node, v reflect.Value) error {
	if n.kind != mapNode {
		return n.errorf("%s stands where a mapping with %s was expected", n.kind, strings.Join(keysOf(v.Type()), ", "))
	}
	for _, e := range n.entries {
		i, ok := fieldOf(v.Type(), e.key.scalar)
		if !ok {
			err := e.key.errorf("unknown key %q; the keys here are %s", e.key.scalar, strings.Join(keysOf(v.Type()), ", "))
			err.Nearest = expr.Nearest(e.key.scalar, keysOf(v.Type()))
			return err
		}
		if err := decode(e.value, v.Field(i)); err != nil {
			return err
		}
		if enum := v.Type().Field(i).Tag.Get("enum"); enum != "" {
			if err := checkEnum(e.value, strings.Split(enum, ",")); err != nil {
				return err
			}
		}
	}
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		if key := keyOf(tag); tag.Get("need") != "" && n.get(key) == nil {
			return n.errorf("the key %q is missing", key)
		}
	}
	return nil
}

func checkEnum(n *node, values []string) error {
	for _, v := range values {
		if v == n.scalar {
			return nil
		}
	}
	err := n.errorf("%q is not one of %s", n.scalar, strings.Join(values, ", "))
	err.Nearest = expr.Nearest(n.scalar, values)
	return err
}

// keysOf lists the keys of a struct in order.
func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		if key := keyOf(t.Field(i).Tag); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// keyOf is the key of a field, without what other readers of the tag are told.
func keyOf(tag reflect.StructTag) string {
	key, _, _ := strings.Cut(tag.Get("yaml"), ",")
	return key
}

func fieldOf(t reflect.Type, key string) (int, bool) {
	for i := range t.NumField() {
		if keyOf(t.Field(i).Tag) == key && key != "" {
			return i, true
		}
	}
	return 0, false
}

// jobVersion is the only format there is.
const jobVersion = "job/v1"

// checkVersion says early, and alone, that a file is of another kind.
func checkVersion(root *node, version string) error {
	kind, _, _ := strings.Cut(version, "/")
	if root.kind != mapNode {
		return root.errorf("%s stands where a %s was expected; it begins with parallax: %s", root.kind, kind, version)
	}
	v := root.get("parallax")
	if v == nil {
		return root.errorf("no parallax: %s; is this a %s file?", version, kind)
	}
	if v.scalar != version {
		if other, _, _ := strings.Cut(v.scalar, "/"); other != kind {
			return v.errorf("format %q is not the one of a %s, which is %s", v.scalar, kind, version)
		}
		return v.errorf("format %q is not known; this program reads %s", v.scalar, version)
	}
	return nil
}
