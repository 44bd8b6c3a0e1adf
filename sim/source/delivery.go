package source

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"parallax/sim/fault"
	"parallax/sim/story"
)

// Form is how a delivery is written.
type Form uint8

// The forms.
const (
	Sound        Form = iota
	Garbage           // bytes that nobody can read
	OtherColumns      // rows of another schema
)

// Delivery is one row as its source delivers it.
type Delivery struct {
	story.Row
	Of      int  // which row of the story it is
	Lot     int  // rows of one lot that arrive together are one batch, as in the story
	Changed bool // it is not as the story has it, or not written as the others are
	Form    Form
	Way     int64 // of the ways to be Garbage or OtherColumns
}

// Striker decides what strikes; it is a world.
type Striker interface {
	StrikeRows(f fault.Family, candidates []fault.Fault, hit func(*fault.Fault) bool)
}

// Deliver is what becomes of the rows of a story, partition by partition. ok is false
// if nothing has struck: then everything is as in the story.
func Deliver(s *story.Story, by Striker) (list [][]Delivery, ok bool) {
	d := newDeliverer(s)
	rows, moments := d.rows(), d.moments()
	for _, f := range [...]struct {
		family     fault.Family
		candidates []fault.Fault
		hit        func(*fault.Fault) bool
	}{
		{fault.FarFuture, rows, d.farFuture},
		{fault.PoisonRow, rows, d.poison},
		{fault.MalformedRow, rows, d.malformed},
		{fault.SchemaChange, rows, d.schemaChange},
		{fault.DuplicateRow, rows, d.duplicate},
		{fault.IdlePartition, moments, d.idle},
		{fault.LateBurst, moments, d.burst},
	} {
		by.StrikeRows(f.family, f.candidates, func(x *fault.Fault) bool {
			hit := f.hit(x)
			ok = ok || hit
			return hit
		})
	}
	for _, part := range d.parts {
		slices.SortStableFunc(part, func(a, b Delivery) int { return cmp.Compare(a.At, b.At) })
	}
	return d.parts, ok
}

// deliverer holds what will be delivered, in the order of the story, duplicates behind
// everything else.
type deliverer struct {
	story  *story.Story
	parts  [][]Delivery
	names  [][]fault.Name // of the story's rows
	silent []int64        // µs for which each partition has been silent in all
	pace   int64          // how many times as long everything takes
}

func newDeliverer(s *story.Story) *deliverer {
	d := &deliverer{story: s, parts: make([][]Delivery, s.Partitions), names: names(s), silent: make([]int64, s.Partitions), pace: max(1, s.Pace)}
	lot := 0
	for i := range s.Rows {
		r := &s.Rows[i]
		if first := &s.Rows[lot]; r.Partition != first.Partition || r.At != first.At {
			lot = i
		}
		d.parts[r.Partition] = append(d.parts[r.Partition], Delivery{Row: *r, Of: i, Lot: lot})
	}
	return d
}

// Name is what faults call the source of a partition.
func Name(partition int) string { return "source-" + strconv.Itoa(partition) }

// ways is in how many ways a family that has such hits a row: as many as each of them.
const ways = 3

// rows are the candidates of families that hit single rows.
func (d *deliverer) rows() []fault.Fault {
	list := make([]fault.Fault, 0, len(d.story.Rows))
	for part := range d.names {
		node := Name(part)
		for i, name := range d.names[part] {
			list = append(list, fault.Fault{
				Node: node, Name: name, Nth: uint64(i), At: micros(d.parts[part][i].At), Amount: int64(uint64(name)>>32) % ways,
			})
		}
	}
	return list
}

// periodUs is how often a fault that lasts may begin in a partition, at pace 1.
const periodUs = 1_000_000

// moments are the candidates of a family that hits what is due in a while: in every
// second, while rows come, there is one for each partition.
func (d *deliverer) moments() (list []fault.Fault) {
	if len(d.story.Rows) == 0 {
		return nil
	}
	period := periodUs * d.pace
	first, last := d.story.Rows[0].At, d.story.Rows[len(d.story.Rows)-1].At
	for begin := first - first%period; begin <= last; begin += period {
		for part := range d.parts {
			name := momentName(part, begin)
			at := begin + int64(uint64(name)>>32)%period
			list = append(list, fault.Fault{Node: Name(part), Name: name, At: micros(at)})
		}
	}
	return list
}

// at is the delivery that a fault is about, and its partition's.
func (d *deliverer) at(x *fault.Fault) *Delivery {
	part := d.partition(x)
	if part < 0 || x.Nth >= uint64(len(d.names[part])) {
		return nil
	}
	return &d.parts[part][x.Nth]
}

// partition is that of the source which a fault names, or -1.
func (d *deliverer) partition(x *fault.Fault) int {
	for part := range d.parts {
		if Name(part) == x.Node {
			return part
		}
	}
	return -1
}

func micros(us int64) time.Duration { return time.Duration(us) * time.Microsecond }
