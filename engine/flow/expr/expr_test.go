package expr

import "testing"

func TestVectorCanonical(t *testing.T) {
	for src, want := range map[string]string{
		"a=1 or b=2 and not c":         "a = 1 or b = 2 and not c",
		"(a or b) and c":               "(a or b) and c",
		"!a = b":                       "(not a) = b",
		"!(a = b)":                     "not a = b",
		"a - (b - c) - -5":             "a - (b - c) - -5",
		"- 5 + --5 - -(5)":             "-5 + --5 - -(5)",
		"a <> 'it''s' && b == \"x'y\"": "a != 'it''s' and b = 'x''y'",
		"x NOT IN (1, -2, null) || y Is Not NULL": "x not in (1, -2, null) or y is not null",
		"`odd name` + `in`":                       "`odd name` + `in`",
		"-9223372036854775808":                    "-9223372036854775808",
		"9223372036854775808":                     "9223372036854775808",
		"12.50 + 1e3 + .5":                        "12.50 + 1e+03 + 0.5",
		"if(a, f(b), null)":                       "if(a, f(b), null)",
		"a * (b + c) / d % e":                     "a * (b + c) / d % e",
	} {
		e, err := Parse(src)
		if err != nil {
			t.Errorf("Parse(%q): %v", src, err)
			continue
		}
		if got := e.String(); got != want {
			t.Errorf("Parse(%q) = %s, want %s", src, got, want)
		}
	}
}
