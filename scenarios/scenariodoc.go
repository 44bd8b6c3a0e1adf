package scenarios

import (
	"time"

	"parallax/sim/fault"
)

// scenarioVersion is the only format of scenario files there is.
const scenarioVersion = "scenario/v1"

// scenarioDoc is a scenario file as it is written. The tags are the format: decode
// and ScenarioSchema read them. What a pipeline says is said as in a job file.
type scenarioDoc struct {
	Parallax string     `yaml:"parallax" need:"yes" enum:"scenario/v1" doc:"The file's format."`
	Name     string     `yaml:"name" need:"yes" doc:"What the scenario is called."`
	Doc      string     `yaml:"doc" doc:"What the scenario shows."`
	Origin   *originDoc `yaml:"origin" doc:"Where it was found."`
	Seed     seed       `yaml:"seed" doc:"Decides delays, elections, the client's questions, and which faults strike if they are left to chance."`
	Clock    clockDoc   `yaml:"clock" doc:"How long the run is."`
	Cluster  clusterDoc `yaml:"cluster" doc:"Sizes of the deployment."`

	Source    rowsDoc      `yaml:"source" need:"yes" doc:"The rows, and how they come."`
	Watermark watermarkDoc `yaml:"watermark" doc:"How late rows may be. Without it rows are expected in order."`
	Late      lateDoc      `yaml:"late" doc:"What happens to later rows."`
	Pipeline  []stepDoc    `yaml:"pipeline" need:"yes" doc:"(filter | project)*, key_by?, window, aggregate, (filter | project)*, in this order."`

	Client     *clientDoc   `yaml:"client" doc:"Who asks the view. Nobody of himself where there are queries, unless given."`
	Queries    []queryDoc   `yaml:"queries" doc:"What the client asks, and when. Every answer is compared with what the view ought to hold at the cut that it states."`
	Restarts   []restartDoc `yaml:"restarts" doc:"Who is restarted, and when: killed, and started at once."`
	Faults     faultsDoc    `yaml:"faults" doc:"What goes wrong. Nothing, unless given."`
	Defect     string       `yaml:"defect" doc:"A mistake of the zoo that is built in, to see it found."`
	Properties oneOrMore    `yaml:"properties" doc:"Properties that the run must show something of: where nothing has happened that one of them is about (no batch came twice, nobody was answered), it is inconclusive. All are checked, whatever is listed; parallax list properties names them."`
	Expect     expectDoc    `yaml:"expect" doc:"What the run must come to."`
	Teach      []noteDoc    `yaml:"teach" doc:"What to see, and when."`
}

type originDoc struct {
	FoundBy string `yaml:"found_by" doc:"The command."`
	Seed    seed   `yaml:"seed" doc:"The seed."`
	Commit  string `yaml:"commit" doc:"Of the program that found it."`
	Trace   string `yaml:"trace" doc:"Hash of the run, by that program. Another one means that the program behaves differently now."`
	Shrunk  pairs  `yaml:"shrunk" doc:"What was made smaller, from what to what."`
}

type clockDoc struct {
	Start duration      `yaml:"start" doc:"When the run begins, since 1970; 0 unless given."`
	Storm time.Duration `yaml:"storm" doc:"So long the world does its worst; 10s unless given."`
	Calm  time.Duration `yaml:"calm" doc:"So long everything may take to catch up then; 10s unless given."`
	Pace  *int          `yaml:"pace" doc:"Every period of the cluster lasts so many times as long."`
}

