package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parallax/engine"
)

// show prints a disk as name=bytes pairs.
func show(t *testing.T, d engine.Disk) string {
	t.Helper()
	var b strings.Builder
	for _, name := range d.Files() {
		p := make([]byte, d.Size(name))
		if n, err := d.ReadAt(name, p, 0); n != len(p) {
			t.Fatalf("short read of %s: %d of %d: %v", name, n, len(p), err)
		}
		fmt.Fprintf(&b, "%s=%s ", name, strings.ReplaceAll(string(p), "\x00", "0"))
	}
	return strings.TrimSpace(b.String())
}

// states lists the distinct crash states of a disk in ascending order.
func states(t *testing.T, d *Disk, torn func(int) []int) []string {
	t.Helper()
	var all []string
	for s := range d.CrashStates(torn) {
		all = append(all, show(t, s))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func issue(t *testing.T, d *Disk, build func(fx *engine.Effects)) {
	t.Helper()
	var fx engine.Effects
	build(&fx)
	if err := d.Issue(&fx); err != nil {
		t.Fatal(err)
	}
}

func persist(file, data string) func(*engine.Effects) {
	return func(fx *engine.Effects) { fx.Persist(file, []byte(data)) }
}

func TestVectorCrashStatesOfOneFile(t *testing.T) {
	d := NewDisk()
	issue(t, d, persist("a", "DD"))
	d.Sync()
	issue(t, d, persist("a", "xy"))
	issue(t, d, persist("a", "z"))
	want := []string{"a=DD", "a=DDx", "a=DDx0", "a=DDxy", "a=DDxyz"}
	if diff := cmp.Diff(want, states(t, d, nil)); diff != "" {
		t.Error(diff)
	}
	if got := show(t, d); got != "a=DD" {
		t.Errorf("enumeration changed the disk, or undurable bytes are visible: %s", got)
	}
}

func TestVectorCrashStatesKeepNoOrderBetweenFiles(t *testing.T) {
	d := NewDisk()
	issue(t, d, persist("a", "1"))
	issue(t, d, persist("b", "2"))
	want := []string{"", "a=", "a= b=", "a= b=2", "a=1", "a=1 b=", "a=1 b=2", "b=", "b=2"}
	if diff := cmp.Diff(want, states(t, d, nil)); diff != "" {
		t.Error(diff)
	}
}

func TestVectorCrashStatesOfRemoves(t *testing.T) {
	d := NewDisk()
	issue(t, d, persist("a", "1"))
	d.Sync()
	issue(t, d, func(fx *engine.Effects) {
		fx.Persist("b", []byte("2"))
		fx.Remove("a")
	})
	want := []string{"a=1", "a=1 b=", "a=1 b=2"}
	if diff := cmp.Diff(want, states(t, d, nil)); diff != "" {
		t.Errorf("before the sync the removal cannot have happened: %s", diff)
	}
	d.Sync()
	if got := show(t, d); got != "b=2" {
		t.Errorf("removed file visible: %s", got)
	}
	want = []string{"a=1 b=2", "b=2"}
	if diff := cmp.Diff(want, states(t, d, nil)); diff != "" {
		t.Errorf("a removal that took effect may be undone: %s", diff)
	}
	issue(t, d, persist("b", "3"))
	d.Sync()
	want = []string{"b=23"}
	if diff := cmp.Diff(want, states(t, d, nil)); diff != "" {
		t.Errorf("a later sync makes it final: %s", diff)
	}
}

func TestVectorTornOffsetsAreTheCallers(t *testing.T) {
	d := NewDisk()
	issue(t, d, persist("a", "12345678"))
	got := states(t, d, func(size int) []int { return []int{1, size - 1} })
	want := []string{"", "a=", "a=1", "a=10000000", "a=1234567", "a=12345670", "a=12345678"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestVectorFilesBelongToTheirIncarnation(t *testing.T) {
	d := NewDisk()
	issue(t, d, persist("a", "1"))
	d.Sync()
	for s := range d.CrashStates(nil) {
		var fx engine.Effects
		fx.Persist("a", []byte("2"))
		if err := s.Issue(&fx); err == nil {
			t.Error("wrote to a file of an earlier incarnation")
		}
		issue(t, s, persist("b", "2"))
		s.Sync()
		if got := show(t, s); got != "a=1 b=2" {
			t.Errorf("got %s", got)
		}
	}
	issue(t, d, func(fx *engine.Effects) { fx.Remove("a") })
	for range 3 {
		var fx engine.Effects
		fx.Persist("a", []byte("2"))
		if err := d.Issue(&fx); err == nil {
			t.Error("wrote to a removed file")
		}
		issue(t, d, persist("b", "x"))
		d.Sync()
	}
	issue(t, d, func(fx *engine.Effects) {
		fx.Remove("a")
		fx.Remove("never")
	})
}

// Damage is seen by the next reader, and only durable bytes can be hit.
func TestVectorDamage(t *testing.T) {
	d := NewDisk()
	var fx engine.Effects
	fx.Persist("a", []byte("abc"))
	if err := d.Issue(&fx); err != nil {
		t.Fatal(err)
	}
	if err := d.Damage("a", 1, 1); err == nil {
		t.Error("a byte that is not durable was damaged")
	}
	d.Sync()
	if err := d.Damage("a", 1, 1); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 3)
	if _, err := d.ReadAt("a", p, 0); err != nil || string(p) != "acc" {
		t.Errorf("read %q, %v", p, err)
	}
}

// What a misdirected write may hit ends where the last durable write begins: what is
// still on its way there speaks for nothing, because a crash may take it.
func TestVectorDurableTail(t *testing.T) {
	d := NewDisk()
	write := func(n int) { d.persist(&engine.Persist{File: "f", Data: make([]byte, n)}) }
	sync := func() { d.beginSync(); d.endSync() }
	tail := func(want int) {
		t.Helper()
		if f := d.find("f"); f.tail != want {
			t.Errorf("%d, should be %d", f.tail, want)
		}
	}
	write(10)
	tail(0)
	sync()
	tail(0)
	write(20)
	tail(0)
	sync()
	tail(10)
	write(30)
	tail(10)
	write(40)
	sync()
	tail(60)
}
