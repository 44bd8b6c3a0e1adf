package clock // want package:"not deterministic: "

import "time"

func now() time.Time {
	return time.Now() // want "calls time.Now, which reads the clock"
}

func age(t time.Time) (time.Duration, time.Duration) {
	return time.Since(t), time.Until(t) // want "calls time.Since" "calls time.Until"
}

func timers(f func()) {
	time.Sleep(1)        // want "calls time.Sleep"
	time.AfterFunc(1, f) // want "calls time.AfterFunc"
	_ = time.After(1)    // want "calls time.After"
	_ = time.Tick(1)     // want "calls time.Tick"
	_ = time.NewTimer(1) // want "calls time.NewTimer"
	time.NewTicker(1)    // want "calls time.NewTicker"
}

// Not called here, but handed to whoever will call it.
var clock = time.Now // want "calls time.Now"

func zones(t time.Time) {
	_ = time.Local                   // want "reads time.Local, which is the machine's zone"
	_ = t.Local()                    // want "calls .time.Time..Local"
	_, _ = time.LoadLocation("UTC")  // want "calls time.LoadLocation"
	_ = time.UnixMicro(1)            // want "time.UnixMicro gives the time in the machine's zone"
	_ = time.Unix(1, 0).Format("15") // want "time.Unix gives the time in the machine's zone"
	_ = time.UnixMilli(1).UTC()
	_ = time.Unix(1, 0).In(time.UTC)
	_ = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Format(time.RFC3339)
	_, _ = time.Parse(time.RFC3339, "")
	_, _ = time.ParseDuration("1s")
}
