// A worker pool: jobs with priorities, results in the order of the jobs, panics and errors kept with them.

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

type job struct {
	id   int
	name string
	run  func() (int, error)
}

type result struct {
	job   job
	value int
	err   error
}

type pool struct {
	jobs    chan job
	results chan result
	workers sync.WaitGroup
	handled []atomic.Int64
}

func newPool(workers, queue int) *pool {
	p := &pool{jobs: make(chan job, queue), results: make(chan result), handled: make([]atomic.Int64, workers)}
	for w := range workers {
		p.workers.Go(func() { p.work(w) })
	}
	go func() {
		p.workers.Wait()
		close(p.results)
	}()
	return p
}

func (p *pool) work(id int) {
	for j := range p.jobs {
		p.results <- p.one(j)
		p.handled[id].Add(1)
	}
}

type panicError struct{ value any }

func (p panicError) Error() string { return fmt.Sprintf("job panicked: %v", p.value) }

func (p *pool) one(j job) (r result) {
	r.job = j
	defer func() {
		if v := recover(); v != nil {
			r.err = panicError{v}
		}
	}()
	r.value, r.err = j.run()
	return r
}

// runAll gives every job to the pool and puts the results back into order.
func runAll(workers int, jobs []job) []result {
	p := newPool(workers, len(jobs)/2)
	go func() {
		for i, j := range jobs {
			j.id = i
			p.jobs <- j
		}
		close(p.jobs)
	}()
	results := make([]result, len(jobs))
	for r := range p.results {
		results[r.job.id] = r
	}
	var total int64
	for i := range p.handled {
		total += p.handled[i].Load()
	}
	if total != int64(len(jobs)) {
		fmt.Println("lost jobs:", total)
	}
	return results
}

func collatz(n int) (steps int, err error) {
	for n != 1 {
		if n < 1 {
			return 0, errors.New("not positive")
		}
		if n%2 == 0 {
			n /= 2
		} else {
			n = 3*n + 1
		}
		steps++
	}
	return steps, nil
}

func countWords(text string) (int, error) {
	if text == "" {
		return 0, fmt.Errorf("counting: %w", errEmpty)
	}
	return len(strings.Fields(text)), nil
}

var errEmpty = errors.New("empty text")

func main() {
	var jobs []job
	for n := range 6 {
		jobs = append(jobs, job{name: fmt.Sprint("collatz ", n*9), run: func() (int, error) { return collatz(n * 9) }})
	}
	for _, text := range []string{"the quick brown fox", "", "one"} {
		jobs = append(jobs, job{name: fmt.Sprintf("words %q", text), run: func() (int, error) { return countWords(text) }})
	}
	jobs = append(jobs,
		job{name: "nil map", run: func() (int, error) { var m map[string]int; m["x"]++; return 0, nil }},
		job{name: "own panic", run: func() (int, error) { panic(errEmpty) }},
		job{name: "last", run: func() (int, error) { return 99, nil }},
	)
	for _, workers := range []int{1, 4} {
		fmt.Println(workers, "workers")
		sum := 0
		for _, r := range runAll(workers, jobs) {
			var pe panicError
			switch {
			case errors.As(r.err, &pe):
				_, isError := pe.value.(error)
				fmt.Println(" ", r.job.name, "->", r.err, isError)
			case r.err != nil:
				fmt.Println(" ", r.job.name, "->", r.err, errors.Is(r.err, errEmpty))
			default:
				sum += r.value
			}
		}
		fmt.Println("  sum", sum)
	}

	// Many small jobs: the sum does not depend on who does what.
	var many []job
	for i := range 200 {
		many = append(many, job{run: func() (int, error) { return i * i, nil }})
	}
	sum := 0
	for _, r := range runAll(8, many) {
		sum += r.value
	}
	fmt.Println(sum, len(runAll(3, nil)))

	// Each worker writes to its own part of a slice, so no lock is needed.
	squares := make([]int, 32)
	var wg sync.WaitGroup
	for part := range slices.Chunk(squares, 10) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range part {
				part[i] = len(part) * i
			}
		}()
	}
	wg.Wait()
	fmt.Println(squares)
}
