// Graph algorithms on one generic type: searches, shortest paths, components, orders, and spanning trees.

package main

import (
	"cmp"
	"container/heap"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
)

type Edge[N comparable] struct {
	From, To N
	Weight   float64
}

// A Graph keeps nodes in the order of their arrival, so that results do not depend on maps.
type Graph[N cmp.Ordered] struct {
	nodes []N
	out   map[N][]Edge[N]
}

func Directed[N cmp.Ordered](edges ...Edge[N]) *Graph[N] {
	g := &Graph[N]{out: map[N][]Edge[N]{}}
	for _, e := range edges {
		g.add(e.From)
		g.add(e.To)
		g.out[e.From] = append(g.out[e.From], e)
	}
	return g
}

func Undirected[N cmp.Ordered](edges ...Edge[N]) *Graph[N] {
	var both []Edge[N]
	for _, e := range edges {
		both = append(both, e, Edge[N]{e.To, e.From, e.Weight})
	}
	return Directed(both...)
}

func (g *Graph[N]) add(n N) {
	if _, ok := g.out[n]; !ok {
		g.out[n] = nil
		g.nodes = append(g.nodes, n)
	}
}

func (g *Graph[N]) Reversed() *Graph[N] {
	var edges []Edge[N]
	for _, n := range g.nodes {
		for _, e := range g.out[n] {
			edges = append(edges, Edge[N]{e.To, e.From, e.Weight})
		}
	}
	return Directed(edges...)
}

// BreadthFirst yields each node that can be reached, with its distance in steps.
func (g *Graph[N]) BreadthFirst(start N) iter.Seq2[N, int] {
	return func(yield func(N, int) bool) {
		depth := map[N]int{start: 0}
		for queue := []N{start}; len(queue) > 0; queue = queue[1:] {
			n := queue[0]
			if !yield(n, depth[n]) {
				return
			}
			for _, e := range g.out[n] {
				if _, seen := depth[e.To]; !seen {
					depth[e.To] = depth[n] + 1
					queue = append(queue, e.To)
				}
			}
		}
	}
}

// postorder visits children before parents.
func (g *Graph[N]) postorder(start N, seen map[N]bool, visit func(N)) {
	if seen[start] {
		return
	}
	seen[start] = true
	for _, e := range g.out[start] {
		g.postorder(e.To, seen, visit)
	}
	visit(start)
}

// Components are strongly connected (Kosaraju).
func (g *Graph[N]) Components() (all [][]N) {
	var order []N
	seen := map[N]bool{}
	for _, n := range g.nodes {
		g.postorder(n, seen, func(n N) { order = append(order, n) })
	}
	back, done := g.Reversed(), map[N]bool{}
	for _, n := range slices.Backward(order) {
		var part []N
		back.postorder(n, done, func(n N) { part = append(part, n) })
		if part != nil {
			slices.Sort(part)
			all = append(all, part)
		}
	}
	return all
}

type cycleError[N any] struct{ left []N }

func (c cycleError[N]) Error() string { return fmt.Sprintf("cycle among %v", c.left) }

// Topological takes nodes without open needs, the smallest first (Kahn).
func (g *Graph[N]) Topological() (order []N, err error) {
	needs := map[N]int{}
	for _, n := range g.nodes {
		for _, e := range g.out[n] {
			needs[e.To]++
		}
	}
	var ready, left []N
	for _, n := range g.nodes {
		if needs[n] == 0 {
			ready = append(ready, n)
		}
	}
	for len(ready) > 0 {
		slices.Sort(ready)
		n := ready[0]
		ready = ready[1:]
		order = append(order, n)
		for _, e := range g.out[n] {
			if needs[e.To]--; needs[e.To] == 0 {
				ready = append(ready, e.To)
			}
		}
	}
	for _, n := range g.nodes {
		if needs[n] > 0 {
			left = append(left, n)
		}
	}
	if left != nil {
		return order, cycleError[N]{left}
	}
	return order, nil
}

type item[N any] struct {
	node N
	dist float64
}
type queue[N any] []item[N]

func (q queue[N]) Len() int           { return len(q) }
func (q queue[N]) Less(i, j int) bool { return q[i].dist < q[j].dist }
func (q queue[N]) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue[N]) Push(x any)        { *q = append(*q, x.(item[N])) }
func (q *queue[N]) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// Shortest is Dijkstra's algorithm, or A* with a guess of the rest.
func (g *Graph[N]) Shortest(from, to N, guess func(N) float64) (path []N, length float64, looked int) {
	dist, before := map[N]float64{from: 0}, map[N]N{}
	done := map[N]bool{}
	q := &queue[N]{{from, guess(from)}}
	for q.Len() > 0 {
		n := heap.Pop(q).(item[N]).node
		if done[n] {
			continue
		}
		done[n] = true
		looked++
		if n == to {
			for at := to; at != from; at = before[at] {
				path = append(path, at)
			}
			path = append(path, from)
			slices.Reverse(path)
			return path, dist[to], looked
		}
		for _, e := range g.out[n] {
			d := dist[n] + e.Weight
			if old, ok := dist[e.To]; !ok || d < old {
				dist[e.To], before[e.To] = d, n
				heap.Push(q, item[N]{e.To, d + guess(e.To)})
			}
		}
	}
	return nil, math.Inf(1), looked
}