type clusterDoc struct {
	Brokers     *int          `yaml:"brokers" doc:"Replicas of the log; 3 unless given."`
	Segment     *int          `yaml:"segment_bytes" doc:"Size of the segments of a broker's journal."`
	Cache       *int          `yaml:"cache_bytes" doc:"Entries that a replica keeps in memory; 4 MiB unless given."`
	Retain      *int          `yaml:"retain_bytes" doc:"Payload that a partition keeps at least; everything unless given."`
	Checkpoint  *int          `yaml:"checkpoint_bytes" doc:"Rows between two checkpoints of the worker."`
	Checkpoints string        `yaml:"checkpoints" enum:"disk,store" doc:"Where the worker keeps them: on its own disk (disk, the default), or in an object store (store), a node of that name."`
	StoreBusy   *int          `yaml:"store_busy_ppm" doc:"Of a million requests the store refuses so many for the moment."`
	StoreLost   *int          `yaml:"store_lost_ppm" doc:"Of a million replies of the store, to what it has done, so many are lost."`
	StoreSlow   *int          `yaml:"store_slow_ppm" doc:"Of a million listings of the store so many take up to half a second."`
	Credit      *int          `yaml:"credit_bytes" doc:"What the worker asks for at a time."`
	ViewBytes   *int          `yaml:"view_segment_bytes" doc:"Size of the segments of the view's journal."`
	ViewBase    *int          `yaml:"view_base_bytes" doc:"Changes of the view between two bases."`
	IdleAfter   time.Duration `yaml:"idle_after" doc:"A partition without rows for so long is told how far the others are; never unless given."`
	DelayMin    time.Duration `yaml:"delay_min" doc:"Messages take so long at least; 200us unless given."`
	DelayMax    time.Duration `yaml:"delay_max" doc:"Messages take so long at most; 400us unless given."`
}

type rowsDoc struct {
	Partitions  *int      `yaml:"partitions" doc:"How many; 1 unless given."`
	PartitionBy oneOrMore `yaml:"partition_by" doc:"The columns that decide a row's partition, where a watermark of its own asks for them."`
	Columns     pairs     `yaml:"columns" need:"yes" doc:"Name and type of each: bool, int64, float64, decimal(p,s), string, timestamp."`
	End         duration  `yaml:"end" doc:"When every partition is told that nothing more will come; with the last row unless given."`
	Rows        []Line    `yaml:"rows" doc:"By arrival: at is the arrival, ts the event time (at, unless given), p the partition (0, unless given), id a name to speak of the row by; then the columns, of which those left out are null. Rows of a partition that arrive together and stand together are one batch."`
}

type clientDoc struct {
	Every *time.Duration `yaml:"every" doc:"The longest time between two questions; 400ms unless given."`
	None  bool           `yaml:"none" doc:"Nobody asks."`
}

type expectDoc struct {
	Verdict  string       `yaml:"verdict" enum:"pass,violated,inconclusive" doc:"pass unless given."`
	Property string       `yaml:"property" doc:"The property that is violated; parallax list properties names them."`
	View     []Line       `yaml:"view" doc:"All rows of the view at the end: names of result columns and values."`
	Dropped  oneOrMore    `yaml:"dropped" doc:"The rows, by id, of which a window was dropped as too late, and no others."`
	Excused  oneOrMore    `yaml:"excused" doc:"Whose data is destroyed, so that the run need not catch up: nodes, and partitions as in partition 0; and nobody else's."`
	Probes   oneOrMore    `yaml:"probes" doc:"Places in the code that the run must come to, or else it shows nothing and is inconclusive; parallax list probes names them."`
	At       []instantDoc `yaml:"at" doc:"What the view holds on the way."`
}

type instantDoc struct {
	At   duration `yaml:"at" need:"yes" doc:"When."`
	View []Line   `yaml:"view" need:"yes" doc:"All rows of the view then."`
}

type noteDoc struct {
	At  duration `yaml:"at" doc:"When."`
	Say string   `yaml:"say" need:"yes" doc:"What there is to see."`
}

type faultsDoc struct {
	Swarm bool          `yaml:"swarm" doc:"The seed chooses which families strike, and how often."`
	Rates []rateDoc     `yaml:"rates" doc:"How often families strike; those left out never."`
	List  []fault.Fault `yaml:"list" doc:"Exactly these strike, and nothing else does."`

	Unrestricted bool `yaml:"unrestricted" doc:"Damage may strike every disk, also where there is no other copy. What then cannot catch up is excused by the data that was destroyed; nothing excuses a wrong answer."`
}

type rateDoc struct {
	Fault fault.Family  `yaml:"fault" need:"yes" doc:"The family; parallax list faults names them."`
	PPM   *int          `yaml:"ppm" need:"yes" doc:"Of a million chances it takes so many."`
	Sure  bool          `yaml:"sure" doc:"It strikes at least once."`
	Least time.Duration `yaml:"least" doc:"How much it does at least."`
	Most  time.Duration `yaml:"most" doc:"How much it does at most."`
}
