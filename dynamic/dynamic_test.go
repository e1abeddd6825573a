package dynamic_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/dynamic"
	"github.com/tapir-go/tapir/eager"
)

func ExampleRecord() {
	w := eager.Param("w", eager.Ones(3, 2))
	f := func(x *eager.Tensor) *eager.Tensor { return x.MatMul(w).Tanh() }
	g := dynamic.Record(f, eager.Zeros(4, 3))
	for _, n := range g.Nodes {
		fmt.Println(n.Op.Name, n.Out.Shape)
	}
	// Output:
	// MatMul (4,2)
	// Tanh (4,2)
}

func TestRunGivesWhatTheFunctionGives(t *testing.T) {
	for _, op := range eager.Ops() {
		for i, c := range op.Cases {
			in := c.Inputs(7, eager.Float32)
			g := dynamic.RecordAll(func(in []*eager.Tensor) []*eager.Tensor {
				return []*eager.Tensor{op.Apply(c.At, in)}
			}, in)
			other := c.Inputs(8, eager.Float32)
			got, err := g.Run(other)
			if err != nil {
				t.Errorf("%s case %d: %v", op.Name, i, err)
				continue
			}
			if want := g.Call(other)[0]; fmt.Sprint(want.Values()) != fmt.Sprint(got[0].Values()) {
				t.Errorf("%s case %d: the graph gives %v, the function %v", op.Name, i, got[0].Values(), want.Values())
			}
		}
	}
}

func TestRunRefusesOtherInputs(t *testing.T) {
	g := dynamic.Record((*eager.Tensor).Tanh, eager.Zeros(4, 3))
	_, err := g.Run([]*eager.Tensor{eager.Zeros(4, 2)})
	if err == nil || !strings.Contains(err.Error(), "recorded as f32(4,3), got f32(4,2)") {
		t.Errorf("got %v", err)
	}
}

func TestNodesThatNoResultNeedsAreLeftOut(t *testing.T) {
	g := dynamic.Record(func(x *eager.Tensor) *eager.Tensor {
		x.Exp().Sum()
		return x.Tanh()
	}, eager.Ones(2))
	if len(g.Nodes) != 1 || g.Nodes[0].Op.Name != "Tanh" {
		t.Errorf("got %v", g)
	}
}

func TestAResultThatIgnoresTheInputIsRefused(t *testing.T) {
	err := eager.Try(func() {
		dynamic.Record(func(x *eager.Tensor) *eager.Tensor { return eager.Scalar(x.Item()) }, eager.Scalar(1))
	})
	if err == nil || !strings.Contains(err.Error(), "does not depend on its input") {
		t.Errorf("got %v", err)
	}
}

func TestDecisionsAreKeptOnlyWhereTheInputDecides(t *testing.T) {
	w := eager.Param("w", eager.Ones(2))
	g := dynamic.Record(func(x *eager.Tensor) *eager.Tensor {
		if w.Sum().Item() < 0 { // the same at every run
			return x
		}
		if x.Sum().Item() > 0 {
			return x.Mul(w)
		}
		return x.Sub(w)
	}, eager.Ones(2))
	if len(g.Decisions) != 1 {
		t.Fatalf("got %d decisions, want 1:\n%v", len(g.Decisions), g)
	}
	d := g.Decisions[0]
	if d.Kind != "Item" || d.Value != "2" || !strings.Contains(d.Where.String(), "dynamic_test.go") {
		t.Errorf("got %v", d)
	}
}

func TestFreeBatchFreesWhatMovesWithTheRows(t *testing.T) {
	w := eager.Param("w", eager.Ones(3, 2))
	g := dynamic.Record(func(x *eager.Tensor) *eager.Tensor { return x.MatMul(w).Sum(1) }, eager.Ones(4, 3))
	free, _, err := g.FreeBatch()
	if err != nil {
		t.Fatal(err)
	}
	if got := free.Inputs[0].Shape.String() + free.Outputs[0].Shape.String(); got != "(N,3)(N,1)" {
		t.Errorf("got %s", got)
	}
	if got := g.Inputs[0].Shape.String(); got != "(4,3)" {
		t.Errorf("the graph itself changed: %s", got)
	}
}
