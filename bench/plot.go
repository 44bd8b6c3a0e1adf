package bench

import (
	"fmt"
	"html"
	"strings"
)

// plot is event time, to the right, against processing time, upwards. Units of
// its paths are half pixels, so that they need no fractions.
type plot struct {
	title, text    string
	fromX, toX     int64 // ms, event time
	fromY, toY     int64 // ms, processing time
	width, height  int   // of the plane
	pairs          []pair
	marks          []mark
	window         int64     // ms; bands of this width, 0: none
	deadlines      []closing // of windows, to be drawn in their bands
	notes          []note
	b              strings.Builder
	seen           map[[3]int]bool
	radius, stroke int
}

// mark is a watermark from a moment on.
type mark struct{ at, watermark int64 }

// note is a text that ends left of a place.
type note struct {
	event, arrival int64
	text           string
}

// closing is when a window fired and when it took no more revisions; never if it
// did not before the data ended.
type closing struct{ start, fired, closed int64 }

const (
	marginLeft, marginTop    = 180, 24
	marginRight, marginBelow = 30, 96
)

func (p *plot) x(ms int64) int {
	return marginLeft + int((ms-p.fromX)*int64(p.width)/(p.toX-p.fromX))
}

func (p *plot) y(ms int64) int {
	return marginTop + p.height - int((ms-p.fromY)*int64(p.height)/(p.toY-p.fromY))
}

func (p *plot) inX(ms int64) bool { return ms >= p.fromX && ms <= p.toX }
func (p *plot) inY(ms int64) bool { return ms >= p.fromY && ms <= p.toY }

// svg draws the plot; id makes its clip path unlike that of others on a page.
func (p *plot) svg(id string) string {
	w, h := marginLeft+p.width+marginRight, marginTop+p.height+marginBelow
	fmt.Fprintf(&p.b, `<svg class="plot" viewBox="0 0 %d %d" role="img" aria-labelledby="%s-t %s-d">`, w, h, id, id)
	fmt.Fprintf(&p.b, `<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`, id, html.EscapeString(p.title), id, html.EscapeString(p.text))
	fmt.Fprintf(&p.b, `<clipPath id="%s-c"><rect x="%d" y="%d" width="%d" height="%d"/></clipPath>`, id, marginLeft, marginTop, p.width, p.height)
	fmt.Fprintf(&p.b, `<rect class="plane" x="%d" y="%d" width="%d" height="%d"/>`, marginLeft, marginTop, p.width, p.height)
	fmt.Fprintf(&p.b, `<g clip-path="url(#%s-c)">`, id)
	p.bands()
	p.diagonal()
	p.watermark()
	p.closings()
	for _, f := range []fate{onTime, revised, dropped} {
		p.dots(f)
	}
	for _, n := range p.notes {
		const letter = 14 // about as wide as the widest
		if x := p.x(n.event) - 18; x-letter*len(n.text) > marginLeft {
			fmt.Fprintf(&p.b, `<text class="label" x="%d" y="%d" text-anchor="end">%s</text>`, x, p.y(n.arrival)+8, html.EscapeString(n.text))
		}
	}
	p.b.WriteString(`</g>`)
	p.axes()
	p.b.WriteString(`</svg>`)
	return p.b.String()
}

// bands shades every other window.
func (p *plot) bands() {
	if p.window == 0 {
		return
	}
	for at := p.fromX - p.fromX%(2*p.window); at < p.toX; at += 2 * p.window {
		x := p.x(at)
		fmt.Fprintf(&p.b, `<rect class="band" x="%d" y="%d" width="%d" height="%d"/>`, x, marginTop, p.x(at+p.window)-x, p.height)
	}
}

// diagonal is where clicks would lie that arrived at once.
func (p *plot) diagonal() {
	from, to := max(p.fromX, p.fromY), min(p.toX, p.toY)
	if from < to {
		fmt.Fprintf(&p.b, `<path class="ideal" d="M%d %dL%d %d"/>`, p.x(from), p.y(from), p.x(to), p.y(to))
	}
}

