package lift

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
)

// Coverage counts what runs of a program did: for each of its Forks how often each way was taken, or how many rounds a
// loop made.
type Coverage struct {
	Taken [][2]int // of an If: how often it was true, and false
	Trips []Trips  // of a Loop
}

// Trips are the rounds that a loop made.
type Trips struct {
	Runs, Least, Most int // how often the loop began, and the fewest and most rounds that it made then
}

// maxTrips ends a loop whose condition never becomes false.
const maxTrips = 1 << 20

// Run computes the program's results with the engine's ops. It fails when the inputs do not fit, when an op refuses its
// arguments, and when a loop makes more than a million rounds.
func (p *Program) Run(in []*eager.Tensor) (out []*eager.Tensor, err error) {
	return p.RunCounted(in, nil)
}

// RunCounted is Run that also counts in c, unless it is nil, the ways that were taken.
func (p *Program) RunCounted(in []*eager.Tensor, c *Coverage) (out []*eager.Tensor, err error) {
	if len(in) != len(p.Inputs) {
		return nil, fmt.Errorf("run: the program has %d inputs, %d were given", len(p.Inputs), len(in))
	}
	if c != nil && len(c.Taken) == 0 {
		c.Taken, c.Trips = make([][2]int, len(p.Forks)), make([]Trips, len(p.Forks))
	}
	r := &runner{values: map[*Value]*eager.Tensor{}, count: c}
	for _, v := range p.Params {
		r.values[v] = v.Tensor
	}
	for i, v := range p.Inputs {
		fits := in[i].DType() == v.DType && in[i].Rank() == len(v.Shape)
		for a := 0; fits && a < len(v.Shape); a++ {
			fits = v.Shape[a] < 0 || v.Shape[a] == in[i].Dim(a)
		}
		if !fits {
			return nil, fmt.Errorf("run: input %s is %s%s, got %s%s", v.Name, v.DType, v.Shape, in[i].DType(), in[i].Shape())
		}
		r.values[v] = in[i]
	}
	eager.NoGrad(func() { err = r.block(p.Body) })
	if err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	return r.all(p.Body.Out), nil
}

type runner struct {
	values map[*Value]*eager.Tensor
	count  *Coverage
}

func (r *runner) all(vs []*Value) []*eager.Tensor {
	xs := make([]*eager.Tensor, len(vs))
	for i, v := range vs {
		if xs[i] = r.values[v]; xs[i] == nil {
			xs[i] = v.Tensor
		}
	}
	return xs
}

func (r *runner) set(vs []*Value, xs []*eager.Tensor) {
	for i, v := range vs {
		r.values[v] = xs[i]
	}
}

func (r *runner) block(b *Block) error {
	for _, n := range b.Nodes {
		if err := r.node(n); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) node(n *Node) error {
	in := r.all(n.In)
	switch n.Kind {
	case If:
		way := 0
		if !in[0].Bool() {
			way = 1
		}
		if r.count != nil {
			r.count.Taken[n.ID][way]++
		}
		if err := r.block(n.Blocks[way]); err != nil {
			return err
		}
		r.set(n.Out, r.all(n.Blocks[way].Out))
		return nil
	case Loop:
		return r.loop(n, in)
	}
	err := eager.Try(func() { r.values[n.Out[0]] = n.apply(in) })
	if err != nil {
		return fmt.Errorf("%s: %w", n.Where, err)
	}
	return nil
}

func (r *runner) loop(n *Node, in []*eager.Tensor) error {
	body, going, carried, trips := n.Blocks[0], in[0].Bool(), in[1:], 0
	for ; going; trips++ {
		if trips == maxTrips {
			return fmt.Errorf("%s: the loop does not end within %d rounds", n.Where, maxTrips)
		}
		r.set(body.In, carried)
		if err := r.block(body); err != nil {
			return err
		}
		out := r.all(body.Out)
		going, carried = out[0].Bool(), out[1:]
	}
	if r.count != nil {
		t := &r.count.Trips[n.ID]
		if t.Runs == 0 || trips < t.Least {
			t.Least = trips
		}
		t.Runs, t.Most = t.Runs+1, max(t.Most, trips)
	}
	r.set(n.Out, carried)
	return nil
}

// apply computes a node that is no fork.
func (n *Node) apply(in []*eager.Tensor) *eager.Tensor {
	whole := func(i int) int { return in[i].Ints()[0] }
	switch n.Kind {
	case Size:
		return eager.FromInts([]int{in[0].Dim(n.Axis)})
	case Reshape:
		return in[0].Reshape(in[1].Ints()...)
	case Expand:
		return in[0].Expand(in[1].Ints()...)
	case Slice:
		return in[0].Slice(n.Axis, whole(1), whole(2))
	case Index:
		return in[0].Index(n.Axis, whole(1))
	case Range:
		v := make([]int, max(0, whole(0)))
		for i := range v {
			v[i] = i
		}
		return eager.FromInts(v, len(v))
	}
	return n.Op.Apply(n.At, in)
}
