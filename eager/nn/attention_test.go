package nn_test

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

func TestMultiHeadAttentionHasRightGradientsToSecondOrder(t *testing.T) {
	rng := eager.NewRand(5)
	for _, causal := range []bool{false, true} {
		l := nn.NewMultiHeadAttention(rng, 4, 2, causal)
		double(rng, &l.InProjWeight, &l.InProjBias, &l.OutProj.Weight, &l.OutProj.Bias)
		x := eager.Param("x", rng.Normal(2, 3, 4).To(eager.Float64))
		checkGradients(t, "MultiHeadAttention", func() *eager.Tensor { return l.Forward(x) }, append(l.Params(), x)...)
	}
}

// The layer by loops, from the shapes that PyTorch documents: rows of in_proj_weight are those of queries, then keys, then values,
// and numbers of a head lie together.
func TestMultiHeadAttentionIsTheFormulaOfPyTorch(t *testing.T) {
	const n, places, size, heads, d = 2, 5, 6, 3, 2
	rng := eager.NewRand(13)
	l := nn.NewMultiHeadAttention(rng, size, heads, false)
	l.InProjBias.Assign(rng.Normal(3 * size))
	l.OutProj.Bias.Assign(rng.Normal(size))
	x := rng.Normal(n, places, size)
	part := func(which, i, t, k int) float64 { // number k of the query, key or value of a place
		row := which*size + k
		v := l.InProjBias.At(row)
		for c := range size {
			v += l.InProjWeight.At(row, c) * x.At(i, t, c)
		}
		return v
	}
	var want []float64
	for i := range n {
		for q := range places {
			mixed := make([]float64, size)
			for h := range heads {
				var weights [places]float64
				sum := 0.0
				for k := range places {
					score := 0.0
					for c := range d {
						score += part(0, i, q, h*d+c) * part(1, i, k, h*d+c)
					}
					weights[k] = math.Exp(score / math.Sqrt(d))
					sum += weights[k]
				}
				for k, w := range weights {
					for c := range d {
						mixed[h*d+c] += w / sum * part(2, i, k, h*d+c)
					}
				}
			}
			for out := range size {
				v := l.OutProj.Bias.At(out)
				for c, m := range mixed {
					v += m * l.OutProj.Weight.At(c, out)
				}
				want = append(want, v)
			}
		}
	}
	near(t, "MultiHeadAttention", l.Forward(x), "(2,5,6)", want)
}

// A place of a causal layer does not change with what comes after it.
func TestCausalAttentionDoesNotLookAhead(t *testing.T) {
	rng := eager.NewRand(6)
	l := nn.NewMultiHeadAttention(rng, 12, 3, true)
	x := rng.Normal(2, 9, 12)
	whole, part := l.Forward(x).Slice(1, 0, 4), l.Forward(x.Slice(1, 0, 4))
	near(t, "the first four places", whole, "(2,4,12)", part.Values())
	l.Causal = false
	if d := l.Forward(x).Slice(1, 0, 4).Sub(part).Abs().Max().Item(); d < 0.01 {
		t.Errorf("without Causal what comes after changes a place by %g only", d)
	}
}

// A sequence that ends early comes out as if nothing followed it.
func TestMaskedAttentionDoesNotSeePadding(t *testing.T) {
	rng := eager.NewRand(12)
	for _, causal := range []bool{false, true} {
		l := nn.NewMultiHeadAttention(rng, 8, 2, causal)
		x := rng.Normal(2, 7, 8)
		there := eager.New([]float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0}, 2, 1, 1, 7).To(eager.Bool)
		y := l.AttendMasked(x, x, x, there)
		near(t, "the whole one", y.Slice(0, 0, 1), "(1,7,8)", l.Forward(x.Slice(0, 0, 1)).Values())
		short := x.Slice(0, 1, 2).Slice(1, 0, 4)
		near(t, "the short one", y.Slice(0, 1, 2).Slice(1, 0, 4), "(1,4,8)", l.Forward(short).Values())
	}
}

// Training a small transformer and a recurrent network gives the same bits at any number of threads.
func TestSequenceLayersTrainToTheSameBitsAtAnyNumberOfThreads(t *testing.T) {
	train := func() []float64 {
		rng := eager.NewRand(7)
		table := nn.NewEmbedding(rng, 40, 48)
		layers := nn.NewSeq([]nn.Layer{
			nn.NewLayerNorm(48), nn.NewMultiHeadAttention(rng, 48, 4, true), nn.Func(nn.Gelu), nn.NewRMSNorm(48),
			nn.NewLSTM(rng, 48, 32, 1, false), nn.NewGRU(rng, 32, 32, 1, true), nn.NewLinear(rng, 64, 40),
		})
		params := append(table.Params(), layers.Params()...)
		x, labels := rng.Ints(40, 40, 50), rng.Ints(40, 40*50)
		for range 3 {
			loss := layers.Forward(table.Forward(x)).Reshape(-1, 40).CrossEntropyT(labels)
			for i, g := range eager.Grad(loss, params...) {
				params[i].Assign(params[i].Detach().Sub(g.Scale(0.1)))
			}
		}
		var all []float64
		for _, p := range params {
			all = append(all, p.Values()...)
		}
		return all
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var want []float64
	for _, threads := range []int{1, 2, 4} {
		runtime.GOMAXPROCS(threads)
		got := train()
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("training at %d threads gives other numbers than at 1", threads)
		}
	}
}
