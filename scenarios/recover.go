package scenarios

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/engine/flow/fold"
	"parallax/sim"
	"parallax/sim/cluster/lambda"
)

// RecoverOptions shape a recovery from a mistake in a job's code.
type RecoverOptions struct {
	Seed    uint64
	Faults  bool // as in ClusterOptions, all the time
	Brokers int  // 0 means 3
	Pace    int64
	Batch   Batch
	BuggyUs int64 // how long, of the data's time, the code with the mistake runs before it is fixed
	// AtUs is how long the job's own code runs before, likewise; then the code with the
	// mistake is deployed beside it. 0: the mistake is there from the beginning.
	AtUs int64
}

// Effort is what programs have used.
type Effort struct{ ProcessorNs, Read, Wrote, Sent int64 }

// Recovery is what it took an architecture to answer everything anew. Lengths of time are
// the cluster's. What is used is that of all programs but those that bring data and ask,
// from the fix until the fixed code's answers are served; Again is the share of the
// programs that were started for it.
type Recovery struct {
	Arch                     string
	Pace                     int64
	RightNs                  int64 // from the fix until every answer is right
	Shown, Wrong, Missing    int   // rows at the fix: of the view, of those not right, and of those that are right and not there
	Used, Again              Effort
	StoredBefore, StoredPeak int64 // bytes on all disks, at the fix and at most until all was right
	StaleNs                  int64 // the longest time, until then, that something committed was not in what was served
	Compared                 int   // whole answers of the fixed code with those from scratch
	Rows                     int   // of the last
	Hash                     uint64
}

// The limits of a recovery, in ns of the cluster's time.
const (
	recoverNs     = 600 * engine.Second // to answer everything anew
	recoverStepNs = engine.Millisecond
)

// ErrNotMended is a recovery that does not end, or ends with wrong answers; ErrNoRows has
// no data.
var (
	ErrNotMended = errors.New("the mistake is not mended")
	ErrNoRows    = errNoRows

	errNotRecovered = fmt.Errorf("%w: the fixed code does not catch up", ErrNotMended)
	errStillWrong   = fmt.Errorf("%w: an answer of the fixed code is not the one from scratch", ErrNotMended)
)

// Recover runs a job's buggy code, puts the job's own beside it after a while, and has it
// answer everything anew: as a Kappa system, where a new worker fills a new view from the
// beginning of the log, and as a Lambda system, where a new batch job folds the archive
// and new servers begin at its view. Readers are sent to the new answers once those stand
// where the old ones do, and the old programs are retired. Code with a mistake that comes
// later is deployed in the same way. Mistakes in the jobs are *[Error].
func Recover(job, buggy *Job, o RecoverOptions) ([]*Recovery, error) {
	stage, bad, err := recoverable(job, buggy, o.Pace)
	if err != nil {
		return nil, err
	}
	if stage.Rows == 0 {
		return nil, ErrNoRows
	}
	var list []*Recovery
	first := bad
	if o.AtUs > 0 {
		first = stage.in
	}
	for _, begin := range []func(*Stage, *input, *RecoverOptions) (mending, error){mendKappa, mendLambda} {
		m, err := begin(stage, first, &o)
		if err != nil {
			return nil, err
		}
		r := newRecovering(m, stage, bad, &job.Pipeline)
		if err := r.run(&o); err != nil {
			return nil, fmt.Errorf("%s: %w", r.out.Arch, err)
		}
		list = append(list, r.out)
	}
	return list, nil
}

// recoverable reads the data of both jobs, which must be the same but for the pipeline.
func recoverable(job, buggy *Job, pace int64) (*Stage, *input, error) {
	switch j, b := &job.Pipeline, &buggy.Pipeline; {
	case !reflect.DeepEqual(job.Source, buggy.Source):
		return nil, nil, buggy.refuse("source", "both jobs must read the same source: they are one job with and without a mistake in its code")
	case j.Watermark.Kind != b.Watermark.Kind || j.Watermark.AheadMax != b.Watermark.AheadMax || job.IdleAfter != buggy.IdleAfter:
		return nil, nil, buggy.refuse("watermark", "both jobs must have the same kind of watermark, ahead_max and idle: what is in the log's frontiers cannot be mended by other code")
	}
	mend, bad := *job, *buggy
	mend.reads, bad.reads = buggy.Pipeline.Reads(), job.Pipeline.Reads()
	if err := bad.checkCluster(); err != nil {
		return nil, nil, err
	}
	in, err := bad.open(nil)
	if err != nil {
		return nil, nil, err
	}
	stage, err := mend.Stage(pace)
	if err != nil {
		return nil, nil, err
	}
	for _, x := range []*input{stage.in, in} {
		if way, why := fold.Choose(x.plan, stage.Partitions); way != fold.Merge {
			return nil, nil, x.job.refuse("pipeline", "this job cannot run as two layers that are merged: "+why)
		}
	}
	return stage, in, nil
}

