package eager

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/tapir-go/tapir/eager/internal/array"
)

// Cost is what calls took together, without the calls inside them.
type Cost struct {
	Name   string // of the op; "Tanh gradient" is a gradient that is not made of ops; "" in Report.Lines
	Where  Place  // the line; zero in Report.Ops
	Calls  int
	Time   time.Duration
	Flops  float64 // additions and multiplications; for ops other than products one for each number
	Bytes  int64   // of arguments and results
	Allocs int64   // pieces of memory that results and workspaces took, from the pool or new
	Taken  int64   // bytes of those
}

// GFLOPS is the billions of additions and multiplications in a second.
func (c Cost) GFLOPS() float64 {
	if c.Time <= 0 {
		return 0
	}
	return c.Flops / c.Time.Seconds() / 1e9
}

// Report is what Profile measured. Its String is a table.
type Report struct {
	Total time.Duration // from begin to end
	Ops   []Cost        // by op, the dearest first
	Lines []Cost        // by line of the program, the dearest first; a gradient is on the line of its op
	Parts []Cost        // by op and line, the dearest first

	events  []event
	dropped int // events beyond the first maxEvents
}

// event is one call in the Chrome trace.
type event struct {
	name       string
	where      Place
	in         []Shape
	out        Shape
	start, dur time.Duration
}

// maxEvents is how many calls a Chrome trace shows at most.
const maxEvents = 200_000

// profile is a Profile that runs.
type profile struct {
	began  time.Time
	parts  map[part]*Cost
	open   []call // calls that have begun, the innermost last
	events []event
	lost   int
}

type part struct {
	name  string
	where Place
}

// call is one that runs.
type call struct {
	start  time.Duration
	inside time.Duration // what calls within it took
	allocs int64         // counters at the start, and what calls within took
	taken  int64
	where  *Place // of calls within; nil: they find out
}

// profiles is how many Profiles run: while it is 0 an op looks no further.
var profiles atomic.Int32

// Profile runs f and measures the ops, gradients and steps of optimisers in it that run in this goroutine: calls, time, arithmetic,
// bytes and allocations of each op and of each line of the program, cells included. One Profile does not see what another inside it
// measures.
func Profile(f func()) *Report {
	p := &profile{began: time.Now(), parts: map[part]*Cost{}}
	m := changed()
	m.profile = p
	profiles.Add(1)
	array.Counting.Add(1)
	func() {
		defer profiles.Add(-1)
		defer array.Counting.Add(-1)
		with(m, f)
	}()
	return p.report()
}

// begin notes the start of a call, where this goroutine is profiled. Its end is noted by ended.
func begin() {
	if profiles.Load() != 0 {
		if m := modes.Get(); m != nil && m.profile != nil {
			m.profile.begin(nil)
		}
	}
}

func (p *profile) begin(where *Place) {
	if where == nil && len(p.open) > 0 {
		where = p.open[len(p.open)-1].where
	}
	n, bytes := array.Counted()
	p.open = append(p.open, call{start: time.Since(p.began), allocs: n, taken: bytes, where: where})
}

// end notes the end of the innermost call, and returns where it was.
func (p *profile) end(name string, flops float64, bytes int64, in []Shape, out Shape) *Place {
	now := time.Since(p.began)
	allocs, taken := array.Counted()
	c := p.open[len(p.open)-1]
	p.open = p.open[:len(p.open)-1]
	where := c.where
	if where == nil {
		w := here()
		where = &w
	}
	cost := p.parts[part{name, *where}]
	if cost == nil {
		cost = &Cost{Name: name, Where: *where}
		p.parts[part{name, *where}] = cost
	}
	cost.Calls++
	cost.Time += now - c.start - c.inside
	cost.Flops += flops
	cost.Bytes += bytes
	cost.Allocs += allocs - c.allocs
	cost.Taken += taken - c.taken
	if len(p.events) < maxEvents {
		p.events = append(p.events, event{name, *where, in, out, c.start, now - c.start})
	} else {
		p.lost++
	}
	if n := len(p.open); n > 0 {
		outer := &p.open[n-1]
		outer.inside += time.Since(p.began) - c.start // with what the measuring itself takes
		outer.allocs += allocs - c.allocs
		outer.taken += taken - c.taken
	}
	return where
}

// ended notes the end of a call of op.
func (p *profile) ended(op *Op, at any, in []*Tensor, y *Tensor) {
	shapes, bytes := make([]Shape, len(in)), y.bytes()
	for i, x := range in {
		shapes[i] = x.a.Shape
		bytes += x.bytes()
	}
	flops := float64(y.Size())
	if op.flops != nil {
		flops = op.flops(at, shapes, y.a.Shape)
	} else if len(in) > 0 {
		flops = max(flops, float64(in[0].Size()))
	}
	where := p.end(op.Name, flops, bytes, shapes, y.a.Shape)
	if y.node != nil {
		y.node.where = where
	}
}

