package onnx

import (
	"math"
	"slices"

	"github.com/tapir-go/tapir/eager"
)

var indexing = map[string]operator{
	"Gather":            gather,
	"GatherElements":    gatherElements,
	"GatherND":          gatherND,
	"ScatterElements":   scatterElements,
	"Scatter":           scatterElements,
	"ScatterND":         scatterND,
	"Compress":          compress,
	"NonZero":           nonZero,
	"Unique":            unique,
	"NonMaxSuppression": nonMaxSuppression,
}

// index is input i as indices of n places.
func (c *call) index(i, n int) *eager.Tensor { return forwards(c.x(i).To(eager.Int64), n) }

func gather(c *call) *eager.Tensor {
	x := c.x(0)
	a := axis(c.int("axis", 0), x.Rank())
	return x.Take(a, c.index(1, x.Dim(a)))
}

// gatherElements takes indices that reach over a part of the other axes too.
func gatherElements(c *call) *eager.Tensor {
	x, idx := c.x(0), c.x(1)
	a := axis(c.int("axis", 0), x.Rank())
	return reached(x, a, idx.Shape()).GatherElements(a, c.index(1, x.Dim(a)))
}

// reached cuts the axes of x other than a to the sizes of an index.
func reached(x *eager.Tensor, a int, shape []int) *eager.Tensor {
	if len(shape) != x.Rank() {
		refuse("indices of the shape %v for %v", shape, x.Shape())
	}
	for i, n := range shape {
		if i != a && n < x.Dim(i) {
			x = x.Slice(i, 0, n)
		}
	}
	return x
}

// rowsOf turns tuples of indices (...,k) into the numbers of rows of what x is once its k axes after the first batch
// ones are joined.
func rowsOf(x, idx *eager.Tensor, batch int) (rows *eager.Tensor, k int) {
	if idx.Rank() == 0 || idx.Rank() <= batch || idx.Dim(-1)+batch > x.Rank() {
		refuse("indices of the shape %v for %v", idx.Shape(), x.Shape())
	}
	k = idx.Dim(-1)
	rows = eager.ZerosOf(eager.Int64, idx.Shape()[:idx.Rank()-1]...)
	for i := range k {
		n := x.Dim(batch + i)
		at := idx.Slice(-1, i, i+1).Squeeze(-1)
		for _, v := range at.Ints() {
			if v < -n || v >= n {
				refuse("index %d is not in an axis of %d", v, n)
			}
		}
		rows = rows.Scale(float64(n)).Add(forwards(at, n))
	}
	return rows, k
}

