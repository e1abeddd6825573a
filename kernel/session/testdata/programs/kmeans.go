// Clustering: k-means with careful starting points, hierarchical merging, nearest neighbours, and silhouettes.

package main

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

type point [2]float64

func (p point) dist2(q point) (d float64) {
	for i := range p {
		d += (p[i] - q[i]) * (p[i] - q[i])
	}
	return d
}

func (p point) String() string { return fmt.Sprintf("(%.2f %.2f)", p[0], p[1]) }

type clustering struct {
	centers []point
	labels  []int
	rounds  int
}

// start chooses each next center far from those that are there (k-means++).
func start(r *rand.Rand, points []point, k int) []point {
	centers := []point{points[r.IntN(len(points))]}
	for len(centers) < k {
		weights := make([]float64, len(points))
		total := 0.0
		for i, p := range points {
			weights[i] = math.Inf(1)
			for _, c := range centers {
				weights[i] = min(weights[i], p.dist2(c))
			}
			total += weights[i]
		}
		at := r.Float64() * total
		for i, w := range weights {
			if at -= w; at <= 0 {
				centers = append(centers, points[i])
				break
			}
		}
	}
	return centers
}

func nearest(centers []point, p point) (best int) {
	for i, c := range centers {
		if p.dist2(c) < p.dist2(centers[best]) {
			best = i
		}
	}
	return best
}

func kmeans(r *rand.Rand, points []point, k int) clustering {
	c := clustering{centers: start(r, points, k), labels: make([]int, len(points))}
	for changed := true; changed; c.rounds++ {
		changed = c.rounds == 0
		sums, counts := make([]point, k), make([]int, k)
		for i, p := range points {
			l := nearest(c.centers, p)
			changed = changed || l != c.labels[i]
			c.labels[i] = l
			counts[l]++
			for d := range p {
				sums[l][d] += p[d]
			}
		}
		for l := range c.centers {
			if counts[l] == 0 {
				continue
			}
			for d := range sums[l] {
				c.centers[l][d] = sums[l][d] / float64(counts[l])
			}
		}
	}
	return c
}

func (c clustering) inertia(points []point) (sum float64) {
	for i, p := range points {
		sum += p.dist2(c.centers[c.labels[i]])
	}
	return sum
}

// silhouette compares the distance to the own cluster with that to the next one.
func silhouette(points []point, labels []int, k int) float64 {
	total := 0.0
	for i, p := range points {
		sums, counts := make([]float64, k), make([]int, k)
		for j, q := range points {
			if i != j {
				sums[labels[j]] += math.Sqrt(p.dist2(q))
				counts[labels[j]]++
			}
		}
		own, other := 0.0, math.Inf(1)
		for l := range k {
			if counts[l] == 0 {
				continue
			}
			if mean := sums[l] / float64(counts[l]); l == labels[i] {
				own = mean
			} else {
				other = min(other, mean)
			}
		}
		total += (other - own) / max(own, other)
	}
	return total / float64(len(points))
}

// merge joins the two closest groups until k are left (single linkage).
func merge(points []point, k int) [][]int {
	groups := make([][]int, len(points))
	for i := range points {
		groups[i] = []int{i}
	}
	gap := func(a, b []int) float64 {
		d := math.Inf(1)
		for _, i := range a {
			for _, j := range b {
				d = min(d, points[i].dist2(points[j]))
			}
		}
		return d
	}
	for len(groups) > k {
		bi, bj, best := 0, 1, math.Inf(1)
		for i := range groups {
			for j := i + 1; j < len(groups); j++ {
				if d := gap(groups[i], groups[j]); d < best {
					bi, bj, best = i, j, d
				}
			}
		}
		groups[bi] = append(groups[bi], groups[bj]...)
		groups = slices.Delete(groups, bj, bj+1)
	}
	return groups
}

// vote classifies by the k nearest known points.
func vote(points []point, labels []int, p point, k int) int {
	order := make([]int, len(points))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(points[a].dist2(p), points[b].dist2(p)) })
	counts := map[int]int{}
	for _, i := range order[:k] {
		counts[labels[i]]++
	}
	best := labels[order[0]]
	for l, n := range counts {
		if n > counts[best] || n == counts[best] && l < best {
			best = l
		}
	}
	return best
}

func draw(points []point, labels []int) (rows []string) {
	const w, h = 40, 11
	grid := make([][]byte, h)
	for i := range grid {
		grid[i] = []byte(strings.Repeat(".", w))
	}
	for i, p := range points {
		x, y := int(p[0]*3.2+4), h-1-int(p[1]+1)
		grid[min(max(y, 0), h-1)][min(max(x, 0), w-1)] = "abcdef"[labels[i]]
	}
	for _, g := range grid {
		rows = append(rows, string(g))
	}
	return rows
}

func main() {
	r := rand.New(rand.NewPCG(3, 9))
	var points []point
	for _, center := range []point{{1, 1}, {8, 2}, {4, 7}} {
		for range 10 {
			points = append(points, point{center[0] + r.NormFloat64()*0.8, center[1] + r.NormFloat64()*0.8})
		}
	}
	for k := 1; k <= 4; k++ {
		c := kmeans(r, points, k)
		quality := 0.0
		if k > 1 {
			quality = silhouette(points, c.labels, k)
		}
		fmt.Printf("k=%d inertia %7.2f silhouette %.3f rounds>0 %t\n", k, c.inertia(points), quality, c.rounds > 0)
	}
	c := kmeans(r, points, 3)
	centers := slices.Clone(c.centers)
	slices.SortFunc(centers, func(a, b point) int { return cmp.Compare(a[0], b[0]) })
	fmt.Println(centers)

	// Labels are numbered by the order in which they appear, so that results can be compared.
	number := map[int]int{}
	labels := make([]int, len(points))
	for i, l := range c.labels {
		if _, ok := number[l]; !ok {
			number[l] = len(number)
		}
		labels[i] = number[l]
	}
	fmt.Println(labels)
	for _, row := range draw(points, labels) {
		fmt.Println(row)
	}
	for _, group := range merge(points, 3) {
		slices.Sort(group)
		fmt.Println(len(group), group)
	}
	right := 0
	for i, p := range points {
		others, known := slices.Delete(slices.Clone(points), i, i+1), slices.Delete(slices.Clone(labels), i, i+1)
		if vote(others, known, p, 5) == labels[i] {
			right++
		}
	}
	fmt.Println("neighbours agree for", right, "of", len(points), vote(points, labels, point{4, 6}, 3))
}
