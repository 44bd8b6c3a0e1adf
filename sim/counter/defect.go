package counter

// Defect is a mistake that can be planted at its real place, to see it caught.
type Defect uint8

const (
	// None is the correct protocol.
	None Defect = iota
	// EarlyAck acknowledges an increment before it is durable anywhere.
	EarlyAck
	// EarlyReack acknowledges a repeated increment although its first copy is
	// known but not yet committed.
	EarlyReack
	// NoDedup counts a repeated increment again.
	NoDedup
	// TornTail copies a recovered file as it is, torn tail included, and appends
	// behind it.
	TornTail
	// EagerCopy passes an increment on to the backup before it is durable here.
	EagerCopy
)