// AllPairs is Floyd and Warshall's table; a negative diagonal shows a negative cycle.
func (g *Graph[N]) AllPairs() map[[2]N]float64 {
	table := map[[2]N]float64{}
	get := func(a, b N) float64 {
		d, ok := table[[2]N{a, b}]
		if !ok {
			return math.Inf(1)
		}
		return d
	}
	for _, n := range g.nodes {
		table[[2]N{n, n}] = 0
		for _, e := range g.out[n] {
			table[[2]N{n, e.To}] = min(get(n, e.To), e.Weight)
		}
	}
	for _, k := range g.nodes {
		for _, i := range g.nodes {
			for _, j := range g.nodes {
				if d := get(i, k) + get(k, j); d < get(i, j) {
					table[[2]N{i, j}] = d
				}
			}
		}
	}
	return table
}

// Spanning is Kruskal's tree, with sets that are joined.
func (g *Graph[N]) Spanning() (tree []Edge[N], total float64) {
	parent := map[N]N{}
	var find func(N) N
	find = func(n N) N {
		if p, ok := parent[n]; ok {
			parent[n] = find(p)
			return parent[n]
		}
		return n
	}
	var edges []Edge[N]
	for _, n := range g.nodes {
		edges = append(edges, g.out[n]...)
	}
	slices.SortStableFunc(edges, func(a, b Edge[N]) int { return cmp.Compare(a.Weight, b.Weight) })
	for _, e := range edges {
		if a, b := find(e.From), find(e.To); a != b {
			parent[a] = b
			tree = append(tree, e)
			total += e.Weight
		}
	}
	return
}

func edges(text string) (all []Edge[string]) {
	for part := range strings.FieldsSeq(text) {
		var e Edge[string]
		fmt.Sscanf(strings.ReplaceAll(part, "-", " "), "%s %s %g", &e.From, &e.To, &e.Weight)
		all = append(all, e)
	}
	return all
}

func nothing[N any](N) float64 { return 0 }

func main() {
	roads := edges("A-B-4 A-C-2 C-B-1 B-D-5 C-D-8 C-E-10 D-E-2 E-F-3 G-H-1")
	g := Undirected(roads...)
	for n, depth := range g.BreadthFirst("A") {
		fmt.Print(n, depth, " ")
	}
	fmt.Println(len(g.nodes))
	fmt.Println(g.Shortest("A", "F", nothing))
	fmt.Println(g.Shortest("A", "H", nothing))
	fmt.Println(g.Spanning())
	table := g.AllPairs()
	fmt.Println(table[[2]string{"F", "A"}], table[[2]string{"B", "E"}], len(table))
	fmt.Println(Directed(Edge[int]{1, 2, 3}, Edge[int]{2, 3, -5}, Edge[int]{3, 1, 1}).AllPairs()[[2]int{1, 1}] < 0)

	tasks := Directed(edges("wake-dress-0 wake-shower-0 shower-dress-0 dress-leave-0 eat-leave-0 cook-eat-0")...)
	fmt.Println(tasks.Topological())
	loop := Directed(edges("a-b-0 b-c-0 c-b-0 c-d-0")...)
	fmt.Println(loop.Topological())
	fmt.Println(loop.Components(), Directed(edges("1-2-0 2-3-0 3-1-0 3-4-0 4-5-0 5-4-0 6-6-0")...).Components())

	// A grid of 8 by 8 with a wall; A* looks at fewer places than Dijkstra.
	var steps []Edge[int]
	wall := func(x, y int) bool { return x == 5 && y > 0 || y == 3 && x > 1 && x < 5 }
	for y := range 8 {
		for x := range 8 {
			for _, d := range [][2]int{{1, 0}, {0, 1}} {
				if nx, ny := x+d[0], y+d[1]; nx < 8 && ny < 8 && !wall(x, y) && !wall(nx, ny) {
					steps = append(steps, Edge[int]{y*8 + x, ny*8 + nx, 1})
				}
			}
		}
	}
	field := Undirected(steps...)
	path, length, all := field.Shortest(0, 63, nothing)
	_, same, fewer := field.Shortest(0, 63, func(n int) float64 { return float64(7 - n%8 + 7 - n/8) })
	fmt.Println(len(path), length, same == length, fewer <= all)
	fmt.Println(path)
}
