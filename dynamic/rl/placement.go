package rl

import (
	"fmt"
	"image"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// Placement is an own environment after "Device Placement Optimization with Reinforcement Learning" (Mirhoseini et al. 2017),
// small enough to know the best answer: the ops of a network are put on two devices, one after the other, so that a
// simulator says that the whole runs in the least time.
//
//	observation  for each op whether it is the next to place, then for each op 0 (not placed), -1 (on device 0) or 1
//	action       the device of the next op, 0 or 1
//	reward       0, and with the last op less the time of the whole, in ms
//	start        nothing is placed; there is no chance in it
//	end          terminated when all ops are placed
type Placement struct {
	Ops      []PlacedOp
	Transfer float64 // time to bring one result to the other device, in ms

	begun          bool
	devices        []int // of the ops placed so far
	observed, acts Space
}

// PlacedOp is an op to place: its time on each device in ms, and which earlier ops it takes results of.
type PlacedOp struct {
	Name   string
	Time   [2]float64
	Inputs []int
}

// TwelveOps is a network of two branches: device 1 is fast at products and slow at all else.
func TwelveOps() []PlacedOp {
	return []PlacedOp{
		{"read", [2]float64{1, 4}, nil},
		{"scale", [2]float64{1, 2}, []int{0}},
		{"conv a1", [2]float64{8, 2}, []int{1}},
		{"conv b1", [2]float64{6, 2}, []int{1}},
		{"norm a", [2]float64{1, 2}, []int{2}},
		{"norm b", [2]float64{1, 2}, []int{3}},
		{"conv a2", [2]float64{8, 2}, []int{4}},
		{"lookup b", [2]float64{2, 6}, []int{5}},
		{"join", [2]float64{1, 1}, []int{6, 7}},
		{"dense", [2]float64{6, 1.5}, []int{8}},
		{"softmax", [2]float64{1, 1.5}, []int{9}},
		{"write", [2]float64{1, 4}, []int{10}},
	}
}

// NewPlacement is the environment of those ops, in an order in which each comes after its inputs, with a transfer time of
// 1 ms. No ops, inputs that do not come before, and times below 0 are errors.
func NewPlacement(ops []PlacedOp) *Placement {
	fail := func(format string, values ...any) {
		panic(&eager.Error{Op: "NewPlacement", Text: fmt.Sprintf(format, values...)})
	}
	if len(ops) == 0 {
		fail("there are no ops")
	}
	for i, op := range ops {
		if !(op.Time[0] >= 0 && op.Time[1] >= 0) {
			fail("op %d, %s, takes %v ms: wants 0 or more", i, op.Name, op.Time)
		}
		for _, from := range op.Inputs {
			if from < 0 || from >= i {
				fail("op %d, %s, takes a result of op %d: wants an earlier one", i, op.Name, from)
			}
		}
	}
	n := 2 * len(ops)
	low, high := make([]float32, n), make([]float32, n)
	for i := range low {
		high[i] = 1
		if i >= len(ops) {
			low[i] = -1
		}
	}
	return &Placement{Ops: append([]PlacedOp(nil), ops...), Transfer: 1, observed: NewBox(low, high), acts: NewDiscrete(2)}
}

// Makespan is the time in ms in which all ops have run, of one device (0 or 1) for each. A device runs its ops one at a time
// in their order, each as soon as its inputs are there.
func (p *Placement) Makespan(devices []int) float64 {
	if len(devices) != len(p.Ops) {
		panic(&eager.Error{Op: "Placement.Makespan", Text: fmt.Sprintf("%d devices for %d ops", len(devices), len(p.Ops))})
	}
	return p.schedule(devices, nil)
}

// schedule tells the time in which the first ops have run, and each when it began and ended.
func (p *Placement) schedule(devices []int, each func(op int, from, to float64)) float64 {
	done, free, last := make([]float64, len(devices)), [2]float64{}, 0.0
	for i, device := range devices {
		if device != 0 && device != 1 {
			panic(&eager.Error{Op: "Placement.Makespan", Text: fmt.Sprintf("op %d is on device %d: wants 0 or 1", i, device)})
		}
		start := free[device]
		for _, from := range p.Ops[i].Inputs {
			there := done[from]
			if devices[from] != device {
				there += p.Transfer
			}
			start = max(start, there)
		}
		done[i] = start + p.Ops[i].Time[device]
		free[device] = done[i]
		last = max(last, done[i])
		if each != nil {
			each(i, start, done[i])
		}
	}
	return last
}

// Best tries all placements and gives the fastest, the first of equals. More than 20 ops are an error: there are 2^ops.
func (p *Placement) Best() (devices []int, time float64) {
	n := len(p.Ops)
	if n > 20 {
		panic(&eager.Error{Op: "Placement.Best", Text: fmt.Sprintf("%d ops have too many placements to try: wants 20 at most", n)})
	}
	try := make([]int, n)
	for code := range 1 << n {
		for i := range try {
			try[i] = code >> i & 1
		}
		if t := p.Makespan(try); devices == nil || t < time {
			devices, time = append([]int(nil), try...), t
		}
	}
	return devices, time
}

// Greedy puts each op, in order, where what is placed so far ends soonest.
func (p *Placement) Greedy() (devices []int, time float64) {
	for range p.Ops {
		on0, on1 := append(devices[:len(devices):len(devices)], 0), append(devices[:len(devices):len(devices)], 1)
		if devices = on0; p.ends(on1) < p.ends(on0) {
			devices = on1
		}
	}
	return devices, p.Makespan(devices)
}

// ends is when the last op of those placed ends.
func (p *Placement) ends(devices []int) (end float64) {
	p.schedule(devices, func(_ int, _, to float64) { end = to })
	return end
}

// Reset takes all ops away. A seed changes nothing.
func (p *Placement) Reset(int) ([]float32, Info) {
	p.begun, p.devices = true, nil
	return p.observe(), nil
}

// Step places the next op. An action other than 0 and 1, or a Step before the first Reset, is an error. When all are placed
// nothing changes and nothing is paid.
func (p *Placement) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	checkStep("Placement.Step", p.begun, p.acts, action)
	if len(p.devices) == len(p.Ops) {
		return p.observe(), 0, true, false, nil
	}
	p.devices = append(p.devices, int(action[0]))
	if len(p.devices) < len(p.Ops) {
		return p.observe(), 0, false, false, nil
	}
	return p.observe(), -p.Makespan(p.devices), true, false, nil
}

