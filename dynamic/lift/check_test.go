package lift_test

import (
	"strings"
	"testing"

	"github.com/tapir-go/tapir/dynamic/lift"
	"github.com/tapir-go/tapir/eager"
)

func lifted(t *testing.T, name string, x *eager.Tensor, axes ...string) *lift.Program {
	t.Helper()
	p, err := lift.Lift(lift.Source{File: "programs_test.go", Text: programs, Func: name, Values: map[string]any{"cell": cell}}, []lift.Input{lift.Free(x, axes...)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestCheckReaches: without inputs given, those that Check makes take both ways and several rounds.
func TestCheckReaches(t *testing.T) {
	r, err := lifted(t, "branch", eager.NewRand(1).Normal(2, 3), "N").Check(branch, nil, 50)
	if err != nil || r.Ways != 2 || r.Taken != 2 || len(r.Missed) != 0 || r.Inputs != 50 {
		t.Errorf("%v, %v", r, err)
	}
	r, err = lifted(t, "halve", eager.NewRand(1).Normal(4).Scale(300)).Check(halve, nil, 50)
	if err != nil || r.Trips.Least != 0 || r.Trips.Most != 8 {
		t.Errorf("%v, %v", r, err)
	}
}

// TestCheckTells: what was not taken is named with its line, and a function that is another one is told from the program.
func TestCheckTells(t *testing.T) {
	p := lifted(t, "branch", eager.Ones(2, 3), "N")
	r, err := p.Check(branch, [][]*eager.Tensor{{eager.Ones(1, 3)}}, 0)
	if err != nil || r.Taken != 1 || len(r.Missed) != 1 || !strings.Contains(r.Missed[0], "programs_test.go:") || !strings.Contains(r.String(), "1 of 2 ways") {
		t.Errorf("%v, %v", r, err)
	}
	other := func(x *eager.Tensor) *eager.Tensor { return x.Relu() }
	if _, err := p.Check(other, nil, 50); err == nil || !strings.Contains(err.Error(), "number 0 of result 0") && !strings.Contains(err.Error(), "of result 0 of the function is") {
		t.Errorf("a function that is another one: %v", err)
	}
	if _, err := p.Check(3, nil, 1); err == nil || !strings.Contains(err.Error(), "no input was compared") {
		t.Errorf("no function: %v", err)
	}
}

// TestRunRefuses: inputs that do not fit are refused, and so is a function that nobody has.
func TestRunRefuses(t *testing.T) {
	p := lifted(t, "branch", eager.Ones(2, 3), "N")
	for _, in := range [][]*eager.Tensor{nil, {eager.Ones(2, 4)}, {eager.Ones(3)}, {eager.Ones(2, 3).To(eager.Float64)}} {
		if _, err := p.Run(in); err == nil || !strings.HasPrefix(err.Error(), "run: ") {
			t.Errorf("inputs %v: %v", in, err)
		}
	}
	if _, err := lift.Lift(lift.Source{File: "a.go", Text: "func g() {}", Func: "f"}, nil); err == nil || !strings.Contains(err.Error(), "the text has no function f") {
		t.Error(err)
	}
	if _, err := lift.Function("f", nil); err == nil || !strings.Contains(err.Error(), "no cells here") {
		t.Error(err)
	}
	_, err := lift.Lift(lift.Source{File: "a.go", Text: "func f(x *eager.Tensor) {\n\treturn x +\n}", Func: "f"}, nil)
	if err == nil || !strings.Contains(err.Error(), "a.go:") || !strings.Contains(err.Error(), "the text is not Go") {
		t.Error(err)
	}
}

// TestSameIsComputedOnce: equal steps of a block, or of a block around it, are one node.
func TestSameIsComputedOnce(t *testing.T) {
	text := `
func f(x *eager.Tensor) *eager.Tensor {
	y := x.Exp().Add(x.Exp())
	if x.Sum().Item() > 0 {
		return y.Sub(x.Exp())
	}
	return y
}`
	p, err := lift.Lift(lift.Source{File: "a.go", Text: text, Func: "f"}, []lift.Input{lift.Free(eager.Ones(2), "N")})
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(p.String(), "= Exp("); n != 1 {
		t.Errorf("%d nodes for one Exp:\n%s", n, p)
	}
}
