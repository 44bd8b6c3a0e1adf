package conformance

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"parallax/engine"
)

// "Disk shows a node's files as they are durably stored": during a commit neither
// new files nor new bytes.
func diskShowsDurableBytes(s *stage) {
	s.boot(1)
	s.do(1, order{effects: engine.Effects{Persists: []engine.Persist{write("a-*", "one", to(1, "durable"))}}})
	s.hear(1, "durable")
	s.driver.Hold(1, true)
	s.do(1, order{effects: engine.Effects{
		Persists: []engine.Persist{write("a-*", "two"), write("b-*", "three")},
		Eager:    envelopes(1, "eager"),
	}})
	s.hear(1, "eager")
	if v := s.look(1); strings.TrimSpace(v.String()) != `a-1="one"` {
		s.Errorf("durable is a-1=\"one\", Disk shows %s", v)
	}
	s.driver.Hold(1, false)
	s.eventually(1, `a-1="onetwo" b-1="three"`)
}

// "ReadAt reads like io.ReaderAt"; "Size is the durable length in bytes, 0 for a
// file that does not exist".
func diskReads(s *stage) {
	s.bootWith(1, order{effects: engine.Effects{
		Persists: []engine.Persist{write("a-*", "0123456789")}, Sends: envelopes(1, "durable"),
	}})
	s.hear(1, "durable")
	s.do(1, order{reads: true})
	s.driver.Crash(1)
	s.bootWith(1, order{reads: true})
	s.do(1, order{})
	if s.count(func() int { return s.checks }) != 2 {
		s.Error("a probe did not read")
	}
}

// checkReads reads the ten digits of a-1.
func checkReads(d engine.Disk) error {
	p := make([]byte, 4)
	for _, c := range []struct {
		off  int64
		want string
		eof  bool
	}{{0, "0123", false}, {5, "5678", false}, {8, "89", true}, {10, "", true}, {99, "", true}} {
		n, err := d.ReadAt("a-1", p, c.off)
		if string(p[:n]) != c.want || c.eof != errors.Is(err, io.EOF) || !c.eof && err != nil {
			return fmt.Errorf("read at %d: %q, %w", c.off, p[:n], err)
		}
	}
	if n, err := d.ReadAt("a-1", p, -1); n != 0 || err == nil {
		return errors.New("a negative offset is not an error")
	}
	if n, err := d.ReadAt("missing", p, 0); n != 0 || !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("missing file: %d, %w", n, err)
	}
	if d.Size("a-1") != 10 || d.Size("missing") != 0 {
		return fmt.Errorf("sizes %d and %d, want 10 and 0", d.Size("a-1"), d.Size("missing"))
	}
	return nil
}

// "Files lists the names in ascending order."
func diskAscends(s *stage) {
	var ps []engine.Persist
	for _, name := range []string{"b-*", "a-*", "c-*", "B-*", "a-*-1", "0-*"} {
		ps = append(ps, write(name, name))
	}
	s.bootWith(1, order{effects: engine.Effects{Persists: ps, Sends: envelopes(1, "durable")}})
	s.hear(1, "durable")
	for _, v := range []view{s.look(1), s.reboot(1)} {
		if len(v.files) != len(ps) || !slices.IsSorted(v.files) {
			s.Errorf("files %q", v.files)
		}
	}
}

// "Everything visible at Start is durable": whatever a crash has left, the next
// one leaves the same.
func visibleAtStartIsDurable(s *stage) {
	s.boot(1)
	s.driver.Hold(1, true)
	s.do(1, order{effects: engine.Effects{
		Persists: []engine.Persist{write("a-*", "torn or not"), write("b-*", "there or not")},
		Eager:    envelopes(1, "eager"),
	}})
	s.hear(1, "eager")
	first := s.reboot(1)
	for range 3 {
		if again := s.reboot(1); again.String() != first.String() {
			s.Errorf("Start saw %s, the next one %s", first, again)
		}
	}
	s.driver.Hold(1, false)
}

// "A file is written only by the incarnation that created it; drivers assert it."
func incarnationLaw(s *stage) {
	s.bootWith(1, order{effects: engine.Effects{
		Persists: []engine.Persist{write("log", "first")}, Sends: envelopes(1, "durable"),
	}})
	s.hear(1, "durable")
	s.reboot(1)
	s.do(1, order{effects: engine.Effects{Persists: []engine.Persist{write("new-*", "x"), write("log", "second")}}})
	s.down(1)
	s.boot(1)
	if got := strings.TrimSpace(s.lastView(1).String()); got != `log="first"` {
		s.Errorf("after a write to an earlier incarnation's file: %s", got)
	}
}

// "Boot numbers the incarnations of a node: durable, strictly increasing, the
// first is 1."
func bootRises(s *stage) {
	s.boot(1)
	for range 4 {
		s.reboot(1)
	}
	s.count(func() int {
		for i, env := range s.envs[1] {
			if i == 0 && env.Boot != 1 {
				s.Errorf("the first boot is %d", env.Boot)
			}
			if i > 0 && env.Boot <= s.envs[1][i-1].Boot {
				s.Errorf("boot %d after boot %d", env.Boot, s.envs[1][i-1].Boot)
			}
			if env.ID != 1 || env.Rand == nil || env.Disk == nil {
				s.Errorf("incomplete Env %+v", env)
			}
		}
		return 0
	})
}

// What was acknowledged is there after any crash, wherever it hits.
func acknowledgedSurvives(s *stage) {
	s.boot(1)
	next := 0
	for round := range 6 {
		s.boot(2)
		v := s.lastView(2)
		for _, ack := range s.heardOf(1, "ack ") {
			record := strings.TrimPrefix(ack, "ack ")
			if !strings.Contains(v.String(), record) {
				s.Fatalf("round %d: %q was acknowledged, Disk shows %s", round, record, v)
			}
		}
		acked := len(s.heardOf(1, "ack "))
		for range 8 {
			record := fmt.Sprintf("<%d>", next)
			next++
			o := order{effects: engine.Effects{Persists: []engine.Persist{write("log-*", record)}}}
			if next%2 == 0 {
				o.effects.Sends = envelopes(1, "ack "+record)
			} else {
				o.effects.Persists[0].Then = envelopes(1, "ack "+record)
			}
			s.do(2, o)
		}
		s.until("an acknowledgement", func() bool { return len(s.notes[1]) > acked+round })
		s.driver.Crash(2)
	}
}
