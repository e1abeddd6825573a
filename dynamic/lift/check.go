package lift

import (
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// Report says how a program was compared with the function that it came from.
type Report struct {
	Inputs  int      // how many were compared
	Largest float64  // the largest difference of any number of a result, relative to those above 1
	Ways    int      // of the program's ifs
	Taken   int      // of these, those that an input took
	Trips   Trips    // of all loops together
	Missed  []string // the ways that no input took, with their lines
}

// String is the report as one line, and a line for each way that no input took.
func (r *Report) String() string {
	s := fmt.Sprintf("%d of %d ways of ifs taken", r.Taken, r.Ways)
	if r.Trips.Runs > 0 {
		s += fmt.Sprintf(", loops of %d to %d rounds", r.Trips.Least, r.Trips.Most)
	}
	s += fmt.Sprintf(", largest difference %.2g over %d inputs", r.Largest, r.Inputs)
	for _, m := range r.Missed {
		s += "\n  not taken: " + m
	}
	return s
}

// tolerance is what float32 sums in another order may differ by.
const tolerance = 1e-5

// Check runs the program beside f, the Go function that it came from, on each of the inputs and on inputs that it makes
// itself: tries of the kind that the program was lifted with, of other sizes, scales and signs. f takes tensors, or one slice of them, and gives tensors, numbers, bools or
// one slice of tensors. It fails where the two differ by more than 1e-5, relative to numbers above 1.
//
// Inputs for which f panics, such as empty ones that it does not expect, are not counted.
func (p *Program) Check(f any, inputs [][]*eager.Tensor, tries int) (*Report, error) {
	return p.CheckWith(f, inputs, tries, nil)
}

// CheckWith is Check that compares also what another form of the program gives, such as a file that was read back.
func (p *Program) CheckWith(f any, inputs [][]*eager.Tensor, tries int, also func(in []*eager.Tensor) ([]*eager.Tensor, error)) (*Report, error) {
	r, c := &Report{}, &Coverage{}
	rng := eager.NewRand(1)
	for i := 0; i < len(inputs)+tries; i++ {
		var in []*eager.Tensor
		if i < len(inputs) {
			in = inputs[i]
		} else {
			in = p.sample(rng, i-len(inputs))
		}
		want, err := call(f, in)
		if err != nil {
			if i < len(inputs) {
				return nil, fmt.Errorf("check: input %d: the function fails: %w", i, err)
			}
			continue
		}
		got, err := p.RunCounted(in, c)
		if err != nil {
			return nil, fmt.Errorf("check: input %d: the function gives a result, the program fails: %w", i, err)
		}
		if err := r.compare(want, got); err != nil {
			return nil, fmt.Errorf("check: input %d: %w", i, err)
		}
		if also != nil {
			if got, err = also(in); err == nil {
				err = r.compare(want, got)
			}
			if err != nil {
				return nil, fmt.Errorf("check: input %d: what was written: %w", i, err)
			}
		}
		r.Inputs++
	}
	if r.Inputs == 0 {
		return nil, fmt.Errorf("check: no input was compared: give some that the function takes")
	}
	for i, n := range p.Forks {
		if n.Kind == Loop {
			t := c.Trips[i]
			if t.Runs > 0 && (r.Trips.Runs == 0 || t.Least < r.Trips.Least) {
				r.Trips.Least = t.Least
			}
			r.Trips.Runs, r.Trips.Most = r.Trips.Runs+t.Runs, max(r.Trips.Most, t.Most)
			continue
		}
		r.Ways += 2
		for way, name := range []string{"true", "false"} {
			if c.Taken[i][way] > 0 {
				r.Taken++
			} else {
				r.Missed = append(r.Missed, fmt.Sprintf("%s: the condition was never %s", n.Where, name))
			}
		}
	}
	return r, nil
}

// compare notes the largest difference of results.
func (r *Report) compare(want, got []*eager.Tensor) error {
	if len(want) != len(got) {
		return fmt.Errorf("the function gives %d results, the program %d", len(want), len(got))
	}
	for i := range want {
		if want[i] == nil {
			return fmt.Errorf("result %d of the function is nil", i)
		}
		if want[i].DType() != got[i].DType() || want[i].Shape().String() != got[i].Shape().String() {
			return fmt.Errorf("result %d of the function is %s%s, of the program %s%s", i, want[i].DType(), want[i].Shape(), got[i].DType(), got[i].Shape())
		}
		v, w := want[i].Values(), got[i].Values()
		for k := range v {
			if v[k] == w[k] || math.IsNaN(v[k]) && math.IsNaN(w[k]) {
				continue
			}
			d := math.Abs(v[k]-w[k]) / max(1, math.Abs(v[k]))
			if !(d <= tolerance) {
				return fmt.Errorf("number %d of result %d of the function is %g, of the program %g", k, i, v[k], w[k])
			}
			r.Largest = max(r.Largest, d)
		}
	}
	return nil
}

// sample makes inputs like those that the program was lifted with. The free axes have sizes from 1 to a few more than they
// had; numbers are those of the samples, normal ones of several scales, or a mix of the two.
func (p *Program) sample(r *eager.Rand, try int) []*eager.Tensor {
	sizes := map[string]int{}
	in := make([]*eager.Tensor, len(p.inputs))
	scale := math.Exp2(float64(r.Intn(9) - 4))
	for i, x := range p.inputs {
		shape := x.X.Shape()
		for a, name := range x.Axes {
			if name == "" {
				continue
			}
			if sizes[name] == 0 {
				sizes[name] = 1 + r.Intn(shape[a]+4)
			}
			shape[a] = sizes[name]
		}
		switch d := x.X.DType(); {
		case d.IsFloat():
			y := r.Normal(shape...).Scale(scale)
			if try%2 == 0 {
				y = y.Add(like(r, x.X, shape).To(eager.Float32))
			}
			in[i] = y.To(d)
		case d == eager.Bool:
			in[i] = r.Bernoulli(r.Float64(), shape...).To(eager.Bool)
		default:
			in[i] = like(r, x.X, shape)
		}
	}
	return in
}

// like is a tensor of another shape with numbers of x at random places.
func like(r *eager.Rand, x *eager.Tensor, shape []int) *eager.Tensor {
	if x.Size() == 0 {
		return eager.ZerosOf(x.DType(), shape...)
	}
	idx := r.Ints(x.Size(), eager.Shape(shape).Size())
	return x.Reshape(-1).Take(0, idx).Reshape(shape...)
}

// call calls a Go function with tensors.
func call(f any, in []*eager.Tensor) (out []*eager.Tensor, err error) {
	v, ok := f.(reflect.Value)
	if !ok {
		v = reflect.ValueOf(f)
	}
	if v.Kind() != reflect.Func {
		return nil, fmt.Errorf("a %T is no function", f)
	}
	var args []reflect.Value
	t := v.Type()
	if t.NumIn() == 1 && t.In(0) == reflect.TypeFor[[]*eager.Tensor]() {
		args = []reflect.Value{reflect.ValueOf(in)}
	} else {
		for _, x := range in {
			args = append(args, reflect.ValueOf(x))
		}
	}
	if t.NumIn() != len(args) {
		return nil, fmt.Errorf("the function takes %d arguments, the program has %d", t.NumIn(), len(args))
	}
	for i, a := range args {
		if !a.Type().AssignableTo(t.In(i)) {
			return nil, fmt.Errorf("argument %d of the function is a %s: want a tensor", i, t.In(i))
		}
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it panics: %s", strings.TrimSpace(fmt.Sprint(r)))
		}
	}()
	eager.NoGrad(func() {
		for _, y := range v.Call(args) {
			var xs []*eager.Tensor
			if xs, err = results(y); err != nil {
				return
			}
			out = append(out, xs...)
		}
	})
	return out, err
}

// results are a Go result as tensors.
func results(y reflect.Value) ([]*eager.Tensor, error) {
	switch v := y.Interface().(type) {
	case *eager.Tensor:
		return []*eager.Tensor{v}, nil
	case []*eager.Tensor:
		return v, nil
	}
	switch y.Kind() {
	case reflect.Int, reflect.Int64:
		return []*eager.Tensor{eager.FromInts([]int{int(y.Int())})}, nil
	case reflect.Float64:
		return []*eager.Tensor{eager.FromFloat64([]float64{y.Float()})}, nil
	case reflect.Float32:
		return []*eager.Tensor{eager.FromFloat32([]float32{float32(y.Float())})}, nil
	case reflect.Bool:
		return []*eager.Tensor{eager.FromBool([]bool{y.Bool()})}, nil
	}
	return nil, fmt.Errorf("a result is a %s: want tensors, numbers or bools", y.Type())
}
