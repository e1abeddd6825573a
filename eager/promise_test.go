package eager

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
)

// train makes a few steps with a small convolutional network and returns a fingerprint of all bits of its parameters.
func train(steps int) string {
	r := NewRand(1)
	p := []*Tensor{
		Param("w1", r.Normal(8, 1, 3, 3).Scale(0.3)), Param("b1", Zeros(8)),
		Param("w2", r.Normal(16, 8, 3, 3).Scale(0.1)), Param("b2", Zeros(16)),
		Param("w3", r.Normal(16*7*7, 100).Scale(0.05)), Param("b3", Zeros(100)), Param("w4", r.Normal(100, 10)), Param("b4", Zeros(10)),
		Param("up", r.Normal(8, 8, 4, 4).Scale(0.1)), Param("up bias", Zeros(8)), Param("down", r.Normal(8, 8, 4, 4).Scale(0.1)),
		Param("gamma", Ones(8)), Param("beta", Zeros(8)),
	}
	x := r.Normal(32, 1, 28, 28)
	labels := r.Ints(10, 32)
	for range steps {
		h, _, _ := x.Conv2d(p[0], p[1], 1, 1).Relu().MaxPool2d(2, 2).BatchNorm(p[11], p[12], 1e-5)
		h = h.ConvTranspose2d(p[8], p[9], 2, 1).LeakyRelu(0.2).Conv2d(p[10], nil, 2, 1) // (32,8,14,14)
		h = h.Conv2d(p[2], p[3], 1, 1).Gelu().AvgPool2d(2, 2)
		h = h.Sub(h.Mean(0, 2, 3)).Div(h.Var(0, 2, 3).Shift(1e-5).Sqrt())
		loss := h.Flatten(1).Linear(p[4], p[5]).Tanh().Linear(p[6], p[7]).CrossEntropyT(labels)
		for i, g := range Grad(loss, p...) {
			p[i].Assign(p[i].Detach().Sub(g.Scale(0.05)))
		}
	}
	sum := uint64(0)
	for _, w := range p {
		for _, v := range w.Float32s() {
			sum = sum*1099511628211 + uint64(math.Float32bits(v))
		}
	}
	return fmt.Sprintf("%x", sum)
}

func TestTrainingIsTheSameAtAnyNumberOfThreads(t *testing.T) {
	want := train(3)
	for _, n := range []int{1, 2, 4} {
		old := runtime.GOMAXPROCS(n)
		got := train(3)
		runtime.GOMAXPROCS(old)
		if got != want {
			t.Errorf("%d threads: parameters %s, want %s", n, got, want)
		}
	}
}

// TestFreedMemoryIsNeverRead runs tests of this package with memory that turns to NaN when it is freed.
func TestFreedMemoryIsNeverRead(t *testing.T) {
	if os.Getenv("TAPIR_POISON") != "" {
		t.Skip("runs already with poison")
	}
	want := train(2)
	out, err := poisoned("TestOps|TestScope|TestGradient|TestReachable|TestMany|TestTrac|TestResults|TestOpsTakeViews")
	if errors.Is(err, syscall.ENOEXEC) {
		t.Skip("an emulator runs this test, and the system does not know: ", err)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if got, err := poisoned("TestPrintFingerprint"); err != nil || got != want {
		t.Errorf("trained with poison: %q, want %s (%v)", got, want, err)
	}
}

func poisoned(run string) (string, error) {
	cmd := exec.Command(os.Args[0], "-test.run", "^("+run+")")
	cmd.Env = append(os.Environ(), "TAPIR_POISON=1", "TAPIR_FINGERPRINT=1")
	out, err := cmd.Output()
	for i, c := range out { // the first line
		if c == '\n' {
			return string(out[:i]), err
		}
	}
	return string(out), err
}

func TestPrintFingerprint(t *testing.T) {
	if os.Getenv("TAPIR_FINGERPRINT") == "" {
		t.Skip("for TestFreedMemoryIsNeverRead")
	}
	fmt.Println(train(2))
}

func TestSmallOpsAllocateLittle(t *testing.T) {
	x, y, p := Ones(4), Ones(4), Param("p", Ones(4))
	for what, c := range map[string]struct {
		f    func()
		most float64
	}{
		"Add":           {func() { x.Add(y) }, 1}, // the tensor with its numbers
		"Add recorded":  {func() { p.Add(y) }, 2}, // the tensor with its node, and the numbers
		"Tanh":          {func() { x.Tanh() }, 1},
		"Tanh recorded": {func() { p.Tanh() }, 2},
	} {
		if got := testing.AllocsPerRun(1000, c.f); got > c.most {
			t.Errorf("%s: %g allocations, want at most %g", what, got, c.most)
		}
	}
}
