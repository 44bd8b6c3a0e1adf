package flow

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// millionth is the unit of shares.
const millionth = 1_000_000

var errShare = errors.New("flow: not a share")

// ParseShare reads a share of something, such as 0.99: more than 0, at most 1, with
// at most six digits behind the point. The result is in millionths.
func ParseShare(s string) (millionths int32, err error) {
	whole, fraction, _ := strings.Cut(s, ".")
	digits := whole + fraction
	if digits == "" || len(fraction) > 6 || len(digits) > 9 || strings.Trim(digits, "0123456789") != "" {
		return 0, fmt.Errorf("%w: %q: a number such as 0.99, with at most six digits behind the point, was expected", errShare, s)
	}
	n, err := strconv.Atoi(digits + "000000"[len(fraction):])
	if err != nil || n < 1 || n > millionth {
		return 0, fmt.Errorf("%w: %q is not more than 0 and at most 1", errShare, s)
	}
	return int32(n), nil
}

// FormatShare is the shortest text that ParseShare reads as the same.
func FormatShare(millionths int32) string {
	s := strings.TrimRight(fmt.Sprintf("%d.%06d", millionths/millionth, millionths%millionth), "0")
	return strings.TrimSuffix(s, ".")
}
