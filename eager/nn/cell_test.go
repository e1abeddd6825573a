package nn_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/traefik/yaegi/interp"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// cellLayer is what the interpreter wraps the layers of cells in, as its generator writes it.
type cellLayer struct {
	IValue   interface{}
	WForward func(x *eager.Tensor) *eager.Tensor
	WParams  func() []*eager.Tensor
}

func (w cellLayer) Forward(x *eager.Tensor) *eager.Tensor { return w.WForward(x) }
func (w cellLayer) Params() []*eager.Tensor               { return w.WParams() }

// cell runs Go as a cell of a notebook does.
func cell(t *testing.T, src string) {
	t.Helper()
	value := reflect.ValueOf
	i := interp.New(interp.Options{})
	if err := i.Use(interp.Exports{
		"github.com/tapir-go/tapir/eager/eager": {
			"Tensor": value((*eager.Tensor)(nil)), "NewRand": value(eager.NewRand), "Ones": value(eager.Ones),
			"Param": value(eager.Param), "NoGrad": value(eager.NoGrad),
		},
		"github.com/tapir-go/tapir/eager/nn/nn": {
			"Layer": value((*nn.Layer)(nil)), "_Layer": value((*cellLayer)(nil)), "Linear": value((*nn.Linear)(nil)),
			"Dropout": value((*nn.Dropout)(nil)), "BatchNorm": value((*nn.BatchNorm)(nil)),
			"NewLinear": value(nn.NewLinear), "NewDropout": value(nn.NewDropout), "NewBatchNorm": value(nn.NewBatchNorm),
			"NewSeq": value(nn.NewSeq), "MLP": value(nn.MLP), "Tanh": value(nn.Tanh), "Func": value(nn.Func), "Wrap": value(nn.Wrap),
			"Train": value(nn.Train), "Eval": value(nn.Eval), "Names": value(nn.Names), "Save": value(nn.Save), "Load": value(nn.Load),
			"Predict": value(nn.Predict), "Count": value(nn.Count), "Summary": value(nn.Summary),
		},
		"test/test": {
			"Dir":    value(filepath.Join(t.TempDir(), "net.safetensors")),
			"Errorf": value(t.Errorf),
			"Join":   value(strings.Join),
		},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := i.Eval(src); err != nil {
		t.Fatalf("%v", err)
	}
}

func TestALayerDeclaredInACellIsLikeAnyOther(t *testing.T) {
	cell(t, `
import (
	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
	"test"
)

// Part is a layer inside another, both declared here.
type Part struct{ In *nn.Linear }

func (p *Part) Forward(x *eager.Tensor) *eager.Tensor { return nn.Tanh(p.In.Forward(x)) }
func (p *Part) Params() []*eager.Tensor                { return p.In.Params() }

type Net struct {
	part *Part
	any  nn.Layer
	list []nn.Layer
	drop *nn.Dropout
	norm *nn.BatchNorm
	Gain *eager.Tensor
}

func NewNet(seed uint64) *Net {
	rng := eager.NewRand(seed)
	return &Net{
		part: &Part{nn.NewLinear(rng, 2, 3)},
		any:  &Part{nn.NewLinear(rng, 3, 3)},
		list: []nn.Layer{nn.NewLinear(rng, 3, 3), &Part{nn.NewLinear(rng, 3, 3)}},
		drop: nn.NewDropout(rng, 0.5),
		norm: nn.NewBatchNorm(3),
		Gain: eager.Param("gain", eager.Ones(1)),
	}
}

func (n *Net) Forward(x *eager.Tensor) *eager.Tensor {
	x = n.any.Forward(n.part.Forward(x))
	for _, l := range n.list {
		x = l.Forward(x)
	}
	return n.norm.Forward(n.drop.Forward(x)).Mul(n.Gain)
}

func (n *Net) Params() []*eager.Tensor {
	all := append(n.part.Params(), n.any.Params()...)
	for _, l := range n.list {
		all = append(all, l.Params()...)
	}
	return append(append(all, n.norm.Params()...), n.Gain)
}

func main() {
	a, b := NewNet(1), NewNet(2)
	want := "part.in.weight part.in.bias any.in.weight any.in.bias list.0.weight list.0.bias list.1.in.weight list.1.in.bias " +
		"norm.weight norm.bias norm.running_mean norm.running_var norm.num_batches_tracked gain"
	if got := test.Join(nn.Names(a), " "); got != want {
		test.Errorf("names %s\nwant %s", got, want)
	}
	nn.Eval(a)
	if a.drop.Training || a.norm.Training {
		test.Errorf("Eval did not reach the parts")
	}
	nn.Train(nn.NewSeq([]nn.Layer{a}))
	if !a.drop.Training || !a.norm.Training {
		test.Errorf("Train did not reach the parts through Seq")
	}
	x := eager.Ones(4, 2)
	a.Forward(x)
	if err := nn.Save(test.Dir, a); err != nil {
		test.Errorf("%v", err)
	}
	if err := nn.Load(test.Dir, b); err != nil {
		test.Errorf("%v", err)
	}
	p, q := nn.Predict(a, x, 4), nn.Predict(b, x, 3)
	if d := p.Sub(q).Abs().Max().Item(); d != 0 {
		test.Errorf("the loaded network differs by %v", d)
	}
	if n := nn.Count(a); n != 9+12+12+12+6+1 {
		test.Errorf("%d parameters", n)
	}
	if s := nn.Summary(a, 4, 2).String(); len(s) < 100 {
		test.Errorf("summary %s", s)
	}
	f := nn.Wrap(func(x *eager.Tensor) *eager.Tensor { return x.Mul(a.Gain) }, []*eager.Tensor{a.Gain})
	if f.Forward(x).Sum().Item() != 8 {
		test.Errorf("a function of a cell is no layer")
	}
}
`)
}

// box stands for what the kernel puts values of cells in.
type box struct {
	Type  *block // must not be looked into: it has layers of its own
	Value any
}

func (b box) Cell() (typeName string, value any) { return "*main.Net", b.Value }

func TestLayersInTheKernelsBoxesAreFound(t *testing.T) {
	linear, drop := nn.NewLinear(eager.NewRand(1), 2, 2), nn.NewDropout(eager.NewRand(1), 0.5)
	unrelated := newBlock(1)
	of := func(fields any) nn.Layer {
		return &cellLayer{box{unrelated, fields}, linear.Forward, linear.Params}
	}
	inner := &struct {
		Xdrop *nn.Dropout
		Any   any
	}{drop, box{unrelated, &struct{ Lin *nn.Linear }{linear}}}
	net := of(&struct{ Xpart nn.Layer }{of(inner)})
	if got := strings.Join(nn.Names(net), " "); got != "part.any.lin.weight part.any.lin.bias" {
		t.Errorf("names %s", got)
	}
	nn.Eval(net)
	if drop.Training || !unrelated.Norm.Training {
		t.Errorf("after Eval: inside %v, outside %v", drop.Training, unrelated.Norm.Training)
	}
	if kind := nn.Summary(net, 1, 2).Rows[0].Kind; kind != "Net" {
		t.Errorf("the kind is %s, want Net", kind)
	}
}
