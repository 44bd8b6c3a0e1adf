package fault

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Name is the causal name of what a fault hits.
type Name uint64

// MarshalText is the name as sixteen hexadecimal digits.
func (n Name) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "x%016x", uint64(n)), nil }

// UnmarshalText reads what MarshalText writes.
func (n *Name) UnmarshalText(text []byte) error {
	digits, ok := strings.CutPrefix(string(text), "x")
	v, err := strconv.ParseUint(digits, 16, 64)
	if !ok || err != nil {
		return fmt.Errorf("fault: %q is no name: an x and hexadecimal digits", text)
	}
	*n = Name(v)
	return nil
}

// Moment is where a crash anchored to a persist hits.
type Moment uint8

// The moments, in the order of a persist's life.
const (
	Issued   Moment = iota // the write is queued, Eager messages of its step have left
	InSync                 // during the sync that covers it
	Durable                // synced; what waits for it has not left, what waits for earlier ones has
	Released               // what waited for it has left, what waits for later ones has not
)

// Moments is how many there are.
const Moments = 4

var momentNames = [Moments]string{"issued", "in-sync", "durable", "released"}

// String is the moment's name.
func (m Moment) String() string { return momentNames[m%Moments] }

// MarshalText is the moment's name.
func (m Moment) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads a moment's name.
func (m *Moment) UnmarshalText(text []byte) error {
	for i, name := range momentNames {
		if name == string(text) {
			*m = Moment(i)
			return nil
		}
	}
	return fmt.Errorf("fault: there is no moment %q: it is one of %s", text, strings.Join(momentNames[:], ", "))
}

// Fault is one thing that goes wrong, with all that there is to know about it. What a
// family does not need is 0.
type Fault struct {
	Family Family `json:"fault" yaml:"fault"`
	// Name and Family are the identity. A fault written by hand may leave Name out.
	Name Name `json:"name,omitempty" yaml:"name,omitempty"`
	// At is when it strikes, from the start of the world on. Faults of messages and
	// writes strike when their name comes up; then At is there for the reader.
	At time.Duration `json:"at" yaml:"at"`
	// Node is what it hits: a node, the sender of a message, the near end of a link, the
	// source of a partition ("source-0").
	Node string `json:"node,omitempty" yaml:"node,omitempty"`
	// Peer is the receiver of a message, the far end of a link.
	Peer string `json:"peer,omitempty" yaml:"peer,omitempty"`
	// Kind is that of the message.
	Kind uint16 `json:"kind,omitempty" yaml:"kind,omitempty"`
	// Nth tells things apart that are alike: how many messages of the name went
	// before, the number of the persist in the life of its disk, from 1, or of the row
	// in its partition, from 0. Of a message without a name it is how many messages of
	// the kind go before on the link.
	Nth uint64 `json:"nth,omitempty" yaml:"nth,omitempty"`
	// Lasts is how long it lasts, or how much later something comes; of a crash, how
	// long the node stays down.
	Lasts time.Duration `json:"lasts,omitempty" yaml:"lasts,omitempty"`
	// Moment, and After, how far into the sync, are of a crash at a persist.
	Moment Moment        `json:"moment,omitempty" yaml:"moment,omitempty"`
	After  time.Duration `json:"after,omitempty" yaml:"after,omitempty"`
	// Amount is how much, of what has no duration: the bits that rot, the bytes of a
	// write that goes astray or that cannot be read, how many times slower a node is,
	// how many millionths faster its clock.
	Amount int64 `json:"amount,omitempty" yaml:"amount,omitempty"`
	// File and Offset are what is damaged, File also the place in the code that takes an
	// odd way; From and FromAt where the bytes of a write
	// that goes astray belong.
	File   string `json:"file,omitempty" yaml:"file,omitempty"`
	Offset int64  `json:"offset,omitempty" yaml:"offset,omitempty"`
	From   string `json:"from,omitempty" yaml:"from,omitempty"`
	FromAt int64  `json:"from_at,omitempty" yaml:"from_at,omitempty"`
	// Losses are what is left of writes and removes that were not durable. Of a file
	// that is not listed nothing is left that was not durable.
	Losses []Loss `json:"losses,omitempty" yaml:"losses,omitempty"`
}

