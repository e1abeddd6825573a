package data_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/data"
)

// counted is a set of n examples whose inputs (i,10i), labels i and targets -i all tell their number.
func counted(n int) *data.Set {
	xs, ys, labels := make([]float64, 2*n), make([]float64, n), make([]int, n)
	for i := range n {
		xs[2*i], xs[2*i+1], ys[i], labels[i] = float64(i), float64(10*i), -float64(i), i
	}
	return &data.Set{X: eager.New(xs, n, 2), Labels: labels, Y: eager.New(ys, n, 1)}
}

// order runs an epoch, checks that what belongs together came together, and gives the examples' numbers by batch.
func order(t *testing.T, l *data.Loader) [][]int {
	t.Helper()
	var batches [][]int
	for it := l.Epoch(); it.Next(); {
		x, labels := it.Batch()
		_, y := it.Pair()
		if it.Step() != len(batches) {
			t.Errorf("batch %d says that it is number %d", len(batches), it.Step())
		}
		for k, i := range labels {
			if x.At(k, 0) != float64(i) || x.At(k, 1) != float64(10*i) || y.At(k, 0) != -float64(i) {
				t.Errorf("label %d came with input %v, %v and target %v", i, x.At(k, 0), x.At(k, 1), y.At(k, 0))
			}
		}
		if x.Dim(0) != len(labels) {
			t.Errorf("%d labels for inputs %v", len(labels), x.Shape())
		}
		batches = append(batches, labels)
	}
	return batches
}

func TestAnEpochHasEveryExampleOnce(t *testing.T) {
	for _, n := range []int{1, 7, 8, 9, 100} {
		for _, ahead := range []int{0, 1, 2, 50} {
			l := data.NewLoader(counted(n), 8, eager.NewRand(3))
			l.Prefetch = ahead
			batches := order(t, l)
			if len(batches) != l.Len() || l.Epoch().Len() != l.Len() {
				t.Errorf("n=%d: %d batches, Len says %d", n, len(batches), l.Len())
			}
			all := slices.Concat(batches...)
			slices.Sort(all)
			for i := range n {
				if len(all) != n || all[i] != i {
					t.Fatalf("n=%d, prefetch %d: the examples were %v", n, ahead, all)
				}
			}
			l.DropLast = true
			if got := order(t, l); len(got) != n/8 {
				t.Errorf("n=%d: %d full batches, want %d", n, len(got), n/8)
			}
		}
	}
}

func TestEqualSeedsGiveEqualBatches(t *testing.T) {
	epochs := func(seed uint64, ahead int) string {
		l := data.NewLoader(counted(50), 8, eager.NewRand(seed))
		l.Prefetch = ahead
		return fmt.Sprint(order(t, l), order(t, l))
	}
	want := epochs(1, 0)
	for ahead := range 4 {
		if got := epochs(1, ahead); got != want {
			t.Errorf("prefetch %d: %s, want %s", ahead, got, want)
		}
	}
	if epochs(2, 2) == want {
		t.Error("another seed gave the same batches")
	}
	l := data.NewLoader(counted(50), 50, eager.NewRand(1))
	if first, second := fmt.Sprint(order(t, l)), fmt.Sprint(order(t, l)); first == second {
		t.Error("the second epoch has the order of the first")
	}
}

func TestWithoutRandTheOrderIsTheSets(t *testing.T) {
	got := fmt.Sprint(order(t, data.NewLoader(counted(5), 2, nil)))
	if got != "[[0 1] [2 3] [4]]" {
		t.Errorf("batches %s", got)
	}
}

func TestAnAbandonedEpochLeavesNoGoroutine(t *testing.T) {
	data.NewLoader(counted(10), 2, eager.NewRand(1)).Epoch().Next() // the engine's own workers have started
	before := goleak.IgnoreCurrent()
	l := data.NewLoader(counted(1000), 10, eager.NewRand(1))
	l.Prefetch = 8
	for range 20 {
		it := l.Epoch()
		it.Next()
		it.Next()
	}
	runtime.GC()
	goleak.VerifyNone(t, before)
}

func TestLoadersOfOneSetRunSideBySide(t *testing.T) {
	set := counted(300)
	var wait sync.WaitGroup
	results := make([]string, 4)
	for k := range results {
		wait.Add(1)
		go func() {
			defer wait.Done()
			l := data.NewLoader(set, 16, eager.NewRand(9))
			results[k] = fmt.Sprint(order(t, l), order(t, l))
		}()
	}
	wait.Wait()
	for _, r := range results[1:] {
		if r != results[0] {
			t.Error("two loaders with one seed differ")
		}
	}
}

func TestAnInterruptLosesNoBatch(t *testing.T) {
	l := data.NewLoader(counted(20), 5, eager.NewRand(4))
	want := fmt.Sprint(order(t, data.NewLoader(counted(20), 5, eager.NewRand(4))))
	it := l.Epoch()
	var got [][]int
	it.Next()
	_, labels := it.Batch()
	got = append(got, labels)
	eager.Interrupt(true)
	stopped := func() (stopped bool) {
		defer func() { stopped = recover() != nil }()
		_ = eager.Ones(2).Add(eager.Ones(2))
		return false
	}()
	runtime.Gosched()
	eager.Interrupt(false)
	for it.Next() {
		_, labels := it.Batch()
		got = append(got, labels)
	}
	if !stopped {
		t.Error("the interrupt did not stop an op: this test shows nothing")
	}
	if fmt.Sprint(got) != want {
		t.Errorf("batches %v, want %v", got, want)
	}
}

func TestMisuseIsExplained(t *testing.T) {
	set := counted(5)
	for text, f := range map[string]func(){
		"want 1 or more":     func() { data.NewLoader(set, 0, nil) },
		"no current batch":   func() { data.NewLoader(set, 1, nil).Epoch().Batch() },
		"no targets":         func() { it := data.NewLoader(data.New(set.X, nil), 1, nil).Epoch(); it.Next(); it.Pair() },
		"Set is nil":         func() { data.NewLoader(nil, 1, nil) },
		"want 5":             func() { data.New(set.X, []int{1}) },
		"want as many":       func() { data.NewPairs(set.X, eager.Ones(4, 1)) },
		"no list":            func() { data.New(eager.Scalar(1), nil) },
		"no example 5":       func() { set.Take([]int{5}) },
		"from 0 to 1":        func() { set.Split(1.5, nil) },
		"X is nil":           func() { data.New(nil, nil) },
		"numbers and centre": func() { data.Blobs(eager.NewRand(1), 3, [][]float64{{1}, {1, 2}}, 1) },
		"0 points":           func() { data.Moons(eager.NewRand(1), 0, 0) },
		"the set is empty":   func() { data.New(eager.Zeros(0, 2), nil).Normalise() },
	} {
		wantPanic(t, text, f)
	}
}
