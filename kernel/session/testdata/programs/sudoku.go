// Search with backtracking: sudoku by constraints, exact covers, knight's tours, change, and crossing puzzles.

package main

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// A grid keeps for each square the set of digits that are still possible.
type grid [81]uint16

const allDigits = 0x1ff

// peers are the squares that share a row, a column or a box with a square.
var peers = func() (p [81][]int) {
	for a := range p {
		for b := range p {
			row, col := a/9 == b/9, a%9 == b%9
			box := a/27 == b/27 && a%9/3 == b%9/3
			if a != b && (row || col || box) {
				p[a] = append(p[a], b)
			}
		}
	}
	return p
}()

func parse(text string) (g grid, ok bool) {
	for i := range g {
		g[i] = allDigits
	}
	for i, c := range text {
		if c >= '1' && c <= '9' && !g.set(i, 1<<(c-'1')) {
			return g, false
		}
	}
	return g, true
}

// set decides a square and takes the digit from its peers, and so on.
func (g *grid) set(at int, digit uint16) bool {
	if g[at]&digit == 0 {
		return false
	}
	g[at] = digit
	for _, p := range peers[at] {
		if g[p]&digit == 0 {
			continue
		}
		g[p] &^= digit
		switch bits.OnesCount16(g[p]) {
		case 0:
			return false
		case 1:
			if !g.set(p, g[p]) {
				return false
			}
		}
	}
	return true
}

// solve calls found for each solution until it returns false; it reports how many guesses were made.
func (g grid) solve(found func(grid) bool) (guesses int, more bool) {
	best, least := -1, 10
	for i, options := range g {
		if n := bits.OnesCount16(options); n > 1 && n < least {
			best, least = i, n
		}
	}
	if best < 0 {
		return 0, found(g)
	}
	for options := g[best]; options != 0; options &= options - 1 {
		next := g // a copy: nothing has to be undone
		guesses++
		if next.set(best, options&-options) {
			n, more := next.solve(found)
			if guesses += n; !more {
				return guesses, false
			}
		}
	}
	return guesses, true
}

func (g grid) String() string {
	var b strings.Builder
	for i, options := range g {
		if i > 0 && i%9 == 0 {
			b.WriteByte('\n')
		}
		if bits.OnesCount16(options) == 1 {
			b.WriteByte('1' + byte(bits.TrailingZeros16(options)))
		} else {
			b.WriteByte('.')
		}
	}
	return b.String()
}

func (g grid) valid() bool {
	for i, options := range g {
		if bits.OnesCount16(options) != 1 || slices.ContainsFunc(peers[i], func(p int) bool { return g[p] == options }) {
			return false
		}
	}
	return true
}

// covers finds all ways to choose sets that hold every element exactly once.
func covers(elements string, sets []string) (found []string) {
	var search func(left string, chosen []string)
	search = func(left string, chosen []string) {
		if left == "" {
			found = append(found, strings.Join(chosen, "+"))
			return
		}
	next:
		for _, s := range sets {
			if !strings.Contains(s, left[:1]) {
				continue
			}
			rest := left
			for _, c := range s {
				at := strings.IndexRune(rest, c)
				if at < 0 {
					continue next
				}
				rest = rest[:at] + rest[at+1:]
			}
			search(rest, append(chosen, s))
		}
	}
	search(elements, nil)
	return found
}

// tour lets a knight visit every square once, always where there are fewest ways on.
func tour(n int) (board [][]int, ok bool) {
	board = make([][]int, n)
	for i := range board {
		board[i] = make([]int, n)
	}
	moves := [...][2]int{{1, 2}, {2, 1}, {2, -1}, {1, -2}, {-1, -2}, {-2, -1}, {-2, 1}, {-1, 2}}
	free := func(x, y int) bool { return x >= 0 && y >= 0 && x < n && y < n && board[y][x] == 0 }
	var step func(x, y, k int) bool
	step = func(x, y, k int) bool {
		board[y][x] = k
		if k == n*n {
			return true
		}
		type option struct{ x, y, ways int }
		var options []option
		for _, m := range moves {
			o := option{x: x + m[0], y: y + m[1]}
			if !free(o.x, o.y) {
				continue
			}
			for _, m := range moves {
				if free(o.x+m[0], o.y+m[1]) {
					o.ways++
				}
			}
			options = append(options, o)
		}
		slices.SortStableFunc(options, func(a, b option) int { return a.ways - b.ways })
		for _, o := range options {
			if step(o.x, o.y, k+1) {
				return true
			}
		}
		board[y][x] = 0
		return false
	}
	return board, step(0, 0, 1)
}

// change counts the ways to pay, and finds the one with the fewest coins.
func change(amount int, coins ...int) (ways int, fewest []int) {
	counts := make([]int, amount+1)
	counts[0] = 1
	best := make([][]int, amount+1)
	for _, c := range coins {
		for a := c; a <= amount; a++ {
			counts[a] += counts[a-c]
			if (a == c || best[a-c] != nil) && (best[a] == nil || len(best[a]) > len(best[a-c])+1) {
				best[a] = append(slices.Clone(best[a-c]), c)
			}
		}
	}
	return counts[amount], best[amount]
}

// river finds the shortest crossing for wolf, goat, cabbage and boatman, in that order of bits.
func river() (path []string) {
	names := []string{"wolf", "goat", "cabbage"}
	safe := func(s int) bool {
		man, goat := s>>3&1, s>>1&1
		return man == goat || goat != s&1 && goat != s>>2&1
	}
	before := map[int]int{0: -1}
	for queue := []int{0}; len(queue) > 0; queue = queue[1:] {
		s := queue[0]
		for _, cargo := range []int{0, 1, 2, 4} {
			next := s ^ 8 ^ cargo
			if _, seen := before[next]; seen || !safe(next) || cargo != 0 && (s&cargo != 0) != (s&8 != 0) {
				continue
			}
			before[next] = s
			queue = append(queue, next)
		}
	}
	for s := 15; before[s] >= 0; s = before[s] {
		label := "nothing"
		if moved := (s ^ before[s]) &^ 8; moved != 0 {
			label = names[bits.TrailingZeros(uint(moved))]
		}
		path = append(path, label)
	}
	slices.Reverse(path)
	return path
}

func main() {
	for _, text := range []string{
		"53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79",
		"8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4..",
	} {
		g, ok := parse(text)
		open := strings.Count(g.String(), ".")
		var solution grid
		guesses, _ := g.solve(func(s grid) bool { solution = s; return false })
		fmt.Println(ok, open, guesses > 0, solution.valid())
		fmt.Println(solution)
	}
	_, ok := parse("55" + strings.Repeat(".", 79))

	count := 0
	empty, _ := parse("")
	empty.solve(func(grid) bool { count++; return count < 3 })
	fmt.Println(ok, len(peers[40]), count)

	fmt.Println(covers("abcdefg", []string{"ceg", "adg", "bcf", "ad", "bg", "de", "abc", "cef"}), covers("ab", []string{"a"}))
	board, ok := tour(6)
	for _, row := range board {
		fmt.Printf("%2d\n", row)
	}
	_, impossible := tour(3)
	fmt.Println(ok, impossible)
	fmt.Println(change(100, 50, 20, 10, 5, 2, 1))
	fmt.Println(change(63, 1, 10, 21, 25))
	fmt.Println(change(3, 2))
	fmt.Println(river())
}
