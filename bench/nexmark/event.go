package nexmark

// Type of an event.
type Type uint8

// The types, in the order in which each group of 50 events has them.
const (
	Person Type = iota
	Auction
	Bid
)

// String is the type's name.
func (t Type) String() string { return [...]string{"person", "auction", "bid"}[t] }

// Event is one event. Fields that a type does not have are zero.
type Event struct {
	N         int64
	Type      Type
	Time      int64 // when it happened, µs since 1970
	Arrival   int64 // when it is there, µs
	Partition int32

	ID int64 // of the person or auction

	Name, City, State string // of a person

	Item                string // of an auction
	InitialBid, Reserve int64
	Expires             int64 // µs
	Seller, Category    int64
	Auction, Bidder     int64 // of a bid
	Price               int64 // cents
	Channel, URL        string
}

// Generator makes the events of one stream. It has no state and may be shared.
type Generator struct{ o Options }

// The proportions, and where numbers begin.
const (
	persons, auctions, group = 1, 3, 50

	firstID       = 1000
	firstCategory = 10
	categories    = 5

	activePersons  = 1000
	activeAuctions = 100
	lead           = 10 // identifiers of what does not exist yet, so that a bid may come before its auction
	hotEach        = 100
)

// Event is the event that arrives in slot n, n >= 0, unless it is delayed: event n, or
// under the disorder Group another one of its group.
func (g *Generator) Event(n int64) Event {
	slot := n
	if d := g.o.Disorder; d.Kind == Group {
		n = n/d.Size*d.Size + n%d.Size*groupStep%d.Size
	}
	r := stream(g.o.Seed, uint64(n), payload)
	e := Event{N: n, Time: g.time(n)}
	switch at := n % group; {
	case at < persons:
		g.person(&e, r)
	case at < persons+auctions:
		g.auction(&e, r)
	default:
		g.bid(&e, r)
	}
	e.Partition = int32(spread(uint64(max(e.ID, e.Bidder)), uint64(g.o.Partitions)))
	e.Arrival = g.arrival(&e, slot)
	return e
}

// time is when event n happens.
func (g *Generator) time(n int64) int64 {
	const second = 1_000_000
	return g.o.Base + n/g.o.Rate*second + n%g.o.Rate*second/g.o.Rate
}

// lastPerson and lastAuction are how many there are when event n happens.
func lastPerson(n int64) int64 { return n/group + 1 }

func lastAuction(n int64) int64 {
	return n/group*auctions + min(auctions, max(0, n%group))
}

func (g *Generator) person(e *Event, r *random) {
	e.Type, e.ID = Person, firstID+n50(e.N)
	e.Name = firstNames[r.below(int64(len(firstNames)))] + " " + lastNames[r.below(int64(len(lastNames)))]
	e.City = cities[r.below(int64(len(cities)))]
	e.State = states[r.below(int64(len(states)))]
}

// n50 is the number of the group.
func n50(n int64) int64 { return n / group }

func (g *Generator) auction(e *Event, r *random) {
	e.Type = Auction
	e.ID = firstID + n50(e.N)*auctions + e.N%group - persons
	e.Item = "item " + letters(r, 8)
	e.InitialBid = price(r)
	e.Reserve = e.InitialBid + price(r)
	e.Seller = g.someone(e.N, r, 0)
	e.Category = firstCategory + r.below(categories)
	horizon := 2 * activeAuctions * group / auctions * 1_000_000 / g.o.Rate // in which so many auctions open, twice
	e.Expires = e.Time + 1000 + r.below(max(1, horizon))
}

func (g *Generator) bid(e *Event, r *random) {
	e.Type = Bid
	all := lastAuction(e.N)
	if hot := r.below(2) == 0; hot {
		e.Auction = firstID + (all-1)/hotEach*hotEach
	} else {
		from := max(0, all-activeAuctions)
		e.Auction = firstID + from + r.below(all-from+lead)
	}
	e.Bidder = g.someone(e.N, r, 1)
	e.Price = price(r)
	if r.below(100) < int64(g.o.HotChannel) {
		at := r.below(int64(len(hotChannels)))
		e.Channel = hotChannels[at]
		e.URL = "https://www.nexmark.example/" + letters(stream(g.o.Seed, uint64(at), channels), 5) + "/item.htm?query=1"
		return
	}
	at := uint64(r.below(manyChannels))
	c := stream(g.o.Seed, at+uint64(len(hotChannels)), channels)
	e.Channel = "channel-" + decimal(int64(at))
	e.URL = "https://www.nexmark.example/" + letters(c, 5) + "/item.htm?query=1"
	if c.below(10) > 0 {
		e.URL += "&channel_id=" + decimal(int64(at))
	}
}

// someone is a person: three times in four a popular one (the first of each hundred
// sells, the second bids), else one of the last thousand or the next ten.
func (g *Generator) someone(n int64, r *random, which int64) int64 {
	all := lastPerson(n)
	if r.below(4) > 0 {
		return firstID + (all-1)/hotEach*hotEach + which
	}
	active := min(all, activePersons)
	return firstID + all - active + r.below(active+lead)
}
