package graph_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/dynamic"
	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/viz/graph"
)

func ExampleDraw() {
	w := eager.Param("w", eager.Ones(3, 2))
	g := dynamic.Record(func(x *eager.Tensor) *eager.Tensor { return x.MatMul(w).Tanh() }, eager.Zeros(4, 3))
	svg := graph.Draw(g).SVG()
	fmt.Println(strings.Count(svg, `class="op`), "ops,", strings.Count(svg, "marker-end"), "edges")
	// Output: 2 ops, 2 edges
}

// residual is a function with branches that join, and edges that skip layers.
func residual(x *eager.Tensor) *eager.Tensor {
	y := x
	for range 4 {
		y = y.Tanh().Add(x).Relu().Add(y)
	}
	if y.Sum().Item() > 1e9 {
		return x
	}
	return y
}

func TestDrawingIsWellFormedAndNamesEveryNode(t *testing.T) {
	g := dynamic.Record(residual, eager.Ones(2, 3))
	svg := graph.Draw(g).SVG()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Count(svg, `<g class="op`); got != len(g.Nodes) {
		t.Errorf("%d ops are drawn, want %d", got, len(g.Nodes))
	}
	for _, want := range []string{"f32(2,3)", "decision", "Item read"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the drawing does not show %q", want)
		}
	}
	if svg != graph.Draw(g).SVG() {
		t.Error("two drawings of one graph differ")
	}
}
