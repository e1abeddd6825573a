// Communicating processes: the prime sieve of filters, a systolic sorter, power series, and Hamming numbers.

package main

import (
	"fmt"
	"math/big"
	"strings"
)

// primes returns a chain of goroutines, one for each prime found so far.
func primes(stop <-chan struct{}) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		ch := naturals(stop, 2)
		for {
			p, ok := <-ch
			if !ok {
				return
			}
			select {
			case out <- p:
			case <-stop:
				return
			}
			ch = without(stop, ch, p)
		}
	}()
	return out
}

func naturals(stop <-chan struct{}, from int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for n := from; ; n++ {
			select {
			case out <- n:
			case <-stop:
				return
			}
		}
	}()
	return out
}

func without(stop <-chan struct{}, in <-chan int, p int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for n := range in {
			if n%p == 0 {
				continue
			}
			select {
			case out <- n:
			case <-stop:
				return
			}
		}
	}()
	return out
}

// cell keeps the smallest value that it has seen and passes the others on.
func cell(in <-chan int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		held, ok := <-in
		if !ok {
			return
		}
		for v := range in {
			if v < held {
				held, v = v, held
			}
			out <- v
		}
		out <- held
	}()
	return out
}

// systolic sorts by a row of cells, as wide as there are values; the largest comes out first.
func systolic(values ...int) (sorted []int) {
	source := make(chan int)
	go func() {
		defer close(source)
		for _, v := range values {
			source <- v
		}
	}()
	var ch <-chan int = source
	for range values {
		ch = cell(ch)
	}
	for v := range ch {
		sorted = append(sorted, v)
	}
	return sorted
}

// A series is a channel of coefficients that are computed when they are asked for.
type series <-chan *big.Rat

func generate(stop <-chan struct{}, f func(n int64) *big.Rat) series {
	out := make(chan *big.Rat)
	go func() {
		for n := int64(0); ; n++ {
			select {
			case out <- f(n):
			case <-stop:
				return
			}
		}
	}()
	return out
}

func combine(stop <-chan struct{}, a, b series, f func(x, y *big.Rat) *big.Rat) series {
	return generate(stop, func(int64) *big.Rat { return f(<-a, <-b) })
}

// product keeps the coefficients so far and convolves them.
func product(stop <-chan struct{}, a, b series) series {
	var as, bs []*big.Rat
	return generate(stop, func(n int64) *big.Rat {
		as, bs = append(as, <-a), append(bs, <-b)
		sum := new(big.Rat)
		for i := range as {
			sum.Add(sum, new(big.Rat).Mul(as[i], bs[len(bs)-1-i]))
		}
		return sum
	})
}

func integral(stop <-chan struct{}, a series, constant *big.Rat) series {
	return generate(stop, func(n int64) *big.Rat {
		if n == 0 {
			return constant
		}
		return new(big.Rat).Quo(<-a, big.NewRat(n, 1))
	})
}

func first(a series, n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = (<-a).RatString()
	}
	return strings.Join(parts, " ")
}

func factorial(n int64) *big.Int { return new(big.Int).MulRange(1, n) }

// hamming merges its own multiples of 2, 3 and 5 by feeding them back.
func hamming(n int) (out []int) {
	const size = 64
	feeds := map[int]chan int{2: make(chan int, size), 3: make(chan int, size), 5: make(chan int, size)}
	heads := map[int]int{}
	for f, c := range feeds {
		c <- f
		heads[f] = <-c
	}
	out = append(out, 1)
	for len(out) < n {
		next := min(heads[2], heads[3], heads[5])
		out = append(out, next)
		for _, f := range []int{2, 3, 5} {
			feeds[f] <- next * f
			if heads[f] == next {
				heads[f] = <-feeds[f]
			}
		}
	}
	return out
}

// relay passes a number through a long chain of goroutines, each of which adds one.
func relay(n int) int {
	var left, right chan int
	leftmost := make(chan int)
	left = leftmost
	for range n {
		right = make(chan int)
		go func(to chan<- int, from <-chan int) { to <- 1 + <-from }(left, right)
		left = right
	}
	go func(c chan<- int) { c <- 0 }(left)
	return <-leftmost
}

func main() {
	stop := make(chan struct{})
	defer close(stop)
	ch := primes(stop)
	sum := 0
	for range 20 {
		p := <-ch
		sum += p
		fmt.Print(p, " ")
	}
	fmt.Println("sum", sum)
	fmt.Println(systolic(5, 2, 9, 1, 5, 6, -3, 0), systolic(), systolic(1))

	one := big.NewRat(1, 1)
	ones := func() series { return generate(stop, func(int64) *big.Rat { return one }) }
	exp := func() series {
		return generate(stop, func(n int64) *big.Rat { return new(big.Rat).SetFrac(big.NewInt(1), factorial(n)) })
	}
	fmt.Println("exp     ", first(exp(), 7))
	fmt.Println("1/(1-x)²", first(product(stop, ones(), ones()), 8))
	fmt.Println("exp·exp ", first(product(stop, exp(), exp()), 6))
	fmt.Println("ln      ", first(integral(stop, ones(), new(big.Rat)), 7))
	fmt.Println("sum     ", first(combine(stop, exp(), ones(), func(x, y *big.Rat) *big.Rat { return new(big.Rat).Add(x, y) }), 5))

	// The sine from its own derivative: sin = ∫cos, cos = 1 - ∫sin, with the coefficients looped back.
	feedback := make(chan *big.Rat, 1)
	cosine := generate(stop, func(n int64) *big.Rat {
		if n == 0 {
			return one
		}
		return new(big.Rat).Quo(new(big.Rat).Neg(<-feedback), big.NewRat(n, 1))
	})
	sine := generate(stop, func(n int64) *big.Rat {
		next := new(big.Rat)
		if n > 0 {
			next.Quo(<-cosine, big.NewRat(n, 1))
		}
		feedback <- next
		return next
	})
	fmt.Println("sin     ", first(sine, 8))
	fmt.Println(hamming(20))
	fmt.Println(relay(100))
}
