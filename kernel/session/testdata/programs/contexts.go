// Contexts: cancelling trees of work, causes, values, deadlines in the past, and what runs afterwards.

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

type key string

type user struct{ name string }

type userKey struct{}

func withUser(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, userKey{}, &user{name})
}

func currentUser(ctx context.Context) string {
	if u, ok := ctx.Value(userKey{}).(*user); ok {
		return u.name
	}
	return "nobody"
}

var errTooMany = errors.New("too many failures")

// search stops as soon as one of the parts has found something.
func search(parent context.Context, parts [][]int, want int) (where string, err error) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	found := make(chan string)
	var wg sync.WaitGroup
	for p, part := range parts {
		wg.Go(func() {
			for i, v := range part {
				if ctx.Err() != nil {
					return
				}
				if v < 0 {
					cancel(fmt.Errorf("part %d: bad value %d", p, v))
					return
				}
				if v == want {
					select {
					case found <- fmt.Sprintf("%d/%d", p, i):
					case <-ctx.Done():
					}
					return
				}
			}
		})
	}
	go func() {
		wg.Wait()
		close(found)
	}()
	where, ok := <-found
	if err := context.Cause(ctx); err != nil {
		return "", err
	}
	if !ok {
		return "", errors.New("not found")
	}
	return where, nil
}

// generate counts until its context ends, and tells when it has ended.
func generate(ctx context.Context, ended *sync.WaitGroup) <-chan int {
	out := make(chan int)
	ended.Go(func() {
		defer close(out)
		for n := 1; ; n++ {
			select {
			case out <- n:
			case <-ctx.Done():
				return
			}
		}
	})
	return out
}

// A merged context is another implementation of the interface.
type merged struct {
	context.Context
	extra map[any]any
}

func (m merged) Value(k any) any {
	if v, ok := m.extra[k]; ok {
		return v
	}
	return m.Context.Value(k)
}

func (m merged) String() string { return fmt.Sprintf("merged with %d", len(m.extra)) }

func state(name string, ctx context.Context) {
	select {
	case <-ctx.Done():
		fmt.Printf("%s: %v, cause %v\n", name, ctx.Err(), context.Cause(ctx))
	default:
		fmt.Printf("%s: going on\n", name)
	}
}

func main() {
	root := context.Background()
	a, cancelA := context.WithCancel(root)
	b, cancelB := context.WithCancelCause(a)
	c := withUser(b, "ann")
	d := withUser(c, "bob")
	detached := context.WithoutCancel(d)
	fmt.Println(currentUser(root), currentUser(c), currentUser(d), currentUser(detached))
	fmt.Println(context.WithValue(root, key("k"), 1).Value(key("k")), context.WithValue(root, key("k"), 1).Value("k"))
	state("d", d)
	cancelB(errTooMany)
	cancelB(errors.New("ignored"))
	state("a", a)
	state("d", d)
	fmt.Println(errors.Is(d.Err(), context.Canceled), errors.Is(context.Cause(d), errTooMany))
	cancelA()
	state("a", a)
	state("b", b)
	state("detached", detached)

	// A deadline in the past is over at once; the earlier of two counts.
	past := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	late, cancel := context.WithDeadline(root, past)
	defer cancel()
	state("late", late)
	fmt.Println(errors.Is(late.Err(), context.DeadlineExceeded), late.Err().(interface{ Timeout() bool }).Timeout())
	at, ok := late.Deadline()
	fmt.Println(at.Year(), ok)
	inner, cancelInner := context.WithTimeout(late, time.Hour)
	at, _ = inner.Deadline()
	fmt.Println(at.Year(), inner.Err())
	cancelInner()
	caused, cancelCaused := context.WithDeadlineCause(root, past, errTooMany)
	state("caused", caused)
	cancelCaused()

	fmt.Println(search(root, [][]int{{1, 2, 3}, {4, 5}, {6, 7, 8, 9}}, 7))
	fmt.Println(search(root, [][]int{{1, 2, 3}, {4, 5}}, 10))
	fmt.Println(search(root, [][]int{{1, 2}, {3, -4, 10}}, 10))
	fmt.Println(search(a, [][]int{{1, 2}}, 2))

	var ended sync.WaitGroup
	ctx, stop := context.WithCancel(root)
	sum := 0
	for n := range generate(ctx, &ended) {
		if sum += n; n == 10 {
			stop()
			break
		}
	}
	ended.Wait()
	fmt.Println("sum", sum)

	// AfterFunc runs once, when the context ends, unless it was stopped before.
	ctx, stop = context.WithCancel(root)
	ran := make(chan string, 2)
	context.AfterFunc(ctx, func() { ran <- "cleaned up" })
	stopped := context.AfterFunc(ctx, func() { ran <- "never" })
	fmt.Println(stopped(), stopped())
	stop()
	fmt.Println(<-ran, len(ran))

	m := merged{ctx, map[any]any{key("x"): 5, userKey{}: &user{"cy"}}}
	child, cancelChild := context.WithCancel(m)
	defer cancelChild()
	fmt.Println(m, currentUser(child), child.Value(key("x")), child.Value(key("y")), child.Err())
	fmt.Println(root, context.TODO())
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		fmt.Println(context.WithValue(root, nil, 1))
	}()
}
