package graph

import (
	"slices"
)

// box is something with a place in the drawing: an op, an input, or a bend in
// a long edge.
type box struct {
	lines []string // text; the first is the heading
	kind  string   // CSS class: input, op, bend
	title string   // tooltip
	up    []*box   // the boxes above that feed this one
	down  []*box
	layer int
	order float64
	x, y  float64 // the middle of the top edge
	w, h  float64
}

const (
	gapX    = 26.0
	gapY    = 30.0
	bendW   = 14.0
	lineH   = 15.0
	padX    = 12.0
	padY    = 8.0
	charW   = 6.7 // of the drawing's 11 px monospace text
	minBoxW = 70.0
)

// size sets the box's width and height from its text.
func (b *box) size() {
	if b.kind == "bend" {
		b.w, b.h = bendW, 0
		return
	}
	longest := 0
	for _, l := range b.lines {
		longest = max(longest, len([]rune(l)))
	}
	b.w = max(minBoxW, float64(longest)*charW+2*padX)
	b.h = float64(len(b.lines))*lineH + 2*padY
}

// layout gives every box its place and returns the size of the drawing. Boxes
// come in topological order.
func layout(boxes []*box) (layers [][]*box, width, height float64) {
	for _, b := range boxes {
		b.size()
		for _, u := range b.up {
			b.layer = max(b.layer, u.layer+1)
		}
	}
	// An input sits right above its first user rather than at the very top.
	for _, b := range boxes {
		if b.kind == "input" && len(b.down) > 0 {
			first := b.down[0].layer
			for _, d := range b.down {
				first = min(first, d.layer)
			}
			b.layer = first - 1
		}
	}
	boxes = bend(boxes)
	for _, b := range boxes {
		for len(layers) <= b.layer {
			layers = append(layers, nil)
		}
		b.order = float64(len(layers[b.layer]))
		layers[b.layer] = append(layers[b.layer], b)
	}
	sortLayers(layers)
	width = placeX(layers)
	y := 0.0
	for _, l := range layers {
		tallest := 0.0
		for _, b := range l {
			tallest = max(tallest, b.h)
		}
		for _, b := range l {
			b.y = y + (tallest-b.h)/2
		}
		y += tallest + gapY
	}
	return layers, width, y - gapY
}

// bend puts a bend into every layer that an edge only passes through.
func bend(boxes []*box) []*box {
	all := slices.Clone(boxes)
	for _, b := range boxes {
		for i, u := range b.up {
			from := u
			for l := u.layer + 1; l < b.layer; l++ {
				d := &box{kind: "bend", layer: l, up: []*box{from}}
				d.size()
				replace(from, b, d)
				from = d
				all = append(all, d)
			}
			if from != u {
				from.down = append(from.down, b)
				b.up[i] = from
			}
		}
	}
	return all
}

// replace makes d the box below from in place of b; a fresh bend has nothing
// below it yet.
func replace(from, b, d *box) {
	if i := slices.Index(from.down, b); i >= 0 {
		from.down[i] = d
		return
	}
	from.down = append(from.down, d)
}

// sortLayers orders each layer by the mean order of its neighbours, down and
// up a few times, so that few edges cross.
func sortLayers(layers [][]*box) {
	mean := func(b *box, near []*box) float64 {
		if len(near) == 0 {
			return b.order
		}
		sum := 0.0
		for _, n := range near {
			sum += n.order
		}
		return sum / float64(len(near))
	}
	for range 6 {
		for pass := range 2 {
			for i := range layers {
				l := layers[i]
				if pass == 1 {
					l = layers[len(layers)-1-i]
				}
				key := map[*box]float64{}
				for _, b := range l {
					near := b.up
					if pass == 1 {
						near = b.down
					}
					key[b] = mean(b, near)
				}
				slices.SortStableFunc(l, func(a, b *box) int {
					switch {
					case key[a] < key[b]:
						return -1
					case key[a] > key[b]:
						return 1
					}
					return 0
				})
				for j, b := range l {
					b.order = float64(j)
				}
			}
		}
	}
}

// placeX puts boxes side by side, then draws each to the middle of its
// neighbours as far as the layer has room, and returns the width of the whole.
func placeX(layers [][]*box) float64 {
	for _, l := range layers {
		x := 0.0
		for _, b := range l {
			b.x = x + b.w/2
			x += b.w + gapX
		}
	}
	for round := range 24 {
		for i := range layers {
			l := layers[i]
			if round%2 == 1 {
				l = layers[len(layers)-1-i]
			}
			want := make([]float64, len(l))
			for j, b := range l {
				near := b.up
				if round%2 == 1 || len(near) == 0 {
					near = append(slices.Clone(b.up), b.down...)
				}
				want[j] = b.x
				if len(near) > 0 {
					sum := 0.0
					for _, n := range near {
						sum += n.x
					}
					want[j] = sum / float64(len(near))
				}
			}
			spread(l, want)
		}
	}
	left, right := 1e18, -1e18
	for _, l := range layers {
		for _, b := range l {
			left, right = min(left, b.x-b.w/2), max(right, b.x+b.w/2)
		}
	}
	for _, l := range layers {
		for _, b := range l {
			b.x -= left
		}
	}
	return right - left
}

// spread puts the boxes of a layer near the places that they want, in order
// and without overlap: boxes that collide are merged into runs which share
// their mean displacement.
func spread(l []*box, want []float64) {
	type run struct {
		first, n int
		at       float64 // offset of the run's first middle
	}
	offset := make([]float64, len(l)) // of each middle from the first of the layer when packed
	for j := 1; j < len(l); j++ {
		offset[j] = offset[j-1] + l[j-1].w/2 + gapX + l[j].w/2
	}
	var runs []run
	for j := range l {
		runs = append(runs, run{j, 1, want[j] - offset[j]})
		for len(runs) > 1 && runs[len(runs)-2].at > runs[len(runs)-1].at {
			a, b := runs[len(runs)-2], runs[len(runs)-1]
			n := a.n + b.n
			runs = append(runs[:len(runs)-2], run{a.first, n, (a.at*float64(a.n) + b.at*float64(b.n)) / float64(n)})
		}
	}
	for _, r := range runs {
		for j := r.first; j < r.first+r.n; j++ {
			l[j].x = r.at + offset[j]
		}
	}
}
