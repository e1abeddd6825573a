package session_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// busy are more cells that do not end by themselves: they compute.
var busy = []string{
	"for {\n\tloss := nn.CrossEntropy(mlp.Forward(x), labels)\n\topt.Minimize(loss)\n}",
	"for i := range 1_000_000_000 {\n\tkept = append(kept[:0], i)\n\tif len(kept) > 5 {\n\t\tbreak\n\t}\n}",
	"for {\n\twords[strconv.Itoa(n%10)]++\n\tn++\n}",
	"defer func() { n = -1 }()\nfor { n++ }",
	"for {\n\tsort.Slice(kept, func(i, j int) bool { return kept[i] < kept[j] })\n\tkept = append(kept[:0], 3, 1, 2)\n}",
}

// TestTwoHundredInterrupts stops cells of every kind at random moments: no goroutine is left, no variable lost, and the next
// cell is right.
func TestTwoHundredInterrupts(t *testing.T) {
	if racing {
		t.Skip("the interpreter moves its global variables for a new cell while goroutines of others read them")
	}
	s, _ := newSession(t)
	must(t, s, 1, `
n, ch, kept, words := 0, make(chan int), []int{}, map[string]int{}
name, list, ages := "tapir", []int{1, 2, 3}, map[string]int{"a": 7}
type point struct{ X, Y int }
p := &point{3, 4}
rng := eager.NewRand(1)
mlp := nn.MLP(rng, nn.Tanh, 4, 16, 3)
opt := optim.NewSGD(mlp.Params(), 0.01)
x, labels := eager.Ones(8, 4), []int{0, 1, 2, 0, 1, 2, 0, 1}`)
	beats := "beat := make(chan int, 1000)\nended := make(chan bool)\ngo func() {\n\tfor i := 0; ; i++ {\n\t\tselect {\n\t\tcase beat <- i:\n\t\tcase <-ended:\n\t\t\treturn\n\t\t}\n\t}\n}()"
	must(t, s, 2, beats) // a goroutine of another cell, which no interrupt may touch
	settle := func() int {
		n := runtime.NumGoroutine()
		for range 100 {
			time.Sleep(5 * time.Millisecond)
			if m := runtime.NumGoroutine(); m == n {
				return n
			} else {
				n = m
			}
		}
		return n
	}
	before := settle()
	cells := slices.Clone(busy)
	for _, e := range endless {
		cells = append(cells, e.src)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var took []time.Duration
	var slowest time.Duration
	slow := ""
	for i := range 200 {
		src := cells[(i+random.IntN(2))%len(cells)]
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan time.Time, 1)
		time.AfterFunc(time.Duration(random.IntN(12_000))*time.Microsecond, func() {
			done <- time.Now()
			cancel()
		})
		r := s.Run(ctx, i+10, src)
		took = append(took, time.Since(<-done))
		if last := took[len(took)-1]; last > slowest {
			slowest, slow = last, src
		}
		if r.Failure == nil || r.Failure.Name != "interrupted" {
			t.Fatalf("%s\nends with %v", src, r.Failure)
		}
		got := must(t, s, i+10, `fmt.Sprint(name, list, ages["a"], *p, len(words) <= 10, mlp != nil, <-beat >= 0)`).Value["text/plain"]
		if want := "tapir[1 2 3] 7 {3 4} true true true"; got != want {
			t.Fatalf("after %s\nthe session has %v, want %s", src, got, want)
		}
	}
	slices.Sort(took)
	t.Logf("a cell ends %v after the interrupt (median), %v in 95 of 100; at the latest %v, this one:\n%s", took[100].Round(time.Microsecond),
		took[190].Round(time.Microsecond), slowest.Round(time.Microsecond), slow)
	after := settle()
	for range 400 { // timers of runs that ended may still have to run
		if after <= before {
			break
		}
		time.Sleep(5 * time.Millisecond)
		after = runtime.NumGoroutine()
	}
	if after > before {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		t.Errorf("%d goroutines more than before:\n%s", after-before, cut(string(stacks)))
	}
	must(t, s, 300, "close(ended)")
	if got := fmt.Sprint(must(t, s, 301, "1 + 1").Value["text/plain"]); got != "2" {
		t.Errorf("1 + 1 is %s", got)
	}
}

func cut(s string) string {
	if i := strings.Index(s[min(len(s), 6000):], "\n"); i >= 0 {
		return s[:6000+i]
	}
	return s
}
