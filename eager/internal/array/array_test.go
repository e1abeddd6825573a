package array

import (
	"math"
	"math/rand/v2"
	"testing"
)

// randomView is an array of up to four axes whose numbers lie in memory in some odd way.
func randomView(r *rand.Rand, d DType) Array {
	shape := make([]int, r.IntN(5))
	for i := range shape {
		shape[i] = r.IntN(5) // now and then 0
		if r.IntN(3) > 0 {
			shape[i]++
		}
	}
	a := New(Float64, shape)
	for i := range Flat[float64](&a) {
		Flat[float64](&a)[i] = float64(r.IntN(9))
	}
	a = Cast(&a, d)
	for range r.IntN(4) {
		k := len(a.Shape)
		switch r.IntN(4) {
		case 0:
			a = a.Transpose(r.Perm(k))
		case 1:
			if k > 0 {
				axis := r.IntN(k)
				lo := r.IntN(a.Shape[axis] + 1)
				a = a.Slice(axis, lo, lo+r.IntN(a.Shape[axis]-lo+1))
			}
		case 2:
			if k > 0 {
				a = a.Flip(r.IntN(k))
			}
		case 3:
			if k < 5 {
				a = a.Expand(append([]int{1 + r.IntN(3)}, a.Shape...))
			}
		}
	}
	return a
}

// each place of a shape, in row-major order.
func places(shape []int, f func(index []int)) {
	index := make([]int, len(shape))
	for range Size(shape) {
		f(index)
		for k := len(shape) - 1; k >= 0; k-- {
			if index[k]++; index[k] < shape[k] {
				break
			}
			index[k] = 0
		}
	}
}

// read is the element at index, where axes that a lacks in front and axes of size 1 are repeated.
func read(a *Array, index []int) float64 {
	st, at, skip := a.StridesOf(), a.Offset, len(index)-len(a.Shape)
	for k, d := range a.Shape {
		if d != 1 {
			at += index[skip+k] * st[k]
		}
	}
	return a.At(at)
}

func numbers(a *Array) []float64 {
	var out []float64
	places(a.Shape, func(index []int) { out = append(out, read(a, index)) })
	return out
}

func same(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%s: number %d is %g, want %g (of %v)", what, i, got[i], want[i], want)
		}
	}
}

var kinds = []DType{Float32, Float64, Int64, Uint8, Bool}

func TestLoopsAgreeWithIndexArithmetic(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		d := kinds[r.IntN(4)]
		a := randomView(r, d)
		want := numbers(&a)
		same(t, "Float64s", Float64s(&a), want)
		c := Contiguous(&a)
		same(t, "Contiguous", numbers(&c), want)
		to := kinds[r.IntN(4)]
		b := Cast(&a, to)
		same(t, "Cast", numbers(&b), want)

		// A second argument that broadcasts: a with some axes made 1, and some in front left out.
		o := a
		for k := range o.Shape {
			if r.IntN(3) == 0 && o.Shape[k] > 0 {
				o = o.Slice(k, 0, 1)
			}
		}
		for len(o.Shape) > 0 && o.Shape[0] == 1 && r.IntN(2) == 0 {
			st := o.StridesOf()
			o.Shape, o.Strides = o.Shape[1:], st[1:]
			o = o.tidy()
		}
		var sum, less, where []float64
		places(a.Shape, func(index []int) {
			x, y := read(&a, index), read(&o, index)
			sum = append(sum, x-y)
			if x < y {
				less = append(less, 1)
				where = append(where, x)
			} else {
				less = append(less, 0)
				where = append(where, y)
			}
		})
		shape, ok := Broadcast(a.Shape, o.Shape)
		if !ok || !Equal(shape, a.Shape) {
			t.Fatalf("Broadcast(%v, %v) = %v", a.Shape, o.Shape, shape)
		}
		if d != Uint8 {
			y := Sub.Apply(&a, &o, shape)
			same(t, "Sub", numbers(&y), sum)
			y = Sub.Apply(&o, &a, shape)
			for i := range sum {
				sum[i] = -sum[i]
			}
			got := numbers(&y)
			for i := range got {
				got[i] += 0 // -0 is 0
				sum[i] += 0
			}
			same(t, "Sub turned round", got, sum)
		}
		y := Compare(Below, &a, &o, shape)
		same(t, "Compare", numbers(&y), less)
		z := Where(&y, &a, &o, shape)
		same(t, "Where", numbers(&z), where)

		marked := make([]bool, len(a.Shape))
		folded := append([]int(nil), a.Shape...)
		for k := range marked {
			if marked[k] = r.IntN(2) == 0; marked[k] {
				folded[k] = 1
			}
		}
		if d != Uint8 {
			total := make([]float64, Size(folded))
			places(a.Shape, func(index []int) {
				at := 0
				for k, n := range folded {
					at *= n
					if n != 1 {
						at += index[k]
					}
				}
				total[at] += read(&a, index)
			})
			s := Reduce(Total, &a, marked)
			same(t, "Reduce", numbers(&s), total)
		}
	}
}