// Loss is what a crash leaves of one file that had unsynced writes, or whose removal
// was not durable.
type Loss struct {
	File  string `json:"file" yaml:"file"`
	Kept  int    `json:"kept,omitempty" yaml:"kept,omitempty"`   // unsynced writes that survive
	Torn  int    `json:"torn,omitempty" yaml:"torn,omitempty"`   // bytes of the next one that survive
	Zeros bool   `json:"zeros,omitempty" yaml:"zeros,omitempty"` // stand for the rest of that one
	Empty bool   `json:"empty,omitempty" yaml:"empty,omitempty"` // the file is there without a byte
	Back  bool   `json:"back,omitempty" yaml:"back,omitempty"`   // its removal is undone
}

// ID is what tells a fault from all others of a run.
type ID struct {
	Family Family
	Name   Name
}

// ID is the fault's identity.
func (f *Fault) ID() ID { return ID{f.Family, f.Name} }

// String is one line.
func (f Fault) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %s", f.At, f.Family)
	if f.Node != "" {
		b.WriteString(" " + f.Node)
	}
	if f.Peer != "" {
		arrow := " → "
		if f.Family == Sever {
			arrow = " ↔ "
		}
		b.WriteString(arrow + f.Peer)
	}
	if f.Kind != 0 {
		fmt.Fprintf(&b, ", message of kind %d", f.Kind)
	}
	switch {
	case f.Family == CrashAtPersist || f.Family == LostWrites || f.Family == TornWrite:
		fmt.Fprintf(&b, ", write %d, %s", f.Nth, f.Moment)
		if f.After != 0 {
			fmt.Fprintf(&b, " after %v", f.After)
		}
	case f.Family.OfOneRow():
		fmt.Fprintf(&b, ", row %d", f.Nth)
	case f.Nth > 0:
		fmt.Fprintf(&b, ", number %d", f.Nth+1)
	}
	if f.Lasts != 0 {
		fmt.Fprintf(&b, ", %s %v", lasting(f.Family), f.Lasts)
	}
	b.WriteString(f.damage())
	for _, l := range f.Losses {
		b.WriteString("; " + l.String())
	}
	return b.String()
}

// damage says what happens to a file, a processor or a clock.
func (f *Fault) damage() string {
	switch f.Family {
	case BitRot:
		return fmt.Sprintf(", %s byte %d ^ %#x", f.File, f.Offset, f.Amount)
	case Misdirected:
		return fmt.Sprintf(", %d bytes of %s at %d written over %s at %d", f.Amount, f.From, f.FromAt, f.File, f.Offset)
	case ReadError:
		return fmt.Sprintf(", %s bytes %d to %d cannot be read", f.File, f.Offset, f.Offset+f.Amount-1)
	case SlowNode:
		return fmt.Sprintf(", %d times slower", f.Amount)
	case OddWay:
		return ", " + f.File
	case PoisonRow, MalformedRow, SchemaChange:
		if words := ways[f.Family]; f.Amount >= 0 && f.Amount < int64(len(words)) {
			return ", " + words[f.Amount]
		}
		return fmt.Sprintf(", in way %d", f.Amount)
	case Drift:
		return fmt.Sprintf(", %+d millionths", f.Amount)
	}
	return ""
}

// ways are the ways in which a row is no use, by the amount of the fault.
var ways = map[Family][]string{
	PoisonRow:    {"numbers as great as can be", "numbers as small as can be", "numbers 0"},
	MalformedRow: {"breaks off", "is empty", "is text"},
	SchemaChange: {"a column more", "without the last column", "the last column of another type"},
}

// lasting is what the duration of a fault means.
func lasting(f Family) string {
	switch f {
	case Duplicate, Reorder, Slow, SlowSync, DuplicateRow:
		return "later by"
	case Crash, CrashAtPersist, CrashLoop, SyncFails, LostWrites, TornWrite, LostRemoves:
		return "down for"
	case Skew, Jump, FarFuture:
		return "ahead by"
	}
	return "for"
}

// String says what is left.
func (l Loss) String() string {
	var kept []string
	if l.Kept > 0 {
		kept = append(kept, fmt.Sprintf("%d unsynced writes", l.Kept))
	}
	if l.Torn > 0 {
		kept = append(kept, fmt.Sprintf("%d bytes of the next", l.Torn))
		if l.Zeros {
			kept[len(kept)-1] += " and zeros"
		}
	}
	switch {
	case l.Back:
		kept = append(kept, "its place although it was removed")
	case l.Empty:
		kept = append(kept, "its name")
	case len(kept) == 0:
		return l.File + " keeps nothing that was not synced"
	}
	return l.File + " keeps " + strings.Join(kept, ", ")
}