func (p *Placement) observe() []float32 {
	n := len(p.Ops)
	out := make([]float32, 2*n)
	if len(p.devices) < n {
		out[len(p.devices)] = 1
	}
	for i, device := range p.devices {
		out[n+i] = float32(2*device - 1)
	}
	return out
}

// ObservationSpace is a Box of two numbers for each op.
func (p *Placement) ObservationSpace() Space { return p.observed }

// ActionSpace is Discrete(2).
func (p *Placement) ActionSpace() Space { return p.acts }

// Text is a line for each op that is placed: its name, its device, and when it runs, in ms.
func (p *Placement) Text() string {
	var out strings.Builder
	p.schedule(p.devices, func(op int, from, to float64) {
		fmt.Fprintf(&out, "%-10s device %d  %5.1f to %5.1f ms\n", p.Ops[op].Name, p.devices[op], from, to)
	})
	return out.String()
}

// Render draws the two devices as rows, and on them the ops placed so far over time, 12 pixels a ms.
func (p *Placement) Render() image.Image {
	const width, row, scale = 600, 60.0, 12.0
	picture := newCanvas(width, 2*row)
	picture.rectangle(shoreGrey, 0, row-1, width, row+1)
	p.schedule(p.devices, func(op int, from, to float64) {
		ink, y := axleBlue, float64(p.devices[op])*row
		if p.devices[op] == 1 {
			ink = rodTeal
		}
		picture.rectangle(ink, 2+from*scale, y+8, 1+to*scale, y+row-8)
	})
	return picture.RGBA
}
