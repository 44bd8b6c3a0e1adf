package zoo

// Absent is a bug of a known system that this engine cannot be given, or in which no
// run could show it.
type Absent struct {
	Layer     string
	Reference string
	Reason    string
}

// absences are what is looked for in the zoo, and is not in it.
var absences = []Absent{
	{"log", "Z05, Kafka: apache/kafka#6722 (KAFKA-8351)", "There are no transactions in the log, and nothing is cleaned by key: " +
		"what retention removes is whole batches at the beginning."},
	{"log", "Z08, Bufstream: jepsen.io/analyses/bufstream-0.1.0", "There are no transactions. What makes a span and its cut one is a " +
		"comparison in the view, which a late copy does not pass; no-compare takes that away."},
	{"log", "Z09, Kafka: apache/kafka#13787 (KAFKA-14884)", "There are no transactions, and so no last stable offset: a batch is judged " +
		"and proposed in one step."},
	{"log", "Raft, section 5.2: a vote that is not written down", "It was planted and not seen in 475 seeds: two candidates would have to " +
		"stand in one term, and a voter to crash between their requests, while a vote before the vote, a leader that is still heard of, and " +
		"drawn patience keep rivals apart. A candidate that asked before its own vote was durable was a mistake of this engine, though, " +
		"and was found: by one of 25,000 seeds. That is too rare for here; a test of the log keeps it."},
	{"source", "Z26, Flink: apache/flink-connector-kafka#192 (FLINK-38453)", "There is no policy of where to begin: partitions are as many " +
		"as the job says, all are read from the log's beginning, and a checkpoint has the offset of each, also where nothing was read."},
	{"watermark", "Z34, Flink: apache/flink#4747 (FLINK-7728)", "That a partition is idle is a record in it, with its frontier: every reader " +
		"comes to the same watermark, and the last one comes with the end of all partitions."},
	{"watermark", "Z38, Flink: apache/flink#24211 (FLINK-34252)", "A broker could call a busy partition idle, but its record would be part of " +
		"the log as any other, and every answer exact: rows would be late in all of them. A property of how long a partition was " +
		"quiet before an idle record would be needed, by clocks that are skewed."},
	{"watermark", "Z41, Spark: apache/spark#38405 (SPARK-40925)", "Whether a result is late is inherited from its rows and never asked of a " +
		"watermark, so nothing is dropped between windows. A watermark that overtakes its panes is planted in the operator's tests; drawn " +
		"stories have no windows over results."},
	{"sim", "Z138, Kafka: apache/kafka#6883 (KAFKA-8483)", "A batch's sequence is its place in the feed and is never given anew, and the " +
		"log takes a producer's batches in no other order. Code in which the order of a map shows is refused by simlint."},
}

// Absences lists the bugs that are not in the zoo, with the reason.
func Absences() []Absent { return absences }
