// Divide and conquer in parallel: merge sort, prefix sums, matrix product, and n queens by goroutines.

package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
)

// mergeSort sorts its two halves at the same time while there is depth left.
func mergeSort[T cmp.Ordered](xs []T, depth int) []T {
	if len(xs) < 2 {
		return slices.Clone(xs)
	}
	mid := len(xs) / 2
	var left, right []T
	if depth > 0 {
		var wg sync.WaitGroup
		wg.Go(func() { left = mergeSort(xs[:mid], depth-1) })
		right = mergeSort(xs[mid:], depth-1)
		wg.Wait()
	} else {
		left, right = mergeSort(xs[:mid], 0), mergeSort(xs[mid:], 0)
	}
	out := make([]T, 0, len(xs))
	for len(left) > 0 && len(right) > 0 {
		if right[0] < left[0] {
			left, right = right, left
		}
		out = append(out, left[0])
		left = left[1:]
	}
	return append(append(out, left...), right...)
}

// quickSort sends its sorted values down a channel, smallest first.
func quickSort(xs []int, out chan<- int) {
	defer close(out)
	if len(xs) == 0 {
		return
	}
	pivot := xs[0]
	var small, large []int
	for _, x := range xs[1:] {
		if x < pivot {
			small = append(small, x)
		} else {
			large = append(large, x)
		}
	}
	below, above := make(chan int), make(chan int)
	go quickSort(small, below)
	go quickSort(large, above)
	for x := range below {
		out <- x
	}
	out <- pivot
	for x := range above {
		out <- x
	}
}

// prefixSums works in blocks: each block alone, then the offsets, then each block again.
func prefixSums(xs []int, blocks int) []int {
	out := make([]int, len(xs))
	size := (len(xs) + blocks - 1) / blocks
	totals := make([]int, blocks)
	each := func(f func(b, lo, hi int)) {
		var wg sync.WaitGroup
		for b := range blocks {
			lo, hi := min(b*size, len(xs)), min((b+1)*size, len(xs))
			wg.Go(func() { f(b, lo, hi) })
		}
		wg.Wait()
	}
	each(func(b, lo, hi int) {
		sum := 0
		for i := lo; i < hi; i++ {
			sum += xs[i]
			out[i] = sum
		}
		totals[b] = sum
	})
	offset := 0
	for b, t := range totals {
		totals[b], offset = offset, offset+t
	}
	each(func(b, lo, hi int) {
		for i := lo; i < hi; i++ {
			out[i] += totals[b]
		}
	})
	return out
}

type matrix [][]int

func multiply(a, b matrix) matrix {
	c := make(matrix, len(a))
	rows := make(chan int)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for i := range rows {
				c[i] = make([]int, len(b[0]))
				for j := range c[i] {
					for k, v := range a[i] {
						c[i][j] += v * b[k][j]
					}
				}
			}
		})
	}
	for i := range a {
		rows <- i
	}
	close(rows)
	wg.Wait()
	return c
}

// queens counts the solutions; the first row is split among goroutines.
func queens(n int) int {
	var place func(row int, cols, up, down uint) int
	place = func(row int, cols, up, down uint) (count int) {
		if row == n {
			return 1
		}
		for c := range n {
			bit := uint(1) << c
			if (cols|up|down)&bit == 0 {
				count += place(row+1, cols|bit, (up|bit)<<1, (down|bit)>>1)
			}
		}
		return count
	}
	counts := make(chan int)
	for c := range n {
		go func() {
			bit := uint(1) << c
			counts <- place(1, bit, bit<<1, bit>>1)
		}()
	}
	total := 0
	for range n {
		total += <-counts
	}
	return total
}

// reduce combines neighbours in rounds, each round in parallel; the order of the operands is kept.
func reduce[T any](xs []T, combine func(a, b T) T) T {
	xs = slices.Clone(xs)
	for len(xs) > 1 {
		half := (len(xs) + 1) / 2
		next := make([]T, half)
		var wg sync.WaitGroup
		for i := range half {
			wg.Add(1)
			go func(i int) {
				defer wg.Done()
				next[i] = xs[2*i]
				if 2*i+1 < len(xs) {
					next[i] = combine(xs[2*i], xs[2*i+1])
				}
			}(i)
		}
		wg.Wait()
		xs = next
	}
	return xs[0]
}

func main() {
	random := rand.New(rand.NewPCG(1, 2))
	xs := make([]int, 200)
	for i := range xs {
		xs[i] = random.IntN(1000)
	}
	for depth := range 4 {
		sorted := mergeSort(xs, depth)
		fmt.Println(depth, slices.IsSorted(sorted), sorted[:5], sorted[195:], len(sorted))
	}
	fmt.Println(mergeSort([]string{"pear", "fig", "apple", "date", "kiwi"}, 2), mergeSort([]float64{2.5, -1, 3}, 1), mergeSort[int](nil, 3))

	out := make(chan int)
	go quickSort(xs[:40], out)
	var sorted []int
	for x := range out {
		sorted = append(sorted, x)
	}
	want := slices.Sorted(slices.Values(xs[:40]))
	fmt.Println(slices.Equal(sorted, want), sorted[:8])

	ones := slices.Repeat([]int{1, 2, 3}, 5)
	fmt.Println(prefixSums(ones, 4))
	fmt.Println(slices.Equal(prefixSums(xs, 1), prefixSums(xs, 7)), prefixSums(xs, 16)[199], prefixSums([]int{5}, 3))

	a, b := make(matrix, 6), make(matrix, 6)
	for i := range 6 {
		for j := range 6 {
			a[i] = append(a[i], i+j)
			b[i] = append(b[i], max(0, 1-(i-j)*(i-j))) // ones on the diagonal
		}
	}
	product := multiply(a, a)
	fmt.Println(slices.EqualFunc(multiply(a, b), a, slices.Equal[[]int]), product[0], product[5])
	trace := 0
	for i := range product {
		trace += product[i][i]
	}
	fmt.Println("trace", trace)
	for n := 1; n <= 6; n++ {
		fmt.Print(queens(n), " ")
	}
	fmt.Println()
	fmt.Println(reduce([]string{"a", "b", "c", "d", "e"}, func(a, b string) string { return "(" + a + b + ")" }))
	fmt.Println(reduce(xs, func(a, b int) int { return max(a, b) }), slices.Max(xs))
}
