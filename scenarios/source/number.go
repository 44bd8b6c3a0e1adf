package source

import (
	"math"
	"strconv"
	"unsafe"
)

// text views bytes as a string for the length of one call; nothing may keep it.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// parseInt reads an optional sign and decimal digits. digits is false when b is
// something else, fits when the number needs more than 64 bits.
func parseInt(b []byte) (v int64, digits, fits bool) {
	neg := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg = b[0] == '-'
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false, false
	}
	var u uint64
	if len(b) <= 18 { // cannot overflow
		for _, c := range b {
			d := uint64(c - '0')
			if d > 9 {
				return 0, false, false
			}
			u = u*10 + d
		}
	} else {
		over := false
		for _, c := range b {
			d := uint64(c - '0')
			if d > 9 {
				return 0, false, false
			}
			if u > (math.MaxUint64-d)/10 {
				over = true
				continue
			}
			u = u*10 + d
		}
		if over || u > 1<<63 || u == 1<<63 && !neg {
			return 0, true, false
		}
	}
	if neg {
		return -int64(u), true, true // -(1<<63) is its own negative
	}
	return int64(u), true, true
}

// plainInt tells whether b is an integer as a program would print it: no plus, no
// superfluous zeros, not "-0". Only such a column is taken for int64, so that
// codes like 007 keep their zeros.
func plainInt(b []byte) bool {
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
		if len(b) > 0 && b[0] == '0' {
			return false
		}
	}
	return len(b) == 1 || len(b) > 1 && b[0] != '0' && b[0] != '+'
}

// plainFloat tells whether b is a number with a point or an exponent, or an
// integer, as programs print floats; real is false for NaN and infinities.
func plainFloat(b []byte) (ok, real bool) {
	s := b
	if len(s) > 0 && s[0] == '-' {
		s = s[1:]
	}
	switch text(s) {
	case "NaN", "nan", "inf", "Inf", "+Inf", "Infinity", "infinity":
		return true, false
	}
	i, whole, exponent := 0, 0, false
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		whole++
	}
	if whole > 1 && s[0] == '0' {
		return false, false
	}
	fraction := 0
	if i < len(s) && s[i] == '.' {
		for i++; i < len(s) && s[i]-'0' <= 9; i++ {
			fraction++
		}
	}
	if whole+fraction == 0 {
		return false, false
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		exponent = true
		if i++; i < len(s) && (s[i] == '-' || s[i] == '+') {
			i++
		}
		if i == len(s) {
			return false, false
		}
		for ; i < len(s) && s[i]-'0' <= 9; i++ {
		}
	}
	if i != len(s) {
		return false, false
	}
	if whole == len(s) { // an integer: one that int64 cannot hold is left as text
		_, _, fits := parseInt(b)
		return fits, fits
	}
	if exponent || len(s) > 300 {
		_, err := strconv.ParseFloat(text(b), 64)
		return err == nil, err == nil
	}
	return true, true
}

// parseFloat reads a decimal number, NaN or an infinity; not the hexadecimal
// forms of Go. fits is false when the number is beyond float64.
func parseFloat(b []byte) (v float64, number, fits bool) {
	for _, c := range b {
		if c == 'x' || c == 'X' || c == '_' || c == 'p' || c == 'P' {
			return 0, false, false
		}
	}
	v, err := strconv.ParseFloat(text(b), 64)
	if err != nil {
		return 0, math.IsInf(v, 0), false
	}
	return v, true, true
}

// parseBool reads true and false in lower, upper and title case.
func parseBool(b []byte) (v, ok bool) {
	switch text(b) {
	case "true", "True", "TRUE":
		return true, true
	case "false", "False", "FALSE":
		return false, true
	}
	return false, false
}
