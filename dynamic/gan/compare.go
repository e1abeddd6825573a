package gan

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
)

// Likeness compares samples with real ones by nearest neighbours. It needs no modes to be known, and takes pixels in the
// plane as well as features of a classifier.
type Likeness struct {
	Astray    float64 // mean distance of a fake sample from the nearest real one
	Neglect   float64 // mean distance of a real sample from the nearest fake one
	Diversity float64 // mean distance of fake samples from each other, divided by that of real ones: 1 is as it should be
}

// Compare measures fake samples (n,d) against real ones (m,d), n and m 2 or more. Its time goes by n m d: some 500 of each
// do.
func Compare(real, fake *eager.Tensor) *Likeness {
	n, m := real.Want(-1, -1).Dim(0), fake.Want(-1, real.Dim(1)).Dim(0)
	if n < 2 || m < 2 {
		panic(&eager.Error{Op: "Compare", Text: fmt.Sprintf("%d and %d samples: wants 2 or more of each", n, m)})
	}
	_, astray := Nearest(fake, real)
	_, neglect := Nearest(real, fake)
	l := &Likeness{Astray: mean(astray), Neglect: mean(neglect)}
	if d := apart(real); d > 0 {
		l.Diversity = apart(fake) / d
	}
	return l
}

// Collapsed is the alarm: the samples lie well but leave much of the data out (what is real is four times as far from
// what is fake as the other way round), or they are hardly different from each other (a quarter of the spread that real
// ones have). A generator that has not learned anything yet is no collapse unless it makes one and the same thing.
func (l *Likeness) Collapsed() bool { return l.Neglect > 4*l.Astray || l.Diversity < 0.25 }

// String is, for example, "astray by 0.02, neglect 1.4, diversity 0.61: collapsed".
func (l *Likeness) String() string {
	s := fmt.Sprintf("astray by %.3g, neglect %.3g, diversity %.2f", l.Astray, l.Neglect, l.Diversity)
	if l.Collapsed() {
		s += ": collapsed"
	}
	return s
}

// apart is the mean distance of the rows of x (n,d) from each other.
func apart(x *eager.Tensor) float64 {
	var d float64
	eager.NoGrad(func() {
		eager.Scope(func() {
			x = x.To(eager.Float64)
			n, square := float64(x.Dim(0)), x.Square().Sum(1)
			squares := square.Add(square.T()).Sub(x.MatMul(x.T()).Scale(2)).Clip(0, 1e300)
			d = squares.Sqrt().Sum().Item() / (n * (n - 1))
		})
	})
	return d
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// Memorised is the share of fake samples (n,d) that lie nearer to a sample of train (m,d) than half the distance at which
// held-out real samples mostly lie, their median: 0 for a generator that has learned the distribution, 1 for one that
// copies (after Meehan et al. 2020). The held-out samples (k,d) are real and not in train.
func Memorised(fake, train, heldOut *eager.Tensor) float64 {
	_, usual := Nearest(heldOut, train)
	_, found := Nearest(fake, train)
	limit, copies := median(usual)/2, 0
	for _, d := range found {
		if d < limit {
			copies++
		}
	}
	return float64(copies) / float64(max(1, len(found)))
}
