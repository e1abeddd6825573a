// Jumps: labels, break, continue, goto, and the variables that loops make.

package main

import (
	"fmt"
	"strings"
)

// findPair looks for two numbers with a given sum; the label leaves both loops.
func findPair(xs []int, want int) (a, b, steps int) {
search:
	for i, x := range xs {
		for _, y := range xs[i+1:] {
			steps++
			switch {
			case x+y == want:
				a, b = x, y
				break search
			case x > want:
				continue search
			}
		}
	}
	return a, b, steps
}

// primes uses continue with a label instead of a flag.
func primes(limit int) (found []int) {
next:
	for n := 2; n < limit; n++ {
		for _, p := range found {
			if n%p == 0 {
				continue next
			}
		}
		found = append(found, n)
	}
	return found
}

// readNumber is a state machine with goto, as scanners were written once.
func readNumber(text string) (kind string) {
	i := 0
	peek := func() byte {
		if i < len(text) {
			return text[i]
		}
		return 0
	}
	digit := func(c byte) bool { return '0' <= c && c <= '9' }

	if peek() == '-' {
		i++
	}
	if !digit(peek()) {
		goto bad
	}
whole:
	if digit(peek()) {
		i++
		goto whole
	}
	switch peek() {
	case 0:
		return "integer"
	case '.':
		i++
		goto fraction
	}
	goto bad
fraction:
	for digit(peek()) {
		i++
	}
	if peek() == 0 {
		return "decimal"
	}
bad:
	return fmt.Sprintf("bad at %d", i)
}

// closures shows that each turn of a loop has its own variable.
func closures() {
	var byThree, byRange, byInt []func() int
	for i := 0; i < 3; i++ {
		byThree = append(byThree, func() int { i += 10; return i })
	}
	for _, s := range []string{"a", "bb", "ccc"} {
		byRange = append(byRange, func() int { return len(s) })
	}
	for i := range 3 {
		byInt = append(byInt, func() int { return i * i })
	}
	for i := range 3 {
		fmt.Print(byThree[i](), " ", byThree[i](), " ", byRange[i](), " ", byInt[i](), "; ")
	}
	fmt.Println()

	// A closure that changes the variable within the turn does change the loop.
	var seen []int
	for i := 0; i < 10; i++ {
		skip := func(n int) { i += n }
		seen = append(seen, i)
		if i%2 == 0 {
			skip(2)
		}
	}
	fmt.Println(seen)

	var pointers []*int
	for i := 0; i < 4; i++ {
		if i == 2 {
			continue
		}
		pointers = append(pointers, &i)
	}
	for _, p := range pointers {
		*p *= 100
		fmt.Print(*p, " ")
	}
	fmt.Println()
}

func spiral(n int) string {
	grid := make([][]int, n)
	for i := range grid {
		grid[i] = make([]int, n)
	}
	x, y, dx, dy := 0, 0, 1, 0
	for k := 1; ; k++ {
		grid[y][x] = k
		for turn := 0; ; turn++ {
			if turn == 2 {
				goto done
			}
			nx, ny := x+dx, y+dy
			if nx >= 0 && nx < n && ny >= 0 && ny < n && grid[ny][nx] == 0 {
				x, y = nx, ny
				break
			}
			dx, dy = -dy, dx
		}
	}
done:
	var b strings.Builder
	for _, row := range grid {
		for _, v := range row {
			fmt.Fprintf(&b, "%3d", v)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func main() {
	fmt.Println(findPair([]int{50, 1, 9, 4, 7}, 11))
	fmt.Println(findPair([]int{1, 2}, 100))
	fmt.Println(primes(60))
	for _, s := range []string{"12", "-3.75", "4.", "x", "-", "12a", "1.2.3"} {
		fmt.Printf("%q %s\n", s, readNumber(s))
	}
	closures()
	fmt.Print(spiral(4))

	// A break in a switch leaves the switch, a break with a label the loop; ranges see their slice once.
	xs := []int{1, 2, 3}
	total := 0
loop:
	for i, x := range xs {
		xs = append(xs, x*10)
		xs[2] = 7
		switch i {
		case 0:
			break
		case 2:
			total += 1000
			break loop
		}
		total += x
	}
	fmt.Println(total, xs)
	arr := [3]int{1, 2, 3}
	for i, v := range arr {
		arr[2] = 99
		fmt.Print(i, "=", v, " ")
	}
	fmt.Println(arr)

outer:
	switch {
	case len(xs) > 3:
		for _, x := range xs {
			if x == 7 {
				break outer
			}
		}
		fmt.Println("not reached")
	}
	for i, n := 0, 10; i < n; i, n = i+1, n-1 {
		if i == 4 {
			fmt.Println("meet near", i, n)
		}
	}
}