// mending is an architecture that runs some code, and then other code beside it.
type mending interface {
	world() (arch string, w *sim.World)
	// mend lets other code begin, and go on when it waits for something; it is called again
	// and again.
	mend(next *input) error
	// say is what is answered now, by the code at hand or the one that comes: where it
	// stands, and the table, unless only the place is wanted; a cut of nil if nothing is
	// answered.
	say(next, table bool) (stated, error)
	// changeOver sends readers to what comes, and retires what was at hand.
	changeOver()
	// finish lets the rest of the data come, in a calm world, until everything is answered.
	finish() error
}

// stated is an answer.
type stated struct {
	cut, batch []protocol.Cut
	complete   bool
	table      *Table
}

// recovering is a recovery on its way.
type recovering struct {
	mending
	w       *sim.World
	stage   *Stage
	bad     *input
	right   *lambda.Witness
	out     *Recovery
	commits commits
	began   []sim.Usage // of the nodes that there were at the fix
	over    bool        // readers are at the fixed code
}

// newRecovering begins a recovery, whose answers must be those of a pipeline.
func newRecovering(m mending, stage *Stage, bad *input, right *flow.Pipeline) *recovering {
	arch, w := m.world()
	r := &recovering{mending: m, w: w, stage: stage, bad: bad, out: &Recovery{Arch: arch, Pace: stage.Pace}}
	r.right = lambda.NewWitness(r.w, lambda.Job{Pipeline: right, Schema: stage.Schema, Feed: stage.Feed})
	return r
}

func (r *recovering) run(o *RecoverOptions) error {
	if err := r.err(o); err != nil {
		return err
	}
	if err := r.harm(); err != nil {
		return err
	}
	for id := range r.w.Nodes() {
		r.began = append(r.began, r.w.Usage(engine.NodeID(id+1)))
	}
	r.out.StoredBefore = r.stored()
	r.out.StoredPeak = r.out.StoredBefore
	fixed := r.w.Now()
	r.commits.note(r.w)
	if err := r.switchOver(r.stage.in, fixed); err != nil {
		return err
	}
	r.out.RightNs = int64(r.w.Now()-fixed) / r.stage.Pace
	r.effort()
	if err := r.compare(); err != nil {
		return err
	}
	r.changeOver()
	r.over = true
	const looks = 8
	if rest := int64(r.stage.End - r.w.Now()); rest > 0 {
		for range looks {
			if err := r.serve(rest / looks); err != nil {
				return err
			}
		}
	}
	if err := r.finish(); err != nil {
		return err
	}
	if err := r.catchUp(); err != nil {
		return err
	}
	r.out.Hash = r.w.Hash()
	return r.compare()
}

// err lets the mistake happen, until it is found.
func (r *recovering) err(o *RecoverOptions) error {
	if err := r.w.RunFor(o.AtUs * engine.Microsecond); err != nil {
		return err
	}
	deployed := r.w.Now()
	if o.AtUs > 0 {
		r.commits.note(r.w)
		if err := r.switchOver(r.bad, deployed); err != nil {
			return err
		}
		r.out.StaleNs = 0 // nothing of that belongs to the recovery
		r.changeOver()
	}
	return r.w.RunUntil(max(r.w.Now(), deployed+engine.Instant(o.BuggyUs*engine.Microsecond)))
}

// fixed is what the fixed code says now.
func (r *recovering) fixed(table bool) (stated, error) { return r.say(!r.over, table) }