// gradient runs grad, the gradient of argument i of the call n, whose result is y with gradient g, as a part of p.
func (p *profile) gradient(grad func(at any, i int, in []*Tensor, y, g *Tensor) *Tensor, n *node, i int, y, g *Tensor, formula bool) *Tensor {
	p.begin(n.where)
	depth := len(p.open)
	dx := grad(n.at, i, n.in, y, g)
	p.open = p.open[:depth] // without calls that ended in a panic
	flops, bytes := 0.0, int64(0)
	shapes := []Shape{g.a.Shape}
	if dx != nil && !formula { // the ops of a formula count for themselves
		for _, x := range n.in {
			shapes = append(shapes, x.a.Shape)
		}
		flops, bytes = float64(g.Size()), g.bytes()+dx.bytes()+n.in[i].bytes()
		if n.op.flops != nil && n.in[i].Rank() > 1 { // a bias only adds
			flops = n.op.flops(n.at, shapes[1:], y.a.Shape)
		}
	}
	var out Shape
	if dx != nil {
		out = dx.a.Shape
	}
	p.end(n.op.Name+" gradient", flops, bytes, shapes, out)
	return dx
}

func (x *Tensor) bytes() int64 { return int64(x.Size() * x.dtype().Size()) }

func (p *profile) report() *Report {
	r := &Report{Total: time.Since(p.began), events: p.events, dropped: p.lost}
	ops, lines := map[string]*Cost{}, map[Place]*Cost{}
	for _, c := range p.parts {
		r.Parts = append(r.Parts, *c)
		if ops[c.Name] == nil {
			ops[c.Name] = &Cost{Name: c.Name}
		}
		ops[c.Name].add(c)
		if lines[c.Where] == nil {
			lines[c.Where] = &Cost{Where: c.Where}
		}
		lines[c.Where].add(c)
	}
	for c := range maps.Values(ops) {
		r.Ops = append(r.Ops, *c)
	}
	for c := range maps.Values(lines) {
		r.Lines = append(r.Lines, *c)
	}
	for _, cs := range [][]Cost{r.Ops, r.Lines, r.Parts} {
		slices.SortFunc(cs, func(a, b Cost) int {
			return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Where.String(), b.Where.String()))
		})
	}
	return r
}

func (c *Cost) add(d *Cost) {
	c.Calls += d.Calls
	c.Time += d.Time
	c.Flops += d.Flops
	c.Bytes += d.Bytes
	c.Allocs += d.Allocs
	c.Taken += d.Taken
}

// String is two tables, of ops and of lines, with the dearest first, and what the rest of the program took.
func (r *Report) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	inOps := time.Duration(0)
	for _, c := range r.Ops {
		inOps += c.Time
	}
	table := func(title string, cs []Cost, name func(c Cost) string) {
		fmt.Fprintf(w, "%s\tcalls\ttime\tshare\tGFLOP/s\tMB\tallocations\tMB taken\t\n", title)
		for _, c := range cs {
			fmt.Fprintf(w, "%s\t%d\t%v\t%.1f %%\t%.1f\t%.1f\t%d\t%.1f\t\n", name(c), c.Calls, round(c.Time), 100*c.Time.Seconds()/max(r.Total.Seconds(), 1e-9),
				c.GFLOPS(), float64(c.Bytes)/1e6, c.Allocs, float64(c.Taken)/1e6)
		}
	}
	table("op", r.Ops, func(c Cost) string { return c.Name })
	rest := r.Total - inOps
	fmt.Fprintf(w, "not in ops\t\t%v\t%.1f %%\t\t\t\t\t\n", round(rest), 100*rest.Seconds()/max(r.Total.Seconds(), 1e-9))
	table("line", r.Lines, func(c Cost) string { return cmp.Or(c.Where.String(), "elsewhere") })
	_ = w.Flush() // to memory
	return b.String()
}

func round(d time.Duration) time.Duration { return d.Round(max(d/1000, 10)) }

// Chrome is the calls as JSON for chrome://tracing, Perfetto and the like, the first 200,000 of them.
func (r *Report) Chrome() []byte {
	type args struct {
		Line string `json:"line,omitempty"`
		In   string `json:"in,omitempty"`
		Out  string `json:"out,omitempty"`
	}
	type entry struct {
		Name  string  `json:"name"`
		Phase string  `json:"ph"`
		Start float64 `json:"ts"`  // microseconds
		Dur   float64 `json:"dur"` // microseconds
		PID   int     `json:"pid"`
		TID   int     `json:"tid"`
		Args  args    `json:"args"`
	}
	all := struct {
		Events  []entry `json:"traceEvents"`
		Unit    string  `json:"displayTimeUnit"`
		Dropped int     `json:"droppedEvents,omitempty"`
	}{[]entry{}, "ns", r.dropped}
	for _, e := range r.events {
		in := make([]string, len(e.in))
		for i, s := range e.in {
			in[i] = s.String()
		}
		all.Events = append(all.Events, entry{e.name, "X", float64(e.start.Nanoseconds()) / 1e3, float64(e.dur.Nanoseconds()) / 1e3, 1, 1,
			args{e.where.String(), strings.Join(in, " "), e.out.String()}})
	}
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(all); err != nil {
		panic("internal error: " + err.Error())
	}
	return b.Bytes()
}
