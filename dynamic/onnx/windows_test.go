package onnx_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/dynamic/onnx"
	"github.com/tapir-go/tapir/eager"
)

// node runs a model of one operator.
func node(t *testing.T, kind string, attrs []onnx.Attribute, in ...*eager.Tensor) (*eager.Tensor, error) {
	t.Helper()
	n := onnx.Node{Name: "n", Kind: kind, Out: []string{"y"}, Attrs: attrs}
	m := &onnx.Model{Opset: 17, Graph: onnx.Graph{Outputs: []onnx.ValueInfo{{Name: "y", Type: onnx.Float}}}}
	for i, x := range in {
		v := onnx.ValueInfo{Name: fmt.Sprint("x", i), Type: onnx.Float}
		for _, d := range x.Shape() {
			v.Dims = append(v.Dims, onnx.Dim{Size: int64(d)})
		}
		n.In, m.Graph.Inputs = append(n.In, v.Name), append(m.Graph.Inputs, v)
	}
	m.Graph.Nodes = []onnx.Node{n}
	r, err := onnx.NewModule(m)
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.Run(in)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

func ints(name string, v ...int64) onnx.Attribute { return onnx.Attribute{Name: name, Value: v} }

func text(name, v string) onnx.Attribute { return onnx.Attribute{Name: name, Value: v} }

func TestConvolutionsAreReadWithAnyPadding(t *testing.T) {
	r := eager.NewRand(6)
	x, w, signal, taps := r.Normal(2, 3, 7, 8), r.Normal(4, 3, 3, 2), r.Normal(2, 3, 9), r.Normal(4, 3, 3)
	two := eager.ConvOptions{Stride: [2]int{2, 2}}
	for name, c := range map[string]struct {
		attrs []onnx.Attribute
		x, w  *eager.Tensor
		want  *eager.Tensor
	}{
		"different ends": {[]onnx.Attribute{ints("pads", 1, 0, 2, 3)}, x, w, x.Pad(2, 1, 2).Pad(3, 0, 3).Conv2d(w, nil, 1, 0)},
		"valid":          {[]onnx.Attribute{text("auto_pad", "VALID")}, x, w, x.Conv2d(w, nil, 1, 0)},
		// 7 in steps of 2 are 4 windows, which need 9; 8 are 4, which need 8.
		"same, upper": {[]onnx.Attribute{text("auto_pad", "SAME_UPPER"), ints("strides", 2, 2)}, x, w, x.Pad(2, 1, 1).Conv2dWith(w, nil, two)},
		// 8 windows of 2 need 9.
		"same, lower": {[]onnx.Attribute{text("auto_pad", "SAME_LOWER")}, x, w, x.Pad(2, 1, 1).Pad(3, 1, 0).Conv2d(w, nil, 1, 0)},
		"a signal":    {[]onnx.Attribute{ints("pads", 1, 1), ints("strides", 2)}, signal, taps, signal.Conv1d(taps, nil, 2, 1)},
	} {
		y, err := node(t, "Conv", c.attrs, c.x, c.w)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, want := fmt.Sprint(y.Shape(), y.Values()), fmt.Sprint(c.want.Shape(), c.want.Values()); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	back := r.Normal(2, 4, 4)
	y, err := node(t, "ConvTranspose", []onnx.Attribute{ints("strides", 2), ints("output_padding", 1)}, back, taps)
	if err != nil {
		t.Fatal(err)
	}
	want := back.ConvTranspose1dWith(taps, nil, 1, eager.Conv1dOptions{Stride: 2})
	if got, want := fmt.Sprint(y.Shape(), y.Values()), fmt.Sprint(want.Shape(), want.Values()); got != want {
		t.Errorf("a signal backwards: %s, want %s", got, want)
	}
}

func TestPoolingIsReadWithItsSettings(t *testing.T) {
	r := eager.NewRand(7)
	x, signal := r.Normal(2, 3, 7, 8), r.Normal(2, 3, 9)
	o := eager.PoolOptions{K: [2]int{3, 2}, Stride: [2]int{2, 1}, Pad: [2]int{1, 1}}
	counted := o
	counted.CountPad = true
	attrs := []onnx.Attribute{ints("kernel_shape", 3, 2), ints("strides", 2, 1), ints("pads", 1, 1, 1, 1)}
	for name, c := range map[string]struct {
		kind  string
		attrs []onnx.Attribute
		x     *eager.Tensor
		want  *eager.Tensor
	}{
		"max":            {"MaxPool", attrs, x, x.MaxPool2dWith(o)},
		"mean":           {"AveragePool", attrs, x, x.AvgPool2dWith(o)},
		"mean with pads": {"AveragePool", append(attrs, onnx.Attribute{Name: "count_include_pad", Value: int64(1)}), x, x.AvgPool2dWith(counted)},
		"of a signal": {"MaxPool", []onnx.Attribute{ints("kernel_shape", 3), ints("strides", 2)}, signal,
			signal.Unsqueeze(2).MaxPool2dWith(eager.PoolOptions{K: [2]int{1, 3}, Stride: [2]int{1, 2}}).Squeeze(2)},
		"global mean": {"GlobalAveragePool", nil, x, x.Mean(2, 3)},
		"global max":  {"GlobalMaxPool", nil, signal, signal.Max(2)},
	} {
		y, err := node(t, c.kind, c.attrs, c.x)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, want := fmt.Sprint(y.Shape(), y.Values()), fmt.Sprint(c.want.Shape(), c.want.Values()); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for want, attrs := range map[string][]onnx.Attribute{
		"auto_pad":       append(attrs, text("auto_pad", "SAME")),
		"do not fit":     {ints("kernel_shape", 8, 2)},
		"above 0":        {ints("kernel_shape", 2, 2), ints("strides", 0, 1)},
		"has 3 values":   {ints("kernel_shape", 2, 2), ints("strides", 1, 1, 1)},
		"windows [2] in": {ints("kernel_shape", 2)},
	} {
		if _, err := node(t, "MaxPool", attrs, x); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a MaxPool with %v: %v, want an error that says %q", attrs, err, want)
		}
	}
}