func gatherND(c *call) *eager.Tensor {
	x, idx, batch := c.x(0), c.x(1).To(eager.Int64), c.int("batch_dims", 0)
	if batch < 0 || batch >= x.Rank() {
		refuse("%d batch axes of %v", batch, x.Shape())
	}
	rows, k := rowsOf(x, idx, batch)
	lead := []int(x.Shape()[:batch])
	tail := []int(x.Shape()[batch+k:])
	batches, places := size(lead), size(x.Shape()[batch:batch+k])
	flatRows := rows.Reshape(batches, -1)
	if batches > 1 {
		first := make([]int, batches)
		for i := range first {
			first[i] = i * places
		}
		flatRows = flatRows.Add(eager.FromInts(first, batches, 1))
	}
	y := x.Reshape(append([]int{batches * places}, tail...)...).Take(0, flatRows.Reshape(-1))
	return y.Reshape(append([]int(rows.Shape()), tail...)...)
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// scatterElements puts updates at the places that GatherElements would read.
func scatterElements(c *call) *eager.Tensor {
	x, updates := c.x(0), c.x(2)
	a := axis(c.int("axis", 0), x.Rank())
	idx := c.index(1, x.Dim(a))
	if idx.Rank() != x.Rank() || !slices.Equal(idx.Shape(), updates.Shape()) {
		refuse("updates %v at indices %v of %v", updates.Shape(), idx.Shape(), x.Shape())
	}
	// The place of each update among the elements of x in a row.
	stride, flatIdx := 1, eager.ZerosOf(eager.Int64, idx.Shape()...)
	for i := x.Rank() - 1; i >= 0; i-- {
		at := idx
		if i != a {
			at = counting(idx.Shape(), i)
		} else if idx.Size() > 0 {
			if lo, hi := int(idx.Min().Item()), int(idx.Max().Item()); lo < 0 || hi >= x.Dim(a) {
				refuse("indices from %d to %d in an axis of %d", lo, hi, x.Dim(a))
			}
		}
		if idx.Dim(i) > x.Dim(i) && i != a {
			refuse("indices %v reach over %v", idx.Shape(), x.Shape())
		}
		flatIdx = flatIdx.Add(at.Scale(float64(stride)))
		stride *= x.Dim(i)
	}
	return put(c, x.Reshape(-1), flatIdx.Reshape(-1), updates.Reshape(-1)).Reshape(x.Shape()...)
}

// counting is 0, 1, ... along an axis, in a shape that broadcasts.
func counting(shape []int, a int) *eager.Tensor {
	to := make([]int, len(shape))
	for i := range to {
		to[i] = 1
	}
	to[a] = shape[a]
	v := make([]int, shape[a])
	for i := range v {
		v[i] = i
	}
	return eager.FromInts(v, to...)
}

func scatterND(c *call) *eager.Tensor {
	x, idx, updates := c.x(0), c.x(1).To(eager.Int64), c.x(2)
	rows, k := rowsOf(x, idx, 0)
	tail := []int(x.Shape()[k:])
	places, width := size(x.Shape()[:k]), size(tail)
	y := put(c, x.Reshape(places, width), rows.Reshape(-1), updates.Reshape(rows.Size(), width))
	return y.Reshape(x.Shape()...)
}

// put is x, whose first axis counts places, with rows of updates put in by the reduction of the node.
func put(c *call, x, rows, updates *eager.Tensor) *eager.Tensor {
	how := c.text("reduction", "none")
	if how == "add" && x.DType().IsFloat() {
		if x.Rank() > 1 {
			rows = rows.Unsqueeze(1).Expand(updates.Shape()...)
		}
		return x.ScatterAdd(0, rows, updates)
	}
	if how == "none" {
		return replaced(x, rows, updates)
	}
	fixed(x)
	fixed(updates)
	width := 1
	if x.Rank() > 1 {
		width = x.Dim(1)
	}
	v, u := x.To(eager.Float64).Values(), updates.To(eager.Float64).Values()
	for i, r := range rows.Ints() {
		for j := range width {
			to, by := &v[r*width+j], u[i*width+j]
			switch how {
			case "add":
				*to += by
			case "mul":
				*to *= by
			case "max":
				*to = math.Max(*to, by)
			case "min":
				*to = math.Min(*to, by)
			default:
				refuse("reduction %q is not supported", how)
			}
		}
	}
	return numbers(x, v, x.Shape()...)
}

// replaced takes each row from the last update for it, or else from x: both lie one below the other, and rows are taken.
func replaced(x, rows, updates *eager.Tensor) *eager.Tensor {
	n := x.Dim(0)
	from := make([]int, n)
	for i := range from {
		from[i] = i
	}
	for i, r := range rows.Ints() {
		from[r] = n + i
	}
	return eager.Concat(0, []*eager.Tensor{x, updates}).Take(0, indices(from))
}

func compress(c *call) *eager.Tensor {
	x, keep := c.x(0), c.x(1)
	a := 0
	if has(c, "axis") {
		a = axis(c.int("axis", 0), x.Rank())
	} else {
		x = x.Reshape(-1)
	}
	var places []int
	for i, v := range keep.Values() {
		if v != 0 && i < x.Dim(a) {
			places = append(places, i)
		}
	}
	return x.Take(a, indices(places))
}

// nonZero is the index of each element that is not 0, one column each.
func nonZero(c *call) *eager.Tensor {
	x := c.x(0)
	c.as = Int64
	shape := x.Shape()
	var columns []int
	for i, v := range x.Values() {
		if v != 0 {
			columns = append(columns, i)
		}
	}
	n := len(columns)
	out := make([]int, len(shape)*n)
	for j, i := range columns {
		for a := len(shape) - 1; a >= 0; a-- {
			out[a*n+j] = i % shape[a]
			i /= shape[a]
		}
	}
	return eager.FromInts(out, len(shape), n)
}

// unique is the different slices of an axis, or the different numbers, with where each is first, which one each place has,
// and how often it is there.
func unique(c *call) *eager.Tensor {
	x, whole := c.x(0), !has(c, "axis")
	a := 0
	if whole {
		x = x.Reshape(-1)
	} else {
		a = axis(c.int("axis", 0), x.Rank())
	}
	perm := every(x)
	perm = append([]int{a}, slices.Delete(perm, a, a+1)...)
	rows := x.Transpose(perm...)
	n := rows.Dim(0)
	values := rows.Values()
	width := 0
	if n > 0 {
		width = len(values) / n
	}
	row := func(i int) []float64 { return values[i*width : (i+1)*width] }
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return slices.Compare(row(i), row(j)) })
	var first, counts []int // of each different row, in sorted order
	group := make([]int, n)
	for k, i := range order {
		if k == 0 || slices.Compare(row(order[k-1]), row(i)) != 0 {
			first, counts = append(first, i), append(counts, 0)
		}
		group[i] = len(first) - 1
		counts[len(counts)-1]++
	}
	if c.int("sorted", 1) == 0 { // in the order of their first places
		rank := make([]int, len(first))
		for i := range rank {
			rank[i] = i
		}
		slices.SortFunc(rank, func(i, j int) int { return first[i] - first[j] })
		f, k, to := make([]int, len(first)), make([]int, len(first)), make([]int, len(first))
		for now, was := range rank {
			f[now], k[now], to[was] = first[was], counts[was], now
		}
		for i := range group {
			group[i] = to[group[i]]
		}
		first, counts = f, k
	}
	for _, v := range [][]int{first, group, counts} {
		c.more(of(indices(v), Int64))
	}
	return x.Take(a, indices(first))
}

