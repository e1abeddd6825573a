// Seeded randomness: generators, shuffles, samples, weighted choices, walks, and Monte Carlo estimates.

package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// lcg is a source of our own for math/rand/v2.
type lcg uint64

func (l *lcg) Uint64() uint64 {
	*l = *l*6364136223846793005 + 1442695040888963407
	return uint64(*l)
}

// reservoir keeps k of any number of items, each with the same chance.
func reservoir[T any](r *rand.Rand, items []T, k int) []T {
	kept := slices.Clone(items[:k])
	for i := k; i < len(items); i++ {
		if j := r.IntN(i + 1); j < k {
			kept[j] = items[i]
		}
	}
	return kept
}

// weighted draws by Vose's alias method: one table, two random numbers.
type weighted struct {
	prob  []float64
	alias []int
}

func newWeighted(weights ...float64) *weighted {
	n := len(weights)
	total := 0.0
	for _, w := range weights {
		total += w
	}
	w := &weighted{make([]float64, n), make([]int, n)}
	var small, large []int
	scaled := make([]float64, n)
	for i, x := range weights {
		scaled[i] = x * float64(n) / total
		if scaled[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		w.prob[s], w.alias[s] = scaled[s], l
		scaled[l] += scaled[s] - 1
		if scaled[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, i := range append(small, large...) {
		w.prob[i] = 1
	}
	return w
}

func (w *weighted) draw(r *rand.Rand) int {
	i := r.IntN(len(w.prob))
	if r.Float64() < w.prob[i] {
		return i
	}
	return w.alias[i]
}

func bingo(r *rand.Rand) string {
	var rows []string
	columns := make([][]int, 5)
	for c := range columns {
		columns[c] = r.Perm(15)[:5]
	}
	for row := range 5 {
		var cells []string
		for c := range columns {
			cells = append(cells, fmt.Sprintf("%2d", c*15+columns[c][row]+1))
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return strings.Join(rows, " / ")
}

// maze carves passages depth first.
func maze(r *rand.Rand, w, h int) []string {
	grid := make([][]byte, 2*h+1)
	for i := range grid {
		grid[i] = []byte(strings.Repeat("#", 2*w+1))
	}
	var carve func(x, y int)
	carve = func(x, y int) {
		grid[2*y+1][2*x+1] = ' '
		dirs := [][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}}
		r.Shuffle(len(dirs), func(i, j int) { dirs[i], dirs[j] = dirs[j], dirs[i] })
		for _, d := range dirs {
			nx, ny := x+d[0], y+d[1]
			if nx < 0 || ny < 0 || nx >= w || ny >= h || grid[2*ny+1][2*nx+1] == ' ' {
				continue
			}
			grid[2*y+1+d[1]][2*x+1+d[0]] = ' '
			carve(nx, ny)
		}
	}
	carve(0, 0)
	var lines []string
	for _, row := range grid {
		lines = append(lines, string(row))
	}
	return lines
}

func main() {
	r := rand.New(rand.NewPCG(1, 2))
	fmt.Println(r.IntN(100), r.Int64N(1e12), r.Uint32(), r.Int32N(7), r.UintN(9), r.Uint64()%1000)
	fmt.Printf("%.6f %.6f %.6f %.4f\n", r.Float64(), r.NormFloat64(), r.ExpFloat64(), r.Float32())
	fmt.Println(r.Perm(8), r.Perm(1), r.Perm(0))
	again := rand.New(rand.NewPCG(1, 2))
	fmt.Println(again.IntN(100), rand.New(rand.NewPCG(1, 3)).IntN(100))
	var seed [32]byte
	copy(seed[:], "a seed of exactly thirty-two byt")
	chacha := rand.NewChaCha8(seed)
	buf := make([]byte, 6)
	chacha.Read(buf)
	fmt.Println(chacha.Uint64(), buf)
	source := lcg(7)
	own := rand.New(&source)
	fmt.Println(own.IntN(1000), own.IntN(1000), own.Perm(5))

	cards := strings.Fields("A K Q J 10 9 8 7")
	r.Shuffle(len(cards), func(i, j int) { cards[i], cards[j] = cards[j], cards[i] })
	fmt.Println(cards, reservoir(r, cards, 3), reservoir(r, []int{1, 2}, 2))
	w := newWeighted(1, 2, 3, 4)
	counts := make([]int, 4)
	for range 1000 {
		counts[w.draw(r)]++
	}
	fmt.Println(counts)
	fmt.Println(bingo(r))
	for _, line := range maze(r, 10, 4) {
		fmt.Println(line)
	}

	// Monte Carlo: pi by darts, an integral, a birthday problem, and a drunkard.
	hits := 0
	for range 2000 {
		if math.Hypot(r.Float64(), r.Float64()) < 1 {
			hits++
		}
	}
	fmt.Printf("pi about %.3f, off by less than 0.1: %t\n", 4*float64(hits)/2000, math.Abs(4*float64(hits)/2000-math.Pi) < 0.1)
	shared := 0
	for range 200 {
		seen := map[int]bool{}
		for range 23 {
			seen[r.IntN(365)] = true
		}
		if len(seen) < 23 {
			shared++
		}
	}
	fmt.Println("birthdays shared in", shared, "of 200")
	x, y, farthest := 0, 0, 0
	path := map[[2]int]int{}
	for range 300 {
		switch r.IntN(4) {
		case 0:
			x++
		case 1:
			x--
		case 2:
			y++
		default:
			y--
		}
		path[[2]int{x, y}]++
		farthest = max(farthest, x*x+y*y)
	}
	fmt.Println("walk ended at", x, y, "distinct", len(path), "farthest²", farthest)
	zipf := rand.NewZipf(r, 1.5, 2, 9)
	var z [10]int
	for range 200 {
		z[zipf.Uint64()]++
	}
	fmt.Println(z)
	func() {
		defer func() { fmt.Println(recover()) }()
		r.IntN(0)
	}()
	fmt.Println(rand.N(int64(1)), rand.IntN(1))
}
