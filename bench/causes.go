package bench

import (
	"cmp"
	"fmt"
	"slices"
)

// cause is one thing that made clicks late, in words.
type cause struct {
	Reason  reason
	Text    string
	Network string
	Tally   tally
	Wait    int64 // ms: the least bound that drops none of its clicks
}

// causeKey tells causes apart.
type causeKey struct {
	reason reason
	phone  *phone
	outage *outage
	name   string
}

func keyOf(p *pair) causeKey {
	switch p.reason {
	case clockAhead:
		return causeKey{reason: clockAhead, phone: p.leader}
	case phoneOffline:
		return causeKey{reason: phoneOffline, phone: p.phone, outage: p.outage}
	}
	return causeKey{reason: slowNetwork, name: p.phone.network}
}

// causesOf lists what made clicks late, the worst first.
func causesOf(pairs []pair, t timing) []cause {
	groups := make(map[causeKey][]pair)
	waited := make(map[*outage]int)
	var order []causeKey
	for i := range pairs {
		p := &pairs[i]
		if p.outage != nil {
			waited[p.outage]++
		}
		if p.fate == onTime {
			continue
		}
		k := keyOf(p)
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], *p)
	}
	var out []cause
	for _, k := range order {
		group := groups[k]
		c := cause{Reason: k.reason, Text: k.text(group, waited[k.outage]), Network: group[0].phone.network, Tally: count(group)}
		c.Wait = delayFor(group, 1000, t.allowed)
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b cause) int {
		return cmp.Or(cmp.Compare(b.Tally[dropped], a.Tally[dropped]), cmp.Compare(b.Tally[revised], a.Tally[revised]))
	})
	return out
}

func (k causeKey) text(group []pair, waited int) string {
	switch k.reason {
	case clockAhead:
		return fmt.Sprintf("The clock of phone %s runs %s ahead, so the watermark passed windows that others were still filling.",
			k.phone.name, about(k.phone.ahead))
	case phoneOffline:
		return fmt.Sprintf("Phone %s was offline for %s from %s; %s waited in it.", k.phone.name, about(k.outage.to-k.outage.from),
			clock(k.outage.from), plural(int64(waited), "click"))
	}
	longest := int64(0)
	for i := range group {
		longest = max(longest, group[i].arrival-group[i].sent)
	}
	return fmt.Sprintf("The network was slow: these clicks took up to %s.", about(longest))
}

// gap is a (page, window) whose answer misses clicks.
type gap struct {
	Page               string
	Start              int64
	First, Final, Real int64 // clicks in the first answer, in the last, and in truth
}

// Missing is how many clicks the last answer misses.
func (g gap) Missing() int64 { return g.Real - g.Final }

// Known is the share of the clicks that the last answer has.
func (g gap) Known() string { return percent(g.Final, g.Real) }

// Window is the window's time of day.
func (g gap) Window() string { return clock(g.Start) }

// gapsOf lists the answers that miss clicks, the worst first.
func gapsOf(pairs []pair) []gap {
	type id struct {
		page  string
		start int64
	}
	tallies := make(map[id]tally)
	for i := range pairs {
		k := id{pairs[i].page, pairs[i].start}
		t := tallies[k]
		t[pairs[i].fate]++
		tallies[k] = t
	}
	var out []gap
	for k, t := range tallies {
		if t[dropped] > 0 {
			out = append(out, gap{Page: k.page, Start: k.start, First: t[onTime], Final: t[onTime] + t[revised], Real: t.all()})
		}
	}
	slices.SortFunc(out, func(a, b gap) int {
		return cmp.Or(cmp.Compare(b.Missing(), a.Missing()), cmp.Compare(a.Start, b.Start), cmp.Compare(a.Page, b.Page))
	})
	return out
}

// shown is the worst causes, at most n, and among them the worst for each reason.
func shown(causes []cause, n int) []cause {
	if len(causes) <= n {
		return causes
	}
	met := make(map[reason]bool)
	for _, c := range causes {
		met[c.Reason] = true
	}
	n -= len(met)
	clear(met)
	var worst []cause
	for _, c := range causes {
		switch {
		case !met[c.Reason]:
			met[c.Reason] = true
			worst = append(worst, c)
		case n > 0:
			n--
			worst = append(worst, c)
		}
	}
	return worst
}
