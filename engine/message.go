package engine

// NodeID names a node. It is a small number so that it can be hashed and
// encoded cheaply; drivers know its readable name.
type NodeID uint32

// Kind tells the messages of a deployment apart on the wire and in traces.
type Kind uint16

// Message is what actors send. AppendTo appends the encoding to b; the
// encoding must be a pure function of the message, because trace hashes and
// fault names are made of it.
type Message interface {
	Kind() Kind
	AppendTo(b []byte) []byte
}

// Keyed is implemented by messages that have a logical key (a record's id, a
// request's number). Faults are then named by that key, so that they stay with
// the message when others are removed from the run; without it the content's
// hash is the name.
type Keyed interface {
	LogicalKey() uint64
}

// Decode is the inverse of AppendTo for every kind of a deployment. It may alias
// b: drivers never reuse a delivered buffer. It must not panic on any input.
type Decode func(k Kind, b []byte) (Message, error)

// Envelope is a message on its way.
type Envelope struct {
	To  NodeID
	Msg Message
}

// Event is one input of an actor. From equal to the actor's own id means a
// timer or a Then.
type Event struct {
	Now  Instant
	From NodeID
	Msg  Message
}