// nonMaxSuppression chooses, for each image and class, the boxes of the highest scores that overlap none chosen before:
// rows of image, class and box.
func nonMaxSuppression(c *call) *eager.Tensor {
	boxes, scores := c.x(0), c.x(1)
	most, overlap := int(c.number(2, 0)), c.number(3, 0)
	least := c.number(4, math.Inf(-1))
	center := c.int("center_point_box", 0) != 0
	c.as = Int64
	if boxes.Rank() != 3 || boxes.Dim(2) != 4 || scores.Rank() != 3 || scores.Dim(0) != boxes.Dim(0) || scores.Dim(2) != boxes.Dim(1) {
		refuse("boxes %v and scores %v: want (n,k,4) and (n,classes,k)", boxes.Shape(), scores.Shape())
	}
	b, s := boxes.Values(), scores.Values()
	n, k, classes := boxes.Dim(0), boxes.Dim(1), scores.Dim(1)
	corners := func(image, i int) (x1, y1, x2, y2 float64) {
		v := b[(image*k+i)*4:]
		if center {
			return v[0] - v[2]/2, v[1] - v[3]/2, v[0] + v[2]/2, v[1] + v[3]/2
		}
		return min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]), max(v[1], v[3])
	}
	shared := func(image, i, j int) float64 {
		ax, ay, bx, by := corners(image, i)
		cx, cy, dx, dy := corners(image, j)
		both := max(0, min(bx, dx)-max(ax, cx)) * max(0, min(by, dy)-max(ay, cy))
		all := (bx-ax)*(by-ay) + (dx-cx)*(dy-cy) - both
		if all <= 0 {
			return 0
		}
		return both / all
	}
	var out []int
	for image := range n {
		for class := range classes {
			score := s[(image*classes+class)*k:][:k]
			var order, chosen []int
			for i := range k {
				if score[i] > least {
					order = append(order, i)
				}
			}
			slices.SortStableFunc(order, func(i, j int) int {
				switch {
				case score[i] > score[j]:
					return -1
				case score[i] < score[j]:
					return 1
				}
				return 0
			})
			for _, i := range order {
				if len(chosen) >= most {
					break
				}
				if !slices.ContainsFunc(chosen, func(j int) bool { return shared(image, i, j) > overlap }) {
					chosen = append(chosen, i)
					out = append(out, image, class, i)
				}
			}
		}
	}
	return eager.FromInts(out, len(out)/3, 3)
}
