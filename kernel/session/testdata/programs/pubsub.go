// Publish and subscribe: topics with wildcards, slow subscribers, and a broker that is one goroutine.

package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

type message struct {
	topic   string
	payload any
	seq     int
}

func (m message) String() string { return fmt.Sprintf("#%d %s=%v", m.seq, m.topic, m.payload) }

type overflow int

const (
	dropNewest overflow = iota
	dropOldest
)

type subscription struct {
	id      int
	pattern []string
	inbox   chan message
	policy  overflow
	dropped int
}

// Broker owns its state; everybody else sends it functions to run.
type Broker struct {
	do      chan func()
	done    chan struct{}
	subs    map[int]*subscription
	kept    map[string]message
	nextID  int
	nextSeq int
}

func NewBroker() *Broker {
	b := &Broker{do: make(chan func()), done: make(chan struct{}), subs: map[int]*subscription{}, kept: map[string]message{}}
	go func() {
		defer close(b.done)
		for f := range b.do {
			f()
		}
		for _, s := range b.subs {
			close(s.inbox)
		}
	}()
	return b
}

// sync runs f inside the broker and waits for it.
func (b *Broker) sync(f func()) {
	ran := make(chan struct{})
	b.do <- func() { f(); close(ran) }
	<-ran
}

func (b *Broker) Subscribe(pattern string, size int, policy overflow) (s *subscription, cancel func()) {
	b.sync(func() {
		b.nextID++
		s = &subscription{id: b.nextID, pattern: strings.Split(pattern, "/"), inbox: make(chan message, size), policy: policy}
		b.subs[s.id] = s
		var topics []string
		for t := range b.kept {
			topics = append(topics, t)
		}
		slices.Sort(topics)
		for _, t := range topics {
			b.deliver(s, b.kept[t])
		}
	})
	return s, func() {
		b.sync(func() {
			if _, ok := b.subs[s.id]; ok {
				delete(b.subs, s.id)
				close(s.inbox)
			}
		})
	}
}

// matches compares level by level: + stands for one level, # for all that follow.
func matches(pattern, topic []string) bool {
	for i, p := range pattern {
		if p == "#" {
			return true
		}
		if i >= len(topic) || (p != "+" && p != topic[i]) {
			return false
		}
	}
	return len(pattern) == len(topic)
}

func (b *Broker) deliver(s *subscription, m message) bool {
	if !matches(s.pattern, strings.Split(m.topic, "/")) {
		return false
	}
	for {
		select {
		case s.inbox <- m:
			return true
		default:
		}
		s.dropped++
		if s.policy == dropNewest {
			return true
		}
		select {
		case <-s.inbox:
		default:
		}
	}
}

func (b *Broker) Publish(topic string, payload any, keep bool) (receivers int) {
	b.sync(func() {
		b.nextSeq++
		m := message{topic, payload, b.nextSeq}
		if keep {
			b.kept[topic] = m
		}
		for _, s := range b.subs {
			if b.deliver(s, m) {
				receivers++
			}
		}
	})
	return receivers
}

func (b *Broker) Close() {
	close(b.do)
	<-b.done
}

// listen collects everything until the inbox is closed.
func listen(wg *sync.WaitGroup, s *subscription, into *[]message) {
	wg.Go(func() {
		for m := range s.inbox {
			*into = append(*into, m)
		}
	})
}

func main() {
	for _, c := range [][2]string{{"a/b", "a/b"}, {"a/+", "a/b"}, {"a/+", "a/b/c"}, {"a/#", "a/b/c"}, {"#", "x"}, {"+/b", "a/c"}, {"a/b/c", "a/b"}} {
		fmt.Print(c[0], " ", c[1], " ", matches(strings.Split(c[0], "/"), strings.Split(c[1], "/")), "; ")
	}
	fmt.Println()

	b := NewBroker()
	fmt.Println(b.Publish("home/kitchen/temp", 20.5, true), "receivers without subscribers")
	all, _ := b.Subscribe("#", 100, dropNewest)
	temps, cancelTemps := b.Subscribe("home/+/temp", 100, dropNewest)
	small, _ := b.Subscribe("home/#", 2, dropOldest)
	strict, _ := b.Subscribe("home/#", 2, dropNewest)

	var wg sync.WaitGroup
	var fromAll, fromTemps []message
	listen(&wg, all, &fromAll)
	listen(&wg, temps, &fromTemps)

	fmt.Println(b.Publish("home/bath/temp", 23, false))
	fmt.Println(b.Publish("home/door", "open", true))
	fmt.Println(b.Publish("garden/temp", 12, false))
	cancelTemps()
	cancelTemps()
	fmt.Println(b.Publish("home/kitchen/temp", 21.0, true))

	late, _ := b.Subscribe("home/#", 10, dropNewest)
	fmt.Println("late gets what was kept:", <-late.inbox, "and", <-late.inbox, len(late.inbox))

	// Many publishers at once: every message arrives, each publisher's own in order.
	var publishers sync.WaitGroup
	for p := range 4 {
		publishers.Go(func() {
			for i := range 5 {
				b.Publish(fmt.Sprint("load/", p), i, false)
			}
		})
	}
	publishers.Wait()
	b.Close()
	wg.Wait()

	fmt.Println("temps:", fromTemps)
	fmt.Println("all:", fromAll[:5], len(fromAll))
	last := map[string]int{}
	ordered := true
	for _, m := range fromAll[5:] {
		n := m.payload.(int)
		ordered = ordered && last[m.topic] == n
		last[m.topic] = n + 1
	}
	fmt.Println(ordered, last)
	for name, s := range map[string]*subscription{"small": small} {
		fmt.Print(name, " dropped ", s.dropped, ":")
		for m := range s.inbox {
			fmt.Print(" ", m)
		}
		fmt.Println()
	}
	fmt.Print("strict dropped ", strict.dropped, ":")
	for m := range strict.inbox {
		fmt.Print(" ", m)
	}
	fmt.Println()
}
