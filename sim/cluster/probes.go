package cluster

import (
	"fmt"
	"slices"
	"strings"
)

// Probe is a place in the code that a campaign over a deployment must have come to:
// where it never was, nothing was shown. Runs count them, see sim.World.Probes.
type Probe struct {
	Name string
	Says string // what has happened there
}

// probes are all places of which the code says Sometimes, by name.
var probes = []Probe{
	{"commitlog.clock-behind-the-log", "a leader's clock showed less than the last append time"},
	{"commitlog.copy-of-committed", "a batch came again that was committed"},
	{"commitlog.copy-of-pending", "a batch came again that was not yet committed"},
	{"commitlog.credit-used-up", "an answer ended where the reader's credit did"},
	{"commitlog.entries-replaced", "entries of a replica's log were replaced by a later term's"},
	{"commitlog.former-self-removed", "a replica that had lost its promises was taken out of its group"},
	{"commitlog.leader-not-ready", "a reader asked a leader that did not know yet what was committed"},
	{"commitlog.learner-promoted", "a replica that had begun again was made a voter"},
	{"commitlog.message-of-the-dead", "a message came for or from a replica that is no more"},
	{"commitlog.rejoin", "a replica found its journal damaged and began again"},
	{"commitlog.resigned-with-clients", "a leader stepped down while somebody waited for it"},
	{"commitlog.snapshot-installed", "a replica took its leader's snapshot"},
	{"commitlog.snapshot-sent", "a leader sent a snapshot to one that had fallen behind its log"},
	{"commitlog.trim", "the log's beginning was given up"},
	{"commitlog.unmarked", "a crash left a replica a record whose write was not confirmed"},
	{"commitlog.vote-refused", "a candidate was refused because there is a leader"},
	{"journal.chain", "a journal was recovered from several segments"},
	{"journal.corrupt", "a journal was damaged"},
	{"journal.release", "segments were given up"},
	{"journal.rotate", "a segment was full"},
	{"journal.segment-passed-over", "the newest segment could not be the last one"},
	{"journal.stale-file", "a file was there that is not needed"},
	{"journal.torn-tail", "the newest segment ended in the middle of a write"},
	{"kappa.batch-refused", "a worker met a batch that it cannot read"},
	{"kappa.checkpoint-swapped-before", "a swap of the head of the checkpoints had been carried out, and the reply was lost"},
	{"kappa.checkpoint-swept", "an object was removed that is in no checkpoint"},
	{"kappa.checkpoint-takeover", "a worker took the checkpoints in the object store over"},
	{"kappa.checkpoint-written-before", "an object of a checkpoint had been written, and the reply was lost"},
	{"kappa.delta", "a checkpoint was written as a delta"},
	{"kappa.publish-again", "a publication was sent again"},
	{"kappa.replay", "a worker replayed rows that were in the view already"},
	{"kappa.restore", "a worker began from a checkpoint"},
	{"kappa.restore-deltas", "a worker began from a base and deltas"},
	{"kappa.row-refused", "a worker met a row for which an expression has no value"},
	{"operator.behind-and-on-time", "rows were behind the watermark and yet on time"},
	{"operator.dropped", "a pair came too late"},
	{"operator.revision", "a pair came late and was a revision"},
	{"serving.base", "the view began its journal anew"},
	{"serving.copy-of-a-span", "a span came that had been applied"},
	{"serving.fenced", "an earlier attempt was refused"},
	{"serving.page", "an answer did not fit into a page"},
	{"serving.span-in-parts", "a span came in several parts"},
}

// Probes lists all probes, by name.
func Probes() []Probe { return slices.Clone(probes) }

// Coverage counts over many runs how often each probe was come to.
type Coverage struct {
	Runs  int
	hits  map[string]uint64 // over all runs
	runs  map[string]int    // that came to it
	first map[string]int    // the number of the first run that did
}

// Add takes in a run.
func (c *Coverage) Add(hits map[string]uint64) {
	if c.hits == nil {
		c.hits, c.runs, c.first = map[string]uint64{}, map[string]int{}, map[string]int{}
	}
	c.Runs++
	for _, p := range probes {
		n := hits[p.Name]
		if n == 0 {
			continue
		}
		c.hits[p.Name] += n
		if c.runs[p.Name]++; c.runs[p.Name] == 1 {
			c.first[p.Name] = c.Runs
		}
	}
}

// In is how many runs came to a probe.
func (c *Coverage) In(name string) int { return c.runs[name] }

// Missed lists the probes that no run came to.
func (c *Coverage) Missed() []Probe {
	var list []Probe
	for _, p := range probes {
		if c.runs[p.Name] == 0 {
			list = append(list, p)
		}
	}
	return list
}

// String is a line for each probe.
func (c *Coverage) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-32s %9s %9s %9s\n", "probe", "in runs", "first in", "hits")
	for _, p := range probes {
		first := "never"
		if n := c.first[p.Name]; n > 0 {
			first = fmt.Sprint(n)
		}
		fmt.Fprintf(&b, "%-32s %9d %9s %9d\n", p.Name, c.runs[p.Name], first, c.hits[p.Name])
	}
	return b.String()
}
