// Pipelines: stages joined by channels, fanned out and in, stopped early without leaking a goroutine.

package main

import (
	"cmp"
	"crypto/md5"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// tracker counts the stages that are running, to show that all of them end.
type tracker struct{ sync.WaitGroup }

func source[T any](tr *tracker, done <-chan struct{}, items ...T) <-chan T {
	out := make(chan T)
	tr.Go(func() {
		defer close(out)
		for _, item := range items {
			select {
			case out <- item:
			case <-done:
				return
			}
		}
	})
	return out
}

func stage[A, B any](tr *tracker, done <-chan struct{}, in <-chan A, f func(A) (B, bool)) <-chan B {
	out := make(chan B)
	tr.Go(func() {
		defer close(out)
		for a := range in {
			b, keep := f(a)
			if !keep {
				continue
			}
			select {
			case out <- b:
			case <-done:
				return
			}
		}
	})
	return out
}

// merge fans in: whatever comes on any input goes out.
func merge[T any](tr *tracker, done <-chan struct{}, ins ...<-chan T) <-chan T {
	out := make(chan T)
	var senders sync.WaitGroup
	for _, in := range ins {
		senders.Add(1)
		tr.Go(func() {
			defer senders.Done()
			for v := range in {
				select {
				case out <- v:
				case <-done:
					return
				}
			}
		})
	}
	tr.Go(func() {
		senders.Wait()
		close(out)
	})
	return out
}

// tee gives each value to two readers, in whatever order they are ready.
func tee[T any](tr *tracker, in <-chan T) (<-chan T, <-chan T) {
	a, b := make(chan T), make(chan T)
	tr.Go(func() {
		defer close(a)
		defer close(b)
		for v := range in {
			first, second := a, b
			for range 2 {
				select {
				case first <- v:
					first = nil // a nil channel is never ready
				case second <- v:
					second = nil
				}
			}
		}
	})
	return a, b
}

func batch[T any](tr *tracker, in <-chan T, n int) <-chan []T {
	out := make(chan []T)
	tr.Go(func() {
		defer close(out)
		var group []T
		for v := range in {
			if group = append(group, v); len(group) == n {
				out <- group
				group = nil
			}
		}
		if len(group) > 0 {
			out <- group
		}
	})
	return out
}

func collect[T any](in <-chan T) (all []T) {
	for v := range in {
		all = append(all, v)
	}
	return all
}

func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i + 1
	}
	return all
}

func main() {
	var tr tracker
	never := make(chan struct{})

	odd := func(n int) (int, bool) { return n, n%2 == 1 }
	square := func(n int) (int, bool) { return n * n, true }
	label := func(n int) (string, bool) { return fmt.Sprintf("<%d>", n), n > 1 }
	chain := stage(&tr, never, stage(&tr, never, stage(&tr, never, source(&tr, never, numbers(10)...), odd), square), label)
	fmt.Println(strings.Join(collect(chain), " "))

	// Fan out: five readers share one source; the order is lost and made again by sorting.
	shared := source(&tr, never, strings.Fields("to be or not to be that is the question")...)
	type digest struct {
		word string
		sum  string
	}
	hash := func(s string) (digest, bool) { return digest{s, fmt.Sprintf("%x", md5.Sum([]byte(s)))[:6]}, len(s) > 2 }
	var readers []<-chan digest
	for range 5 {
		readers = append(readers, stage(&tr, never, shared, hash))
	}
	digests := collect(merge(&tr, never, readers...))
	slices.SortFunc(digests, func(a, b digest) int { return cmp.Compare(a.word, b.word) })
	for _, d := range digests {
		fmt.Println(d.word, d.sum)
	}

	left, right := tee(&tr, source(&tr, never, numbers(6)...))
	sums := make(chan int)
	go func() {
		total := 0
		for v := range left {
			total += v
		}
		sums <- total
	}()
	fmt.Println("tee:", collect(right), <-sums)

	for group := range batch(&tr, source(&tr, never, "a", "b", "c", "d", "e", "f", "g"), 3) {
		fmt.Print(group, len(group), " ")
	}
	fmt.Println()

	// Stop after three results; every stage sees that done is closed.
	done := make(chan struct{})
	endless := make(chan int)
	tr.Go(func() {
		defer close(endless)
		for i := 0; ; i++ {
			select {
			case endless <- i:
			case <-done:
				return
			}
		}
	})
	multiples := stage(&tr, done, endless, func(n int) (int, bool) { return n, n > 0 && n%7 == 0 })
	for range 3 {
		fmt.Print(<-multiples, " ")
	}
	close(done)
	tr.Wait()
	_, open := <-multiples
	fmt.Println("stopped", open)

	// A feedback loop: what comes out goes in again until it is small.
	queue := make(chan int, 10)
	queue <- 100
	queue <- 37
	steps := 0
	for pending := 2; pending > 0; steps++ {
		n := <-queue
		if pending--; n > 10 {
			queue <- n / 2
			pending++
		}
	}
	fmt.Println("steps", steps, len(queue), cap(queue))
	fmt.Println(collect(merge[int](&tr, never)) == nil, collect(source[string](&tr, never)) == nil)
	tr.Wait()
}
