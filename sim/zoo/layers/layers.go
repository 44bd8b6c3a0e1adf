package layers

import (
	"slices"

	"parallax/batch/job"
	"parallax/sim/cluster/lambda"
	"parallax/sim/zoo"
	"parallax/speed"
)

// Defect is a mistake that a Lambda system can be run with.
type Defect struct {
	Name      string
	Layer     string // batch, speed or serving
	Reference string
	Mechanism string
	Plant     func(*lambda.Options)
}

// all defects. Whoever adds one adds its line here.
var all = []Defect{
	{
		"fold-twice", "batch", "Z96, Iceberg: apache/iceberg#2808, a commit of unknown outcome, retried",
		"The job folds rows onto a view that has them already, as a retry does that does not look at what the head says.",
		func(o *lambda.Options) { o.Defects.Job = job.DefectTwice },
	},
	{
		"strand-late", "batch", "Z104, TimescaleDB: timescale/timescaledb#10219, a refresh that returns and has left something out",
		"The job takes every archived row for on time, so that what changed late is not what the view says was materialised.",
		func(o *lambda.Options) { o.Defects.Job = job.DefectForgetLate },
	},
	{
		"expire", "speed", "Z112, Cortex: cortexproject/cortex#2868, a block that was deleted before it was shipped",
		"A server drops generations by age: a batch layer that is late finds them gone, and rows are in neither layer.",
		func(o *lambda.Options) { o.Defects.Speed = speed.DefectExpire },
	},
	{
		"two-reads", "serving", "Z115, Pinot: apache/pinot#8685, a time boundary that one query reads twice",
		"An answer takes the view's rows from before a swap and the speed layer's from behind it.",
		func(o *lambda.Options) { o.Defects.Speed = speed.DefectTwoReads },
	},
	{
		"early-boundary", "serving", "Z117, Pinot: apache/pinot#6925, a boundary that moves before any server holds the new segment",
		"A server takes a view for its own as soon as the pointer names it, while its files are being loaded.",
		func(o *lambda.Options) { o.Defects.Speed = speed.DefectEarly },
	},
	{
		"future-boundary", "serving", "Z119, TimescaleDB: timescale/timescaledb#4239, a materialisation watermark in the future",
		"A server also drops the generation that was going on when the view was made, as if the batch had covered it to its end.",
		func(o *lambda.Options) { o.Defects.Speed = speed.DefectHole },
	},
	{
		"keep-absorbed", "speed", "A hand-off that leaves the last segment in both layers",
		"A server keeps the last generation that its view has absorbed.",
		func(o *lambda.Options) { o.Defects.Speed = speed.DefectTwice },
	},
	{
		"rewind", "serving", "Brokers that move their boundaries one by one (spec vector L5)",
		"A server answers a client that has seen more.",
		func(o *lambda.Options) { o.Defects.Speed = speed.DefectRewind },
	},
	{
		"forget-frontiers", "speed", "A consumer that begins at an offset as if nothing had been before",
		"A server goes on from a cut without its frontiers, so that late rows are on time.",
		func(o *lambda.Options) { o.Defects.Speed = speed.DefectForgetful },
	},
}

// All lists the defects.
func All() []Defect { return slices.Clone(all) }

// Absences are the bugs of these layers that cannot be made here, with the reason.
func Absences() []zoo.Absent {
	return []zoo.Absent{
		{Layer: "batch", Reference: "Z99, Hudi, Trino, ClickHouse: apache/hudi#18754 (PARQUET-1246)", Reason: "No reader leaves a file " +
			"out because of a column's least and greatest value: jobs read what lies between two cuts, and files of views are left out by " +
			"the place of their first and last row, which no NaN is. Statistics count NaN apart from the bounds, for other programs."},
		{Layer: "speed", Reference: "Z106, Druid: apache/druid#5161", Reason: "A file's name has its offsets and its content's checksum, and " +
			"what it holds is a function of the log between two markers: who writes it again after a crash writes the same bytes. A file " +
			"that is there with another content ends the archiver."},
		{Layer: "speed", Reference: "Z108, Pinot: apache/pinot#13140", Reason: "No row looks for its predecessor. Rows of one key are " +
			"added as accumulators, in any order and when they are asked for, so there is nothing that a row which comes during a swap " +
			"could fail to find."},
	}
}
