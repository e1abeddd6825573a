// Select: ready, waiting, closed and nil channels, priorities, timeouts by counting, and fairness.

package main

import (
	"fmt"
	"strings"
	"sync"
)

type event struct {
	kind string
	n    int
}

// tryReceive never waits.
func tryReceive[T any](c <-chan T) (v T, state string) {
	select {
	case v, ok := <-c:
		if !ok {
			return v, "closed"
		}
		return v, "value"
	default:
		return v, "empty"
	}
}

func trySend[T any](c chan<- T, v T) bool {
	select {
	case c <- v:
		return true
	default:
		return false
	}
}

// drain reads two channels until both are closed, by setting the closed one to nil.
func drain(a, b <-chan int) (sum, closedFirst int) {
	for a != nil || b != nil {
		select {
		case v, ok := <-a:
			if !ok {
				if a = nil; closedFirst == 0 {
					closedFirst = 1
				}
				continue
			}
			sum += v
		case v, ok := <-b:
			if !ok {
				if b = nil; closedFirst == 0 {
					closedFirst = 2
				}
				continue
			}
			sum += v * 100
		}
	}
	return
}

// urgent prefers the first channel whenever both are ready.
func urgent(high, low <-chan string) string {
	select {
	case s := <-high:
		return s
	default:
	}
	select {
	case s := <-high:
		return s
	case s := <-low:
		return s
	}
}

func index(name string, n int, log *[]string) int {
	*log = append(*log, fmt.Sprint(name, n))
	return n
}

type machine struct {
	commands chan string
	replies  chan string
	quit     chan struct{}
}

func (m *machine) loop() {
	state, count := "idle", 0
	for {
		select {
		case c := <-m.commands:
			switch {
			case c == "start" && state == "idle":
				state = "running"
			case c == "step" && state == "running":
				count++
			case c == "stop":
				state = "idle"
			default:
				m.replies <- "cannot " + c + " when " + state
				continue
			}
			m.replies <- fmt.Sprint(state, " ", count)
		case <-m.quit:
			close(m.replies)
			return
		}
	}
}

func main() {
	c := make(chan int, 2)
	fmt.Println(tryReceive(c))
	fmt.Println(trySend(c, 1), trySend(c, 2), trySend(c, 3), len(c), cap(c))
	fmt.Println(tryReceive(c))
	close(c)
	fmt.Println(tryReceive(c))
	fmt.Println(tryReceive(c))
	var none chan string
	fmt.Println(trySend(none, "x"), len(none), cap(none))

	a, b := make(chan int, 3), make(chan int, 3)
	a <- 1
	a <- 2
	b <- 3
	close(a)
	close(b)
	sum, first := drain(a, b)
	fmt.Println(sum, first == 1 || first == 2)

	high, low := make(chan string, 4), make(chan string, 4)
	for _, s := range []string{"h1", "h2"} {
		high <- s
	}
	for _, s := range []string{"l1", "l2"} {
		low <- s
	}
	fmt.Println(urgent(high, low), urgent(high, low), urgent(high, low), urgent(high, low))

	// Channels and values of every case are evaluated once, in order, whichever is chosen.
	var log []string
	chans := []chan int{make(chan int, 1), nil, make(chan int)}
	values := []int{10, 20, 30}
	select {
	case chans[index("c", 0, &log)] <- values[index("v", 1, &log)]:
		log = append(log, "sent")
	case values[index("to", 2, &log)] = <-chans[index("c", 1, &log)]:
		log = append(log, "received")
	case <-chans[index("c", 2, &log)]:
	}
	fmt.Println(strings.Join(log, " "), <-chans[0], values)

	// Both cases of a select are taken at some time.
	left, right := make(chan int, 100), make(chan int, 100)
	for i := range 100 {
		left <- i
		right <- i
	}
	var fromLeft, fromRight int
	for range 100 {
		select {
		case <-left:
			fromLeft++
		case <-right:
			fromRight++
		}
	}
	fmt.Println(fromLeft > 10, fromRight > 10, fromLeft+fromRight)

	m := &machine{make(chan string), make(chan string), make(chan struct{})}
	go m.loop()
	for _, command := range strings.Fields("step start step step start stop step") {
		m.commands <- command
		fmt.Print(<-m.replies, "; ")
	}
	close(m.quit)
	last, ok := <-m.replies
	fmt.Printf("%q %t\n", last, ok)

	// A select inside a loop: break leaves the select, a label the loop.
	events := make(chan event, 5)
	for i, kind := range []string{"a", "skip", "b", "end", "late"} {
		events <- event{kind, i}
	}
	var seen []event
loop:
	for {
		select {
		case e := <-events:
			if e.kind == "skip" {
				break
			}
			if e.kind == "end" {
				break loop
			}
			seen = append(seen, e)
		}
	}
	fmt.Println(seen, len(events))

	// Directions, channels of channels, and a request that carries its own answer.
	requests := make(chan chan<- int)
	go func() {
		n := 0
		for r := range requests {
			n += 11
			r <- n
		}
	}()
	for range 3 {
		answer := make(chan int)
		requests <- answer
		fmt.Print(<-answer, " ")
	}
	close(requests)

	// A barrier: nobody goes on before all have come.
	var wg sync.WaitGroup
	start, arrived := make(chan struct{}), make(chan int)
	order := make(chan string, 6)
	for i := range 3 {
		wg.Go(func() {
			order <- "before"
			arrived <- i
			<-start
			order <- "after"
		})
	}
	total := <-arrived + <-arrived + <-arrived
	close(start)
	wg.Wait()
	close(order)
	fmt.Print(total)
	for s := range order {
		fmt.Print(" ", s)
	}
	fmt.Println()
}
