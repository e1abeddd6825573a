package optim_test

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
)

// trained is all parameters of a small convolutional network after some steps.
func trained(seed uint64, steps int) []float32 {
	rng := eager.NewRand(seed)
	net := convolutional(rng)
	opt := optim.NewAdam(net.Params(), 0.003)
	opt.ClipNorm = 1
	for range steps {
		x, labels := rng.Uniform(0, 1, 8, 1, 28, 28), rng.Ints(10, 8).Ints()
		opt.Minimize(nn.CrossEntropy(net.Forward(x), labels))
	}
	var all []float32
	for _, p := range net.Params() {
		all = append(all, p.Float32s()...)
	}
	return all
}

// steps is n, or fewer for the plain Go kernels, which take a hundred times as long, and still more where races are looked for.
func steps(n, plain int) int {
	if os.Getenv("TAPIR_CPU") == "generic" {
		return plain
	}
	return n
}

func TestFiftyStepsAreTheSameAtAnyNumberOfThreadsAndTwice(t *testing.T) {
	n := steps(50, 4)
	want := trained(1, n)
	for _, threads := range []int{1, 2, 4, 2} {
		old := runtime.GOMAXPROCS(threads)
		got := trained(1, n)
		runtime.GOMAXPROCS(old)
		if !slices.Equal(got, want) {
			t.Errorf("at %d threads the parameters differ", threads)
		}
	}
	if slices.Equal(trained(2, n), want) {
		t.Error("another seed gives the same")
	}
}

// TestEightGoroutinesTrainEightModels holds that each ends where it ends alone.
func TestEightGoroutinesTrainEightModels(t *testing.T) {
	const models = 8
	n := steps(8, 2)
	var together [models][]float32
	var wg sync.WaitGroup
	for i := range together {
		wg.Go(func() { together[i] = trained(uint64(i), n) })
	}
	wg.Wait()
	for i, got := range together {
		if !slices.Equal(got, trained(uint64(i), n)) {
			t.Errorf("model %d is another than when it is trained alone", i)
		}
	}
}

// TestAStepUnderLoadTakesItsShare trains beside processes that spin, as many as there are processors. Half of the machine is left
// then, and the step may take three times of what that makes: threads that wait for one another by spinning take a hundred times.
func TestAStepUnderLoadTakesItsShare(t *testing.T) {
	if os.Getenv("TAPIR_SPIN") != "" {
		for start := time.Now(); time.Since(start) < time.Minute; {
		}
		return
	}
	if testing.Short() {
		t.Skip("measures")
	}
	rng := eager.NewRand(1)
	net := convolutional(rng)
	opt := optim.NewAdam(net.Params(), 0.001)
	x, labels := rng.Uniform(0, 1, 16, 1, 28, 28), rng.Ints(10, 16).Ints()
	step := func() float64 { // the best mean of a few steps, in seconds
		best := 1e9
		for range 5 {
			const n = 8
			start := time.Now()
			for range n {
				opt.Minimize(nn.CrossEntropy(net.Forward(x), labels))
			}
			best = min(best, time.Since(start).Seconds()/n)
		}
		return best
	}
	loaded := func() float64 {
		var others []*exec.Cmd
		defer func() {
			for _, c := range others {
				_ = c.Process.Kill()
				_ = c.Wait() // it says that it was killed
			}
		}()
		for range runtime.GOMAXPROCS(0) {
			c := exec.Command(os.Args[0], "-test.run", "^TestAStepUnderLoadTakesItsShare$")
			c.Env = append(os.Environ(), "TAPIR_SPIN=1", "GOMAXPROCS=1")
			if err := c.Start(); err != nil {
				if errors.Is(err, syscall.ENOEXEC) {
					t.Skip("an emulator runs this test, and the system does not know: ", err)
				}
				t.Fatal(err)
			}
			others = append(others, c)
		}
		time.Sleep(50 * time.Millisecond) // until they spin
		return step()
	}
	step()
	ratio := 1e9
	for range 3 { // the machine may be busy otherwise
		alone := step()
		if ratio = min(ratio, loaded()/alone); ratio <= 3*2 {
			break
		}
	}
	t.Logf("under load a step takes %.1f times as long", ratio)
	if ratio > 3*2 {
		t.Errorf("a step takes %.1f times as long beside processes that leave it half of the machine", ratio)
	}
}
