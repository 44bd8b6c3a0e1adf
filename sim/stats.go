package sim

// Stats count what happened in a run. A fault that was planned and whose counter
// stayed at 0 proves nothing.
type Stats struct {
	Events   uint64 // taken from the queue
	Steps    uint64 // of actors, Start included
	Messages uint64 // sent to other nodes
	Bytes    uint64 // of those messages
	Persists uint64
	Written  uint64 // bytes persisted
	Syncs    uint64 // group commits that ended
	Removes  uint64
	Reads    uint64 // bytes read from disks

	Faults uint64 // that struck, of all families

	Dropped, Duplicated, Reordered, Slowed uint64 // messages
	Severs, SeveredMessages                uint64
	Overflowed                             uint64 // messages lost at a full inbox
	ToDown                                 uint64 // messages that reached a node while it was down

	Crashes, CrashesAtPersist, Restarts uint64 // Crashes counts all, also those at persists
	Pauses, Zombies                     uint64 // Zombies are paused nodes that woke up in the same incarnation
	SlowSyncs                           uint64
	SurvivedWrites, LostWrites          uint64 // unsynced writes at crashes
	TornWrites, UndoneRemoves           uint64
	Fatals                              uint64
}

// Stats returns the counters so far.
func (w *World) Stats() Stats { return w.stats }
