package viz_test

import (
	"fmt"

	"github.com/tapir-go/tapir/viz"
)

// A plot is made by a constructor and setters; in a notebook the last
// expression of a cell is drawn, in a program its text is printed.
func ExampleNewPlot() {
	steps := []float64{0, 100, 200, 300, 400}
	train := []float64{2.3, 0.9, 0.4, 0.2, 0.1}
	test := []float64{2.3, 1.0, 0.6, 0.5, 0.5}
	p := viz.NewPlot("loss").Line("train", steps, train).Points("test", steps, test).XLabel("step").LogY()
	viz.Show(p)
	// Output:
	// plot "loss"
	//   train  line plot: 5 points, y 0.1..2.3  █▄▂▁▁
	//   test   scatter plot: 5 points, x 0..400, y 0.5..2.3
}

func ExampleHeatMap() {
	fmt.Println(viz.HeatMap([]float64{50, 2, 3, 45}, 2, 2).Names([]string{"cat", "dog"}).Title("confusion"))
	// Output:
	// heat map "confusion": 2 by 2, 2..50
	//      cat  dog
	// ───  ───  ───
	// cat   50    2
	// dog    3   45
}

func ExampleNewProgress() {
	p := viz.NewProgress(3, "epoch 1")
	for i := range 3 {
		p.Step(1).Metric("loss", 1/float64(i+1))
	}
	p.Done()
	// Output: epoch 1: 3/3, loss 0.3333
}

func ExampleTable() {
	viz.Show(viz.Table([]string{"model", "accuracy"}, [][]string{{"MLP", "97.6"}, {"CNN", "98.8"}}))
	// Output:
	// model  accuracy
	// ─────  ────────
	// MLP        97.6
	// CNN        98.8
}
