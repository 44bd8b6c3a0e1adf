package bench

import (
	"fmt"
	"strings"
	"time"

	"parallax/engine/flow"
)

// number prints with commas.
func number(n int64) string {
	s := fmt.Sprint(n)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// duration prints milliseconds as a job file takes them.
func duration(ms int64) string { return flow.FormatDuration(ms * 1000) }

// about prints milliseconds for reading: seconds with a digit below a minute,
// whole seconds above.
func about(ms int64) string {
	switch {
	case ms < 1000:
		return fmt.Sprintf("%d ms", ms)
	case ms < 60_000:
		return strings.TrimSuffix(fmt.Sprintf("%d.%d", ms/1000, ms%1000/100), ".0") + " s"
	case ms%60_000 < 1000:
		return fmt.Sprintf("%d min", ms/60_000)
	}
	return fmt.Sprintf("%d min %d s", ms/60_000, ms%60_000/1000)
}

// percent prints a share to two digits behind the point, rounded down, so that
// 100 % means all.
func percent(part, all int64) string {
	if all == 0 {
		return "0 %"
	}
	hundredths := part * 10_000 / all
	s := strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100), "0"), ".")
	return s + " %"
}

// shareText prints thousandths.
func shareText(perMille int64) string {
	if perMille == 1000 {
		return "all"
	}
	return percent(perMille, 1000)
}

// clock prints a time of day, UTC.
func clock(ms int64) string { return time.UnixMilli(ms).UTC().Format("15:04:05") }
