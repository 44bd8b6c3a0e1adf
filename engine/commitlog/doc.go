// Package commitlog is the replicated log: topics of partitions, each a Raft
// group whose log is the partition's log.
//
// A [Broker] holds a replica of every partition. Producers number their batches,
// so that one that is sent again is stored once; readers fetch committed batches
// by offset with a credit of bytes; [Pin] keeps what somebody may have to read
// again; [Lookup] finds a place by append time. Retention moves the start of the
// log, as an entry of the log, so that all replicas forget alike.
//
// A place in a partition is a [Cut]: an offset together with the frontier that
// the rows below it have left. A partition to which nothing is appended for a
// while is told the frontier of the others in an idle record, which has an offset
// like any other, so that lateness stays a function of the log.
//
// The invariants: what is committed stays, at its offset, in every replica that
// has applied it; a batch is acknowledged only when it is committed, and is in the
// log once; readers see committed batches only; append times never go back in a
// partition; the log never begins above a pin.
//
// # Raft and the contract
//
// Raft is go.etcd.io/raft with asynchronous storage writes. A write of its log is
// one record of the partition's journal, its responses ride on it and leave when
// it is durable; what it sends besides is eager, but for a candidate's question,
// which waits for its own vote; what it applies is applied at once, in memory. A
// later entry i replaces all entries from i on, so nothing on disk is ever cut off.
//
// Raft's own election time-out draws from the machine's randomness. So only
// leaders tick, followers are made to stand by a timer drawn from the node's
// generator, and a leader's quorum check is driven by the broker: one that no
// quorum answers steps down within two election periods. A replica that hears a
// leader does not help to depose it, so a broker that has lost sight of the leader
// alone changes nothing for the others. Leadership is never transferred: Raft
// would wait for a dead successor for as many ticks as we never count.
//
// A snapshot holds no records: it is the state (producers, pins, time index) behind
// the last entry that was trimmed, which is where the log begins, and the group's
// members as of now. What is applied on top of it comes out as it did the first
// time. A follower that has fallen behind the start of the log begins there.
//
// # Damage
//
// A replica whose journal is damaged below what it has confirmed has lost its
// promises. It may neither vote nor acknowledge as itself: it comes back under a
// new id, as a learner, and its former self is removed from the group; when it has
// caught up it is made a voter. Until then the group is one of fewer. What a disk
// cannot read is damage, too; also the last record of a journal is noticed, see package
// journal.
//
// # Limits
//
// Of every entry behind the log's start some 200 bytes stay in memory, and 4 MiB
// of data per partition; older data is read from the disk again. At most 1,024
// entries and 64 MiB wait to be committed, 1,024 pins for that, and 1,024 fetches
// for data; whoever comes beyond that is told [protocol.Busy], or that there is
// nothing yet. The table of producers only grows.
package commitlog
