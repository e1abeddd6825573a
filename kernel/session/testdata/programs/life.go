// Cellular automata: the game of life on a torus, its oscillators, a glider, Wolfram's rules, and Langton's ant.

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

type cell struct{ x, y int }

// A world is the set of its living cells; it has no edges.
type world map[cell]struct{}

func parse(text string) world {
	w := world{}
	for y, line := range strings.Split(strings.Trim(text, "\n"), "\n") {
		for x, c := range line {
			if c == 'O' {
				w[cell{x, y}] = struct{}{}
			}
		}
	}
	return w
}

func (c cell) neighbours(yield func(cell) bool) {
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			if (dx != 0 || dy != 0) && !yield(cell{c.x + dx, c.y + dy}) {
				return
			}
		}
	}
}

// rule says for which numbers of neighbours a cell is born or stays.
type rule struct{ born, stay []int }

var conway = rule{[]int{3}, []int{2, 3}}
var highLife = rule{[]int{3, 6}, []int{2, 3}}

func (w world) next(r rule) world {
	counts := map[cell]int{}
	for c := range w {
		for n := range c.neighbours {
			counts[n]++
		}
	}
	out := world{}
	for c, n := range counts {
		_, alive := w[c]
		if alive && slices.Contains(r.stay, n) || !alive && slices.Contains(r.born, n) {
			out[c] = struct{}{}
		}
	}
	return out
}

func (w world) bounds() (lo, hi cell) {
	first := true
	for c := range w {
		if first {
			lo, hi, first = c, c, false
		}
		lo, hi = cell{min(lo.x, c.x), min(lo.y, c.y)}, cell{max(hi.x, c.x), max(hi.y, c.y)}
	}
	return
}

// shape is the picture of a world, wherever it lies.
func (w world) shape() string {
	lo, hi := w.bounds()
	var rows []string
	for y := lo.y; y <= hi.y; y++ {
		row := make([]byte, 0, hi.x-lo.x+1)
		for x := lo.x; x <= hi.x; x++ {
			mark := byte('.')
			if _, ok := w[cell{x, y}]; ok {
				mark = 'O'
			}
			row = append(row, mark)
		}
		rows = append(rows, string(row))
	}
	return strings.Join(rows, "/")
}

// period finds after how many steps a pattern comes back, and by how much it has moved.
func (w world) period(r rule, limit int) (steps int, moved cell, ok bool) {
	start := w.shape()
	lo, _ := w.bounds()
	for steps = 1; steps <= limit; steps++ {
		if w = w.next(r); w.shape() == start && len(w) > 0 {
			now, _ := w.bounds()
			return steps, cell{now.x - lo.x, now.y - lo.y}, true
		}
	}
	return limit, cell{}, false
}

// torus is the other way to do it: bits in rows that wrap around.
type torus struct {
	width int
	rows  []uint32
}

func (t torus) step() torus {
	out := torus{t.width, make([]uint32, len(t.rows))}
	for y := range t.rows {
		for x := range t.width {
			n := 0
			for _, dy := range []int{len(t.rows) - 1, 0, 1} {
				for _, dx := range []int{t.width - 1, 0, 1} {
					n += int(t.rows[(y+dy)%len(t.rows)] >> ((x + dx) % t.width) & 1)
				}
			}
			alive := t.rows[y]>>x&1 == 1
			if n == 3 || alive && n == 4 {
				out.rows[y] |= 1 << x
			}
		}
	}
	return out
}

// elementary runs one of Wolfram's rules from a single cell.
func elementary(number uint8, width, steps int) (lines []string) {
	row := make([]bool, width)
	row[width/2] = true
	for range steps {
		var b strings.Builder
		next := make([]bool, width)
		for i, on := range row {
			b.WriteByte(" #"[map[bool]int{true: 1}[on]])
			pattern := 0
			for d := -1; d <= 1; d++ {
				pattern <<= 1
				if row[(i+d+width)%width] {
					pattern |= 1
				}
			}
			next[i] = number>>pattern&1 == 1
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
		row = next
	}
	return lines
}

// ant walks as Langton's: right on white, left on black, and the square changes.
func ant(steps int) (black int, at cell) {
	field := map[cell]bool{}
	dir := cell{0, -1}
	for range steps {
		if field[at] {
			dir = cell{dir.y, -dir.x}
			delete(field, at)
		} else {
			dir = cell{-dir.y, dir.x}
			field[at] = true
		}
		at.x, at.y = at.x+dir.x, at.y+dir.y
	}
	return len(field), at
}

func main() {
	patterns := map[string]string{
		"block": "OO\nOO", "blinker": "OOO", "toad": ".OOO\nOOO.", "beacon": "OO..\nOO..\n..OO\n..OO", "glider": ".O.\n..O\nOOO",
		"ship": ".O..O\nO....\nO...O\nOOOO.", "pulsar": "..OOO...OOO..\n\nO....O.O....O\nO....O.O....O\nO....O.O....O\n..OOO...OOO..\n\n..OOO...OOO..\nO....O.O....O\nO....O.O....O\nO....O.O....O\n\n..OOO...OOO..",
		"lost": "O.O", "tub": ".O.\nO.O\n.O.",
	}
	for _, name := range slices.Sorted(maps.Keys(patterns)) {
		w := parse(patterns[name])
		steps, moved, ok := w.period(conway, 8)
		fmt.Println(name, len(w), steps, moved, ok)
	}
	w := parse(patterns["glider"])
	for range 4 {
		fmt.Print(w.shape(), " ")
		w = w.next(conway)
	}
	fmt.Println()
	pentomino := parse(".OO\nOO.\n.O.")
	var sizes []int
	for range 12 {
		sizes = append(sizes, len(pentomino))
		pentomino = pentomino.next(conway)
	}
	fmt.Println(sizes)
	replicator := parse("..OOO\n.O..O\nO...O\nO..O.\nOOO..")
	for range 12 {
		replicator = replicator.next(highLife)
	}
	fmt.Println("replicator", len(replicator))

	t := torus{8, []uint32{0: 0b010, 1: 0b100, 2: 0b111, 7: 0}}
	start := slices.Clone(t.rows)
	for range 32 { // eight squares, four steps for each
		t = t.step()
	}
	fmt.Println("around the torus:", slices.Equal(start, t.rows))
	for _, number := range []uint8{90, 30} {
		for _, line := range elementary(number, 31, 8) {
			fmt.Println(line)
		}
	}
	for _, n := range []int{0, 1, 100, 1000} {
		fmt.Print(n, " ")
		fmt.Print(ant(n))
		fmt.Print("; ")
	}
	fmt.Println()
}
