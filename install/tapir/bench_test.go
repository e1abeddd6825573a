package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// BenchmarkStepInACell is a step of a small network's training, forward, gradient and Adam, in a loop of one cell.
func BenchmarkStepInACell(b *testing.B) {
	run, _, err := startKernel(nowhere{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	cell := func(n int, src string) {
		if r := run.Run(context.Background(), n, src); r.Failure != nil {
			b.Fatal(r.Failure)
		}
	}
	cell(1, "rng := eager.NewRand(1)\nnet := nn.MLP(rng, nn.Relu, 4, 64, 64, 2)\nopt := optim.NewAdam(net.Params(), 0.001)\nx, labels := rng.Normal(1, 4), []int{1}")
	b.ReportAllocs()
	b.ResetTimer()
	cell(2, fmt.Sprintf("for range %d {\n\tloss := nn.CrossEntropy(net.Forward(x), labels)\n\topt.Minimize(loss)\n}", b.N))
}

func TestBenchRefusesAPythonThatIsNotThere(t *testing.T) {
	code, _, errs := tapir("bench", "-python", "no-such-python", "-run", "add of 4")
	if code != 2 || !strings.Contains(errs, `-python: exec: "no-such-python"`) {
		t.Errorf("exit status %d, %s", code, errs)
	}
}
