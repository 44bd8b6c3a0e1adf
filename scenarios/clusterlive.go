package scenarios

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"parallax/engine"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/serving"
	"parallax/sim/cluster"
	"parallax/sim/cluster/lambda"
)

// Manifest is what the processes of a live run agree on. It is written once, when
// the run first starts.
type Manifest struct {
	Format   string   `json:"schema"` // parallax.live/v1
	Job      string   `json:"job"`    // the job file
	Sets     []string `json:"sets,omitempty"`
	Hash     string   `json:"hash"` // of the job, its overrides and its data
	Brokers  int      `json:"brokers"`
	Pace     int64    `json:"pace"` // decides the batches; in real time, how many times faster than the data's time
	RealTime bool     `json:"real_time,omitempty"`
	Arch     string   `json:"arch,omitempty"`           // Lambda; else Kappa
	EveryNs  int64    `json:"batch_every_ns,omitempty"` // of Lambda: the machine's time between two cuts
	Late     string   `json:"batch_late,omitempty"`     // likewise: what its batch layer does about late rows
	StartNs  int64    `json:"start_ns"`                 // since 1970, of the first start

	Rows    int64       `json:"rows"`
	Records int64       `json:"records"` // of the log: rows, and the ends of partitions
	Bytes   []int64     `json:"bytes"`   // of each partition's batches
	Columns [][2]string `json:"columns"` // name and type
}

// manifestFormat is the only format there is.
const manifestFormat = "parallax.live/v1"

// errLive is returned for a manifest of another job, or of an earlier state of it.
var errLive = errors.New("scenarios: the folder belongs to another run")

// NewManifest prepares a job for a live run. Brokers, Pace, RealTime, Arch and StartNs of
// m are the caller's, the rest is filled in. Without rows there is nothing to run.
// Mistakes are as for RunCluster.
func (j *Job) NewManifest(sets []string, m *Manifest) error {
	if err := j.checkLive(); err != nil {
		return err
	}
	in, arrivals, err := j.openCluster()
	if err != nil {
		return err
	}
	m.Format, m.Sets, m.Rows = manifestFormat, sets, arrivals.rows
	if m.Job, err = filepath.Abs(j.File); err != nil {
		return err
	}
	if m.Hash, err = j.hash(sets); err != nil || m.Rows == 0 {
		return err
	}
	if m.Pace == 0 && m.RealTime {
		m.Pace = 1
	}
	if m.Pace, err = arrivals.pace(m.Pace); err != nil {
		return err
	}
	feed, end, err := in.feed(m.Pace)
	if err != nil {
		return in.explain(err)
	}
	if m.Arch == Lambda {
		s := Stage{Pace: m.Pace, Partitions: len(feed), Start: instantOf(arrivals.first), End: end, job: j, in: in}
		if err := m.layers(&s); err != nil {
			return err
		}
	}
	m.Records = arrivals.rows + int64(len(feed))
	for _, part := range feed {
		n := int64(0)
		for i := range part {
			n += int64(len(part[i].Payload))
		}
		m.Bytes = append(m.Bytes, n)
	}
	for _, f := range in.file.Needed() {
		m.Columns = append(m.Columns, [2]string{f.Name, f.Type.String()})
	}
	return nil
}

// checkLive refuses what a run on the machine's clock would answer otherwise.
func (j *Job) checkLive() error {
	if j.Pipeline.Watermark.AheadMax > 0 {
		return j.refuse("watermark.ahead_max", "with --live rows are appended by this machine's clock, not at their arrival, "+
			"so nothing can be said of rows ahead of it")
	}
	return j.checkCluster()
}

