package bench

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
)

// click is one row of the generated data. Times are milliseconds.
type click struct {
	phone    *phone
	page     string
	amount   int64 // hundredths; 0: nothing was bought
	real     int64 // when it happened, by a right clock
	event    int64 // by the phone's clock
	sent     int64 // when the phone was online
	arrival  int64
	outage   *outage // that it waited for, or nil
	position int     // in order of creation, for equal arrivals
}

// phone is a source of clicks on one network.
type phone struct {
	name, network, country string
	ahead                  int64 // ms that its clock runs ahead
	outages                []outage
}

// outage is a time [from, to) in which a phone was offline.
type outage struct{ from, to int64 }

// network is a kind of connection: how many phones have it, how long their clicks
// travel, and how often and how long they are offline. Times are milliseconds.
type network struct {
	name                   string
	phones                 int
	delayMin, delayMax     int64
	slowOneIn              int64 // one click in so many travels 4 to 40 times as long
	affectedOneIn          int   // one phone in so many goes offline at all; 0: none does
	onlineMin, onlineMax   int64
	offlineMin, offlineMax int64
}

var networks = []network{
	{name: "city", phones: 48, delayMin: 40, delayMax: 240, slowOneIn: 150, affectedOneIn: 4, onlineMin: 240_000, onlineMax: 600_000, offlineMin: 3_000, offlineMax: 20_000},
	{name: "fibre", phones: 40, delayMin: 12, delayMax: 60, slowOneIn: 400},
	{name: "metro", phones: 24, delayMin: 80, delayMax: 400, slowOneIn: 60, affectedOneIn: 1, onlineMin: 90_000, onlineMax: 260_000, offlineMin: 6_000, offlineMax: 45_000},
	{name: "satellite", phones: 8, delayMin: 560, delayMax: 820, slowOneIn: 120},
}

// Odd phones, by number: two clocks that run ahead, and one phone that is in a
// plane for a while.
const (
	slightlyAhead, slightlyAheadMs = 21, 1_900
	farAhead, farAheadMs           = 114, 4_200
	flown, flownMs                 = 33, 210_000
)

// epoch is the time of the first click: 2026-03-02 17:00:00 UTC.
const epoch int64 = 1_772_470_800_000

// gapMax is the greatest time between two clicks of the fleet; the mean is half
// of it.
const gapMax = 120

var (
	pages     = []string{"home", "home", "home", "search", "search", "search", "product", "product", "product", "cart", "checkout", "help"}
	countries = []string{"BR", "DE", "FR", "IN", "IN", "JP", "NG", "US", "US"}
)

// between draws from [low, high].
func between(r *rand.Rand, low, high int64) int64 { return low + r.Int64N(high-low+1) }

// makeFleet makes the phones and their outages until the given time.
func makeFleet(r *rand.Rand, until int64) []*phone {
	var fleet []*phone
	for _, n := range networks {
		for i := range n.phones {
			p := &phone{
				name: fmt.Sprintf("p%03d", len(fleet)+1), network: n.name, country: countries[r.IntN(len(countries))],
			}
			fleet = append(fleet, p)
			if n.affectedOneIn == 0 || i%n.affectedOneIn != 0 {
				continue
			}
			for at := epoch + between(r, 0, n.onlineMax); at < until; {
				o := outage{from: at, to: at + between(r, n.offlineMin, n.offlineMax)}
				p.outages = append(p.outages, o)
				at = o.to + between(r, n.onlineMin, n.onlineMax)
			}
		}
	}
	fleet[slightlyAhead].ahead = slightlyAheadMs
	fleet[farAhead].ahead = farAheadMs
	from := epoch + (until-epoch)*3/8
	fleet[flown].outages = []outage{{from: from, to: from + min(flownMs, (until-epoch)/4)}}
	return fleet
}

// waits is the outage that a phone is in at a time, or nil.
func (p *phone) waits(at int64) *outage {
	for i := range p.outages {
		if o := &p.outages[i]; at >= o.from && at < o.to {
			return o
		}
	}
	return nil
}

// makeClicks makes the clicks of a fleet in the order of their arrival.
func makeClicks(seed uint64, rows int) []click {
	r := rand.New(rand.NewPCG(seed, 0x636c69636b73)) // "clicks"
	fleet := makeFleet(r, epoch+int64(rows)*gapMax/2)
	byName := make(map[string]network)
	for _, n := range networks {
		byName[n.name] = n
	}
	clicks := make([]click, rows)
	now := epoch
	for i := range clicks {
		now += r.Int64N(gapMax + 1)
		p := fleet[r.IntN(len(fleet))]
		c := click{phone: p, page: pages[r.IntN(len(pages))], real: now, event: now + p.ahead, sent: now, position: i}
		if c.page == "checkout" && r.IntN(3) > 0 {
			c.amount = between(r, 499, 14_999)
		}
		n := byName[p.network]
		if c.outage = p.waits(now); c.outage != nil {
			c.sent = c.outage.to + between(r, 50, 400) // the backlog goes out at once
		}
		delay := between(r, n.delayMin, n.delayMax)
		if r.Int64N(n.slowOneIn) == 0 {
			delay *= between(r, 4, 40)
		}
		c.arrival = c.sent + delay
		clicks[i] = c
	}
	slices.SortFunc(clicks, func(a, b click) int {
		if a.arrival != b.arrival {
			return int(a.arrival - b.arrival)
		}
		return a.position - b.position
	})
	return clicks
}

// appendCSV prints clicks as the demo's data file.
func appendCSV(b []byte, clicks []click) []byte {
	b = append(b, "phone,network,page,country,amount,event_time_ms,arrival_time_ms\n"...)
	for i := range clicks {
		c := &clicks[i]
		b = append(b, c.phone.name...)
		b = append(append(b, ','), c.phone.network...)
		b = append(append(b, ','), c.page...)
		b = append(append(b, ','), c.phone.country...)
		b = append(b, ',')
		if c.amount > 0 {
			b = fmt.Appendf(b, "%d.%02d", c.amount/100, c.amount%100)
		}
		b = strconv.AppendInt(append(b, ','), c.event, 10)
		b = strconv.AppendInt(append(b, ','), c.arrival, 10)
		b = append(b, '\n')
	}
	return b
}
