// Package vault keeps the checkpoints of one job in an object store, for whichever worker
// runs the job at the moment.
//
// The idea. The records of a checkpoint are objects that never change, each under a name
// that is used once. Which of them count says one small object, the [Head], which is swapped
// by compare-and-set: it names the objects of the last base and of the deltas behind it, the
// cut, and the attempt that they are of. A worker that starts, with whatever is on its disk,
// first swaps a head of its own attempt in (it takes the vault over), reads what that head
// names and goes on. From then on a swap of an earlier attempt fails, because versions of a
// name do not come back; so whoever was replaced and does not know it learns it when it
// wants to save something ([ErrReplaced]).
//
// What a swap that was never answered has done cannot be known. It is sent again, fails if
// it had been carried out, and then the head is read: attempt, owner and number in it say
// whether it is the one that was meant. So a repetition does no harm.
//
// Objects are named by attempt and number, and both rise. An attempt is one incarnation of
// one worker, because taking it over is a swap; so what lies at or below the place of a head
// and is not named in it was never a part of a checkpoint, or is replaced, and no later head
// can name it: those name what this one names, and what is written later. Such an object is
// dead for ever ([Head.Dead]), whoever looks, and however long ago he looked. That is all
// that clean-up needs: no clock, and no agreement with anybody.
//
// The invariants: of two attempts only the later one changes the head; the attempt, and the
// number within one, never go back; what the head names is there and whole.
package vault