// Check says whether a manifest is that of a job as it is now, and of the architecture.
func (m *Manifest) Check(j *Job, sets []string, arch string) error {
	if m.Format != manifestFormat {
		return fmt.Errorf("%w: its format is %q, not %s", errLive, m.Format, manifestFormat)
	}
	if own := cmp.Or(m.Arch, Kappa); own != arch {
		return fmt.Errorf("%w: it was started with --arch %s; use that, or another folder", errLive, own)
	}
	if m.Arch == Lambda && m.Late != j.Batch.late() {
		return fmt.Errorf("%w: it was started with --batch late=%s; use that, or another folder", errLive, m.Late)
	}
	hash, err := j.hash(sets)
	if err != nil {
		return err
	}
	if hash != m.Hash {
		return fmt.Errorf("%w: it was started for %s, and that job, its overrides or its data were others; use another folder", errLive, m.Job)
	}
	return nil
}

// hash identifies a job by its file, its overrides and its data.
func (j *Job) hash(sets []string) (string, error) {
	h := sha256.New()
	for _, file := range []string{j.File, j.Source.File} {
		if err := hashFile(h, file); err != nil {
			return "", err
		}
	}
	fmt.Fprintf(h, "%q", sets)
	return hex.EncodeToString(h.Sum(nil)), nil
}

func hashFile(w io.Writer, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := io.Copy(w, f)
	if err == nil {
		_, err = fmt.Fprintf(w, "%d", n)
	}
	return err
}

// schema is the columns of the log.
func (m *Manifest) schema() (column.Schema, error) {
	s, err := columnsOf(m.Columns)
	if err != nil {
		return nil, fmt.Errorf("scenarios: manifest: %w", err)
	}
	return s, nil
}

// Recipe is what is left beside what a Lambda system keeps.
func (m *Manifest) Recipe(j *Job) (*Recipe, error) {
	schema, err := m.schema()
	if err != nil {
		return nil, err
	}
	return j.Recipe(schema, len(m.Bytes), Batch{Same: m.Late == lateSame}), nil
}

// Roles are the programs of a live run. The producer needs feeding: then the source is
// read.
func (m *Manifest) Roles(j *Job, feeding bool) ([]cluster.Role, error) {
	schema, err := m.schema()
	if err != nil {
		return nil, err
	}
	feed := make(cluster.Feed, len(m.Bytes))
	if feeding {
		if feed, err = m.feed(j); err != nil {
			return nil, err
		}
	}
	bytes := int64(0)
	for _, n := range m.Bytes {
		bytes += n
	}
	o := sizes(bytes, len(m.Bytes))
	o.Brokers = m.Brokers
	if m.RealTime {
		o.Log.IdleAfter = j.IdleAfter * engine.Microsecond / m.Pace
	}
	if m.Arch == Lambda {
		return m.layersRoles(lambda.Job{Pipeline: &j.Pipeline, Schema: schema, Feed: feed}, &o), nil
	}
	o.Store = j.Store
	return cluster.Job{Pipeline: &j.Pipeline, Schema: schema, Feed: feed}.Roles(o)
}

// feed cuts the source as it was cut for the manifest. In real time a batch is due
// so long after the start as it came after the first arrival, divided by the pace;
// else at once.
func (m *Manifest) feed(j *Job) (cluster.Feed, error) {
	in, arrivals, err := j.openCluster()
	if err != nil {
		return nil, err
	}
	feed, _, err := in.feed(m.Pace)
	if err != nil {
		return nil, in.explain(err)
	}
	first := instantOf(arrivals.first)
	for _, part := range feed {
		for i := range part {
			b := &part[i]
			if m.RealTime {
				b.Due = engine.Instant(m.StartNs + int64(b.Due-first)/m.Pace)
			} else {
				b.Due = 0
			}
		}
	}
	return feed, nil
}

// Table is the answer that the pages of a live run's whole view give.
func (m *Manifest) Table(j *Job, rows []serving.Result) (*Table, error) {
	plan, err := m.plan(j)
	if err != nil {
		return nil, err
	}
	return Answer(plan, rows)
}

func (m *Manifest) plan(j *Job) (*flow.Plan, error) {
	schema, err := m.schema()
	if err != nil {
		return nil, err
	}
	return j.Pipeline.Plan(schema)
}