// dots draws the pairs of a fate, each place once: discs on time, triangles for
// revisions, crosses for what was dropped.
func (p *plot) dots(f fate) {
	names := [...]string{"ontime", "revised", "dropped"}
	fmt.Fprintf(&p.b, `<path class="%s" stroke-width="%d" d="`, names[f], p.stroke)
	p.seen = make(map[[3]int]bool)
	r := p.radius
	for i := range p.pairs {
		q := &p.pairs[i]
		if q.fate != f || !p.inX(q.event) || !p.inY(q.arrival) {
			continue
		}
		x, y := p.x(q.event), p.y(q.arrival)
		if at := [3]int{int(f), x, y}; p.seen[at] {
			continue
		} else {
			p.seen[at] = true
		}
		switch f {
		case onTime:
			fmt.Fprintf(&p.b, "M%d %dh0", x, y)
		case revised:
			fmt.Fprintf(&p.b, "M%d %dl%d %dh-%dz", x, y-r, r, 2*r, 2*r)
		default:
			fmt.Fprintf(&p.b, "M%d %dl%d %dm0-%dl-%d %d", x-r, y-r, 2*r, 2*r, 2*r, 2*r, 2*r)
		}
	}
	p.b.WriteString(`"/>`)
}

// watermark draws the marks as steps.
func (p *plot) watermark() {
	p.b.WriteString(`<path class="watermark" d="`)
	last, drawn := 0, false
	for i, m := range p.marks {
		if m.watermark < p.fromX && (i+1 == len(p.marks) || p.marks[i+1].watermark < p.fromX) || m.at > p.toY {
			continue
		}
		x, y := p.x(max(m.watermark, p.fromX-p.window)), p.y(max(m.at, p.fromY))
		switch {
		case !drawn:
			fmt.Fprintf(&p.b, "M%d %d", x, y)
		case x != last:
			fmt.Fprintf(&p.b, "V%dH%d", y, x)
		}
		last, drawn = x, true
	}
	if drawn {
		fmt.Fprintf(&p.b, "V%d", p.y(p.toY))
	}
	p.b.WriteString(`"/>`)
}

// closings draws, in each window's band, when it fired and when it closed.
func (p *plot) closings() {
	for _, c := range p.deadlines {
		from, to := p.x(c.start), p.x(c.start+p.window)
		if c.fired != never && p.inY(c.fired) {
			fmt.Fprintf(&p.b, `<path class="fires" d="M%d %dH%d"/>`, from, p.y(c.fired), to)
		}
		if c.closed != never && p.inY(c.closed) {
			fmt.Fprintf(&p.b, `<path class="closes" d="M%d %dH%d"/>`, from, p.y(c.closed), to)
		}
	}
}

// axes draws ticks with times of day.
func (p *plot) axes() {
	below := marginTop + p.height
	for _, at := range ticks(p.fromX, p.toX) {
		x := p.x(at)
		fmt.Fprintf(&p.b, `<path class="tick" d="M%d %dv8"/><text class="label" x="%d" y="%d" text-anchor="middle">%s</text>`,
			x, below, x, below+34, clock(at))
	}
	for _, at := range ticks(p.fromY, p.toY) {
		y := p.y(at)
		fmt.Fprintf(&p.b, `<path class="tick" d="M%d %dh-8"/><text class="label" x="%d" y="%d" text-anchor="end">%s</text>`,
			marginLeft, y, marginLeft-14, y+8, clock(at))
	}
	fmt.Fprintf(&p.b, `<text class="axis" x="%d" y="%d" text-anchor="middle">event time: when the click happened, by the phone’s clock →</text>`,
		marginLeft+p.width/2, below+76)
	fmt.Fprintf(&p.b, `<text class="axis" transform="translate(34 %d) rotate(-90)" text-anchor="middle">processing time: when it arrived →</text>`,
		marginTop+p.height/2)
}

// ticks are at most nine round times in a range.
func ticks(from, to int64) []int64 {
	step := int64(1000)
	for _, s := range []int64{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600} {
		if step = s * 1000; (to-from)/step <= 8 {
			break
		}
	}
	var out []int64
	for at := (from + step - 1) / step * step; at <= to; at += step {
		out = append(out, at)
	}
	return out
}