// harm counts what is wrong when the mistake is found.
func (r *recovering) harm() error {
	old, err := r.say(false, true)
	if err != nil || old.cut == nil {
		return err
	}
	want, err := r.scratch(&old)
	if err != nil {
		return err
	}
	edges := len(r.stage.in.plan.Last().Keys) + 2
	all, keys := map[string]bool{}, map[string]bool{}
	for row := range want.Rows {
		all[textOf(want, row, len(want.Columns))] = true
	}
	r.out.Shown = old.table.Rows
	same := slices.Equal(old.table.Schema, want.Schema)
	for row := range old.table.Rows {
		if !same || !all[textOf(old.table, row, len(old.table.Columns))] {
			r.out.Wrong++
		}
		keys[textOf(old.table, row, min(edges, len(old.table.Columns)))] = true
	}
	for row := range want.Rows {
		if !keys[textOf(want, row, edges)] {
			r.out.Missing++
		}
	}
	return nil
}

// textOf is the first columns of a row as text that other rows do not have.
func textOf(t *Table, row, columns int) string {
	s := ""
	for c := range columns {
		s += fmt.Sprintf("%q ", t.Value(row, c).Text())
	}
	return s
}

// scratch is what is right to say at an answer's cut.
func (r *recovering) scratch(s *stated) (*Table, error) {
	rows, err := r.right.Rows(s.cut, s.batch, s.complete)
	if err != nil {
		return nil, err
	}
	view := newViewTable(r.stage.in.plan)
	if err := view.answered(rows); err != nil {
		return nil, err
	}
	return view.results()
}

// switchOver lets other code answer everything, until it stands where the old one does.
func (r *recovering) switchOver(next *input, began engine.Instant) error {
	var seen []protocol.Cut // of the old code's answers, which may be down
	for {
		if err := r.mend(next); err != nil {
			return err
		}
		old, err := r.say(false, false)
		if err != nil {
			return err
		}
		r.commits.note(r.w)
		if old.cut != nil && !behind(old.cut, seen) {
			seen = old.cut
		}
		r.out.StaleNs = max(r.out.StaleNs, r.commits.behind(r.w.Now(), seen)/r.stage.Pace)
		now, err := r.say(true, false)
		if err != nil {
			return err
		}
		if now.cut != nil && !behind(now.cut, seen) {
			return nil
		}
		if int64(r.w.Now()-began) > recoverNs*r.stage.Pace {
			return fmt.Errorf("%w within %d s: it stands at %v, the old code at %v", errNotRecovered, recoverNs/engine.Second, now.cut, seen)
		}
		if err := r.w.RunFor(recoverStepNs * r.stage.Pace); err != nil {
			return err
		}
		r.out.StoredPeak = max(r.out.StoredPeak, r.stored())
	}
}

// behind tells whether a cut is behind another in some partition.
func behind(cut, other []protocol.Cut) bool {
	for p := range other {
		if cut[p].Offset < other[p].Offset {
			return true
		}
	}
	return false
}

// serve lets the fixed code answer for a while, and looks at its answers then.
func (r *recovering) serve(ns int64) error {
	if err := r.w.RunFor(ns); err != nil {
		return err
	}
	return r.compare()
}

// catchUp waits until the fixed code has answered everything that is in the log.
func (r *recovering) catchUp() error {
	for began := r.w.Now(); ; {
		now, err := r.fixed(false)
		if err != nil {
			return err
		}
		r.commits.note(r.w)
		if now.cut != nil && r.commits.holds(now.cut) {
			return nil
		}
		if int64(r.w.Now()-began) > calmNs*r.stage.Pace {
			return fmt.Errorf("%w in a calm world: it stands at %v", errNotRecovered, now.cut)
		}
		if err := r.w.RunFor(recoverStepNs * r.stage.Pace); err != nil {
			return err
		}
	}
}

// compare holds everything that the fixed code answers now against an answer from scratch.
func (r *recovering) compare() error {
	got, err := r.fixed(true)
	if err != nil || got.cut == nil {
		return err
	}
	want, err := r.scratch(&got)
	if err != nil {
		return err
	}
	if !want.Equal(got.table) {
		return fmt.Errorf("%w: %d rows at %v, should be %d", errStillWrong, got.table.Rows, got.cut, want.Rows)
	}
	r.out.Compared++
	r.out.Rows = want.Rows
	return nil
}
