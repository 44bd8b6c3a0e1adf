package scenarios

// document is a job file as it is written. The tags are the format: decode and
// JSONSchema read them.
type document struct {
	Parallax    string       `yaml:"parallax" need:"yes" enum:"job/v1" doc:"The file's format."`
	Name        string       `yaml:"name" need:"yes" doc:"What the job is called."`
	Doc         string       `yaml:"doc" doc:"What the job shows."`
	Profile     string       `yaml:"profile" enum:"flink,beam,kafka-streams,spark" doc:"Defaults as this engine has them, of everything in which engines differ and that the job does not say itself."`
	Source      sourceDoc    `yaml:"source" need:"yes" doc:"The file of rows, and how it is read."`
	Watermark   watermarkDoc `yaml:"watermark" doc:"How late rows may be. Without it rows are expected in order."`
	Late        lateDoc      `yaml:"late" doc:"What happens to later rows."`
	Batch       layersDoc    `yaml:"batch" doc:"The batch layer, where the job runs as a Lambda system."`
	Checkpoints string       `yaml:"checkpoints" enum:"disk,store" doc:"Where the worker of a run as a cluster saves its state: on its own disk (disk, the default), or in an object store (store), from which one goes on whose disk is empty."`
	Pipeline    []stepDoc    `yaml:"pipeline" need:"yes" doc:"(filter | project)*, key_by?, window, trigger?, aggregate, (filter | project)*, in this order. Behind an aggregate, key_by, window and aggregate may come again, over the results."`
}

type sourceDoc struct {
	File        string    `yaml:"file" need:"yes" doc:"Relative to the job file. CSV, JSON Lines or Parquet, also gzipped."`
	Format      string    `yaml:"format" enum:"csv,jsonl,parquet" doc:"Unless the file's content or name tells."`
	EventTime   timeDoc   `yaml:"event_time" need:"yes" doc:"When a row's event happened."`
	ArrivalTime *timeDoc  `yaml:"arrival_time" doc:"When it arrived. Without it rows arrive in file order, at event time, never going back."`
	PartitionBy oneOrMore `yaml:"partition_by" doc:"Columns: one partition for each value, numbered by first appearance."`
	Partitions  *int      `yaml:"partitions" doc:"Instead: row i goes to partition i mod this number."`
	Columns     pairs     `yaml:"columns" doc:"Declared types: bool, int64, float64, decimal(p,s), string, timestamp. The others are inferred."`
	Idle        *idleDoc  `yaml:"idle" doc:"When a partition without rows stops holding windows back: in a run as a cluster, and under the rule operator."`
	Align       *alignDoc `yaml:"align" doc:"Which partitions are not read on while they are too far ahead of the others. For the rule operator."`
	OnError     string    `yaml:"on_error" enum:"fail,skip" doc:"fail (the default) stops at input that cannot be read; skip lists it and goes on."`
}

type idleDoc struct {
	After duration `yaml:"after" need:"yes" doc:"Nothing arrived in the partition for so long, in the data's time."`
}

type alignDoc struct {
	Drift duration `yaml:"drift" need:"yes" doc:"A partition whose watermark is further than this ahead of the least waits."`
}

type timeDoc struct {
	Field  string `yaml:"field" need:"yes" doc:"The column."`
	Unit   string `yaml:"unit" enum:"s,ms,us,ns" doc:"It holds a number of these since 1970-01-01T00:00:00Z."`
	Layout string `yaml:"layout" doc:"It holds text, in the manner of Go: 2006-01-02 15:04:05; without a unit or this, as 2006-01-02T15:04:05Z (RFC 3339)."`
	Zone   string `yaml:"zone" doc:"IANA time zone of such text; UTC unless given."`
}