func TestCopyWritesIntoViews(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		n, m := 1+r.IntN(40), 1+r.IntN(40)
		src := New(Float32, []int{n, m})
		for i := range src.F32() {
			src.F32()[i] = float32(r.IntN(100))
		}
		dst := Zeros(Float32, []int{m + 2, n + 3})
		part := dst.Slice(0, 1, m+1)
		part = part.Slice(1, 2, n+2)
		turned := part.Transpose([]int{1, 0})
		Copy(&turned, &src)
		same(t, "turned", numbers(&turned), numbers(&src))
		sum, want := 0.0, 0.0
		for _, v := range numbers(&dst) {
			sum += v
		}
		for _, v := range numbers(&src) {
			want += v
		}
		if sum != want {
			t.Fatalf("%d by %d: numbers beside the view were changed", n, m)
		}
	}
}

func TestMatMulAgreesWithItsDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		n, k, m := r.IntN(6), r.IntN(6), r.IntN(6)
		batch := [][3][]int{{nil, nil, nil}, {{3}, {3}, {3}}, {{3}, {1}, {3}}, {{2, 3}, {3}, {2, 3}}, {{2, 1}, {3}, {2, 3}}, {nil, {2}, {2}}, {{4}, nil, {4}}}[r.IntN(7)]
		make2 := func(batch []int, n, m int) Array {
			shape := append(append([]int(nil), batch...), n, m)
			turned := r.IntN(2) == 0
			if turned {
				shape[len(shape)-1], shape[len(shape)-2] = n, m
			}
			a := New(Float64, shape)
			for i := range Flat[float64](&a) {
				Flat[float64](&a)[i] = float64(r.IntN(7) - 3)
			}
			if turned {
				perm := make([]int, len(shape))
				for i := range perm {
					perm[i] = i
				}
				perm[len(perm)-1], perm[len(perm)-2] = len(perm)-2, len(perm)-1
				a = a.Transpose(perm)
			}
			return a
		}
		a, b := make2(batch[0], n, k), make2(batch[1], k, m)
		shape := append(append([]int(nil), batch[2]...), n, m)
		var want []float64
		places(shape, func(index []int) {
			s, l := 0.0, len(index)
			for i := range k {
				ia, ib := append([]int(nil), index...), append([]int(nil), index...)
				ia[l-1], ib[l-2] = i, i
				s += read(&a, ia) * read(&b, ib)
			}
			want = append(want, s)
		})
		for _, d := range []DType{Float32, Float64} {
			x, y := a, b
			if d == Float32 {
				x, y = Cast(&a, d), Cast(&b, d)
			}
			c := MatMul(&x, &y, shape)
			same(t, "MatMul", numbers(&c), want)
		}
	}
}

func TestSoftmaxOfLongRowsAddsUp(t *testing.T) {
	a := New(Float32, []int{3, 10000})
	r := rand.New(rand.NewPCG(7, 8))
	for i := range a.F32() {
		a.F32()[i] = float32(20 * r.NormFloat64())
	}
	y, l := Softmax(&a, 1, false), Softmax(&a, 1, true)
	for row := range 3 {
		sum := 0.0
		for i := range 10000 {
			p, lp := float64(y.F32()[row*10000+i]), float64(l.F32()[row*10000+i])
			sum += p
			if math.Abs(math.Exp(lp)-p) > 1e-5 {
				t.Fatalf("softmax %g, but exp of its logarithm %g", p, math.Exp(lp))
			}
		}
		if math.Abs(sum-1) > 1e-4 {
			t.Errorf("row %d adds up to %g", row, sum)
		}
	}
}

func TestMemoryIsSharedFreedAndCounted(t *testing.T) {
	small, big := New(Float32, []int{10}), New(Float32, []int{1 << 15})
	if small.Store.IsBig() || !big.Store.IsBig() {
		t.Fatal("a block of the pool is for big arrays")
	}
	v := big.Reshape([]int{1 << 5, 1 << 10})
	if v.Store != big.Store {
		t.Error("Reshape copies")
	}
	big.Store.Free()
	big.Store.Free() // the second time does nothing
	small.Store.Free()
	if !v.Store.Freed || small.Store.Freed {
		t.Error("Free frees big memory, and only that")
	}
}
