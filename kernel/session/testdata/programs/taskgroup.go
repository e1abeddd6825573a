// A group of tasks: the first error cancels the others, a limit holds them back, results come typed.

package main

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// A Group runs functions and remembers the first error.
type Group struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
	once   sync.Once
	err    error
	slots  chan struct{}
	mu     sync.Mutex
	active int
	peak   int
}

func NewGroup(ctx context.Context, limit int) *Group {
	g := &Group{}
	g.ctx, g.cancel = context.WithCancelCause(ctx)
	if limit > 0 {
		g.slots = make(chan struct{}, limit)
	}
	return g
}

func (g *Group) enter(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.active += n
	g.peak = max(g.peak, g.active)
}

func (g *Group) Go(f func(context.Context) error) {
	if g.slots != nil {
		g.slots <- struct{}{}
	}
	g.wg.Add(1)
	g.enter(1)
	go func() {
		defer g.wg.Done()
		defer func() {
			if r := recover(); r != nil {
				g.fail(fmt.Errorf("panic: %v", r))
			}
			g.enter(-1)
			if g.slots != nil {
				<-g.slots
			}
		}()
		if err := f(g.ctx); err != nil {
			g.fail(err)
		}
	}()
}

func (g *Group) fail(err error) {
	g.once.Do(func() {
		g.err = err
		g.cancel(err)
	})
}

func (g *Group) Wait() error {
	g.wg.Wait()
	g.cancel(nil)
	return g.err
}

// Map applies f to all inputs at once; the outputs keep the order of the inputs.
func Map[A, B any](ctx context.Context, limit int, in []A, f func(context.Context, A) (B, error)) ([]B, error) {
	g := NewGroup(ctx, limit)
	out := make([]B, len(in))
	for i, a := range in {
		g.Go(func(ctx context.Context) (err error) {
			out[i], err = f(ctx, a)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return out, nil
}

// A Future is a value that comes later.
type Future[T any] struct {
	done  chan struct{}
	value T
	err   error
}

func Async[T any](f func() (T, error)) *Future[T] {
	fu := &Future[T]{done: make(chan struct{})}
	go func() {
		defer close(fu.done)
		fu.value, fu.err = f()
	}()
	return fu
}

func (f *Future[T]) Get() (T, error) {
	<-f.done
	return f.value, f.err
}

func Then[A, B any](f *Future[A], next func(A) (B, error)) *Future[B] {
	return Async(func() (b B, err error) {
		a, err := f.Get()
		if err != nil {
			return b, fmt.Errorf("before: %w", err)
		}
		return next(a)
	})
}

// All runs everything and joins the errors in the order of their texts.
func All(fs ...func() error) error {
	errs := make(chan error, len(fs))
	for _, f := range fs {
		go func() { errs <- f() }()
	}
	var failed []error
	for range fs {
		if err := <-errs; err != nil {
			failed = append(failed, err)
		}
	}
	sort.Slice(failed, func(i, j int) bool { return failed[i].Error() < failed[j].Error() })
	return errors.Join(failed...)
}

func parse(_ context.Context, s string) (int, error) { return strconv.Atoi(strings.TrimSpace(s)) }

func main() {
	ctx := context.Background()
	fmt.Println(Map(ctx, 0, []string{"1", " 22", "333 "}, parse))
	fmt.Println(Map(ctx, 2, []string{"1", "x", "3"}, parse))
	squares, err := Map(ctx, 3, []int{5, 6, 7, 8, 9, 10, 11}, func(_ context.Context, n int) (int, error) { return n * n, nil })
	fmt.Println(squares, err)

	// The first error stops the task that waits for its context.
	g := NewGroup(ctx, 0)
	errBoom := errors.New("boom")
	stopped := make(chan error, 1)
	g.Go(func(ctx context.Context) error {
		<-ctx.Done()
		stopped <- context.Cause(ctx)
		return ctx.Err()
	})
	g.Go(func(context.Context) error { return errBoom })
	fmt.Println(g.Wait(), <-stopped == errBoom)

	g = NewGroup(ctx, 0)
	g.Go(func(context.Context) error { panic("lost my way") })
	fmt.Println(g.Wait())
	fmt.Println(NewGroup(ctx, 1).Wait())

	// Not more than three at a time, however many there are.
	g = NewGroup(ctx, 3)
	var mu sync.Mutex
	total := 0
	for i := range 50 {
		g.Go(func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			total += i
			return nil
		})
	}
	fmt.Println(g.Wait(), total, g.peak <= 4, g.active)

	f := Async(func() (string, error) { return "12 34 x5", nil })
	counts := Then(f, func(s string) ([]int, error) {
		var ns []int
		for _, w := range strings.Fields(s) {
			if n, err := strconv.Atoi(w); err == nil {
				ns = append(ns, n)
			}
		}
		return ns, nil
	})
	sum := Then(counts, func(ns []int) (total int, err error) {
		for _, n := range ns {
			total += n
		}
		return
	})
	fmt.Println(sum.Get())
	fmt.Println(counts.Get())
	broken := Then(Then(Async(func() (int, error) { return 0, errBoom }), func(n int) (string, error) { return "unused", nil }), func(s string) (int, error) { return len(s), nil })
	n, err := broken.Get()
	fmt.Println(n, err, errors.Is(err, errBoom))

	err = All(func() error { return nil }, func() error { return errors.New("b failed") }, func() error { return errBoom }, func() error { return errors.New("a failed") })
	fmt.Printf("%q %t\n", err, errors.Is(err, errBoom))
	fmt.Println(All() == nil)
}