type watermarkDoc struct {
	Bounded   *duration `yaml:"bounded" doc:"A row is at most so much older than the newest before it."`
	Monotonic bool      `yaml:"monotonic" doc:"Rows are in order."`

	Punctuated   string `yaml:"punctuated" doc:"Only rows for which this expression is true say how far time has come."`
	PerKey       string `yaml:"per_key" doc:"Rows are in order for each value of this expression: wait for the slowest that is less than bounded behind the newest row."`
	Percentile   share  `yaml:"percentile" doc:"So large a share of the rows so far was no more late than the watermark allows for; bounded is added to that."`
	Adaptive     share  `yaml:"adaptive" doc:"As percentile, over the latest rows whose disorder looks alike: when it changes, what was before is forgotten."`
	Completeness share  `yaml:"completeness" doc:"As percentile, with a share that follows what the operator found late, so that this share of the rows is on time (AQ-K-slack). For the rule operator."`

	Across   string   `yaml:"across" enum:"min,own,max" doc:"Windows fire by the least watermark over partitions (min), by the row's own partition, or, under the rule operator, by the greatest (max)."`
	Move     string   `yaml:"move" enum:"row,batch" doc:"The watermark moves with every row, or, under the rule operator, between micro-batches."`
	Batch    batchDoc `yaml:"batch" doc:"What a micro-batch is, if the watermark moves between them: {every: 10s} unless given."`
	AheadMax duration `yaml:"ahead_max" doc:"A row further than this before its arrival is refused. Off unless given."`
}

type batchDoc struct {
	Rows  *int      `yaml:"rows" doc:"So many rows, over all partitions."`
	Every *duration `yaml:"every" doc:"What arrives in one period of this length."`
}

type layersDoc struct {
	Every *duration `yaml:"every" doc:"How long, in arrival time, from one cut of the batch layer to the next. Unless given, the arrivals have eight such periods."`
	Late  string    `yaml:"late" enum:"complete,same" doc:"The batch layer counts every row below its cut, also what was too late (complete, the default), or applies the job's rule as the speed layer does (same)."`
}

type lateDoc struct {
	Rule    string   `yaml:"rule" enum:"log,operator" doc:"Judge a row by its own partition just before it (log), or by what the operator has seen."`
	Allowed duration `yaml:"allowed" doc:"So long behind its end a window takes revisions."`
	Per     string   `yaml:"per" enum:"window,element" doc:"A row is late for a window by the window's end, or altogether by its own time, though its windows may be open."`
}

type stepDoc struct {
	Filter    string      `yaml:"filter" doc:"Keeps the rows for which this expression is true."`
	Project   pairs       `yaml:"project" doc:"Replaces the columns: name and expression."`
	KeyBy     oneOrMore   `yaml:"key_by" doc:"The columns to group by. Without it there is one group."`
	Window    *windowDoc  `yaml:"window" doc:"Windows of event time."`
	Trigger   *triggerDoc `yaml:"trigger" doc:"The panes of the window before it. Without it: one when the window is complete, and one for each late row."`
	Aggregate pairs       `yaml:"aggregate" doc:"Result columns: name and call, perhaps with where."`
}

type windowDoc struct {
	Tumble duration `yaml:"tumble" doc:"Windows of this length that touch."`
	Hop    duration `yaml:"hop" doc:"Windows of this length …"`
	Every  duration `yaml:"every" doc:"… that begin every so often."`
	Offset duration `yaml:"offset" doc:"Shifts all windows."`
	Clamp  bool     `yaml:"clamp" doc:"Windows that begin before 1970 do not exist, as in Kafka Streams."`

	Calendar string `yaml:"calendar" enum:"day,week,month" doc:"Days, weeks or months as clocks in a zone show them; days have 23 or 25 hours where clocks change."`
	Zone     string `yaml:"zone" doc:"IANA time zone of a calendar; UTC unless given."`
	Start    string `yaml:"start" enum:"monday,tuesday,wednesday,thursday,friday,saturday,sunday" doc:"The day on which a calendar's weeks begin; monday unless given."`
	Global   bool   `yaml:"global" doc:"One window for all rows, complete at the end of the input."`

	Session duration `yaml:"session" doc:"Sessions: windows of rows that have no gap so long between them."`
	Merge   string   `yaml:"merge" enum:"overlapping,touching" doc:"Whether rows exactly that far apart are in two sessions (overlapping, the default) or in one (touching)."`

	Sliding duration `yaml:"sliding" doc:"Windows per record: for each row the one that ends at it, back to rows so much earlier, both included, and the one just after it."`
	Grain   duration `yaml:"grain" doc:"How finely sliding windows tell times apart: rows count as at multiples of this; 1ms unless given."`

	Count int `yaml:"count" doc:"Windows of so many rows of a key in the order of their event times, named by row numbers; one that is not full when the input ends has no result."`
}
