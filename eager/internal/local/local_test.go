package local

import (
	"sync"
	"testing"
)

func TestValueBelongsToOneGoroutine(t *testing.T) {
	var table Table[int]
	if table.Get() != nil {
		t.Fatal("an empty table has a value")
	}
	var wg sync.WaitGroup
	for k := range 50 {
		wg.Go(func() {
			for round := range 200 {
				v, w := k*1000+round, -k
				table.Set(&v)
				if got := table.Get(); got == nil || *got != v {
					t.Errorf("goroutine %d: want its own %d, got %v", k, v, got)
				}
				table.Set(&w)
				done := make(chan bool)
				go func() { done <- table.Get() == nil }()
				if !<-done {
					t.Errorf("goroutine %d: its child sees a value", k)
				}
				if got := table.Get(); got == nil || *got != w {
					t.Errorf("goroutine %d: want its own %d, got %v", k, w, got)
				}
				table.Set(nil)
				if got := table.Get(); got != nil {
					t.Errorf("goroutine %d: a removed value is still there: %d", k, *got)
				}
			}
		})
	}
	wg.Wait()
	if n := table.live.Load(); n != 0 {
		t.Errorf("%d entries left behind", n)
	}
}

func TestIDsDiffer(t *testing.T) {
	a := ID()
	if a != ID() {
		t.Fatal("the identity of one goroutine changed")
	}
	b := make(chan uintptr)
	go func() { b <- ID() }()
	if a == <-b {
		t.Fatal("two goroutines that live at the same time have the same identity")
	}
}

func BenchmarkGet(b *testing.B) {
	var table Table[int]
	v := 1
	table.Set(&v)
	defer table.Set(nil)
	for b.Loop() {
		table.Get()
	}
}
