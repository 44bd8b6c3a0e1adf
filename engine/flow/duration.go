package flow

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"

	"parallax/engine/flow/column"
)

// ErrDuration is returned for a text that is no length of time.
var ErrDuration = errors.New("flow: not a duration")

// units, in nanoseconds; a longer name stands before those it ends with.
var units = [...]struct {
	name string
	ns   uint64
}{
	{"ns", 1},
	{"us", 1e3},
	{"µs", 1e3},
	{"μs", 1e3},
	{"ms", 1e6},
	{"s", 1e9},
	{"m", 60e9},
	{"h", 3600e9},
	{"d", 24 * 3600e9},
}

// ParseDuration reads a length of time such as "36h", "7d", "1.5h" or "-1d12h",
// with the units ns, us, ms, s, m, h and d (24 hours), into microseconds. It must
// be a whole number of them and fit an int64. "0" needs no unit.
func ParseDuration(s string) (int64, error) {
	rest, neg := strings.CutPrefix(s, "-")
	if !neg {
		rest = strings.TrimPrefix(s, "+")
	}
	if rest == "0" {
		return 0, nil
	}
	if rest == "" {
		return 0, fmt.Errorf("%w: %q", ErrDuration, s)
	}
	var sum column.Decimal // 10^-9 ns
	for rest != "" {
		part, after, problem := durationPart(rest)
		if problem != "" {
			return 0, fmt.Errorf("%w: %q: %s", ErrDuration, s, problem)
		}
		rest = after
		var ok bool
		if sum, ok = sum.Add(part); !ok || sum.Hi >= 1e12 {
			return 0, fmt.Errorf("%w: %q: too long", ErrDuration, s)
		}
	}
	us, fraction := bits.Div64(uint64(sum.Hi), sum.Lo, 1e12)
	switch {
	case fraction != 0:
		return 0, fmt.Errorf("%w: %q: not a whole number of microseconds", ErrDuration, s)
	case neg && us <= 1<<63:
		return -int64(us), nil
	case us > math.MaxInt64:
		return 0, fmt.Errorf("%w: %q: too long", ErrDuration, s)
	}
	return int64(us), nil
}

// durationPart reads one number and its unit, as a multiple of 10^-9 ns.
func durationPart(s string) (part column.Decimal, rest, problem string) {
	var number uint64
	digits, scale, point := 0, uint64(1e9), false
	i := 0
	for ; i < len(s) && (s[i] == '.' && !point || s[i] >= '0' && s[i] <= '9'); i++ {
		if s[i] == '.' {
			point = true
			continue
		}
		digits++
		if number > (math.MaxUint64-9)/10 {
			return part, "", "too many digits"
		}
		if point {
			if scale == 1 {
				return part, "", "more than nine digits behind the point"
			}
			scale /= 10
		}
		number = number*10 + uint64(s[i]-'0')
	}
	if digits == 0 {
		return part, "", "a number is missing"
	}
	unit := s[i:]
	if j := strings.IndexAny(unit, ".0123456789"); j >= 0 {
		unit = unit[:j]
	}
	for _, u := range units {
		if unit == u.name {
			part, ok := column.Decimal{Lo: number}.Mul(column.Decimal{Lo: u.ns})
			if ok {
				part, ok = part.Mul(column.Decimal{Lo: scale})
			}
			if !ok {
				return part, "", "too long"
			}
			return part, s[i+len(unit):], ""
		}
	}
	if unit == "" {
		return part, "", "a unit is missing: ns, us, ms, s, m, h or d"
	}
	return part, "", fmt.Sprintf("unknown unit %q: ns, us, ms, s, m, h or d", unit)
}

// FormatDuration prints microseconds as ParseDuration reads them: "1d12h",
// "1m30s", "250ms", "0s".
func FormatDuration(us int64) string {
	if us == 0 {
		return "0s"
	}
	var b strings.Builder
	rest := uint64(us)
	if us < 0 {
		b.WriteByte('-')
		rest = -rest
	}
	for _, u := range [...]struct {
		us   uint64
		name string
	}{{86_400_000_000, "d"}, {3_600_000_000, "h"}, {60_000_000, "m"}, {1_000_000, "s"}, {1000, "ms"}, {1, "us"}} {
		if n := rest / u.us; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			rest %= u.us
		}
	}
	return b.String()
}
