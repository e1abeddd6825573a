package gan

import (
	"math"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// waves are the sines and cosines of x (n,k) with count frequencies, from one that is 2^count times slower than the
// fastest: (n,2 k count). They let a network see small differences (Tancik et al. 2020).
func waves(x *eager.Tensor, count int, slowest float64) *eager.Tensor {
	var parts []*eager.Tensor
	for k := range count {
		angle := x.Scale(slowest * math.Pow(2, float64(k)))
		parts = append(parts, angle.Sin(), angle.Cos())
	}
	return eager.Concat(1, parts)
}

// PlaneDenoiser is a Denoiser of points (n,2).
type PlaneDenoiser struct{ Net *nn.Seq }

// NewPlaneDenoiser makes one of three hidden layers.
func NewPlaneDenoiser(random *eager.Rand, hidden int) *PlaneDenoiser {
	return &PlaneDenoiser{nn.MLP(random, nn.Silu, 2+2*2*planeWaves+2*timeWaves, hidden, hidden, hidden, 2)}
}

const planeWaves, timeWaves = 4, 6

// Predict takes points x (n,2) at times t (n).
func (p *PlaneDenoiser) Predict(x, t *eager.Tensor) *eager.Tensor {
	return p.Net.Forward(eager.Concat(1, []*eager.Tensor{x, waves(x, planeWaves, 1), waves(t.Unsqueeze(1), timeWaves, math.Pi/2)}))
}

// Params are those of the network.
func (p *PlaneDenoiser) Params() []*eager.Tensor { return p.Net.Params() }

// ImageDenoiser is a Denoiser of images (n,1,28,28): down to 7x7 and up again, with what was on the way down beside what
// comes up (U-Net: Ronneberger et al. 2015), and the time added to the channels at each size.
type ImageDenoiser struct {
	In, Down1, Down2, Middle, Join1, Join2, Out *nn.Conv2d
	Up1, Up2                                    *nn.ConvTranspose2d
	Time, Time1, Time2, Time3                   *nn.Linear
}

// NewImageDenoiser makes one with width channels at 28x28; 16 does for digits.
func NewImageDenoiser(random *eager.Rand, width int) *ImageDenoiser {
	conv := func(in, out, stride int) *nn.Conv2d { return nn.NewConv2dPad(random, in, out, 3, stride, 1) }
	w := width
	return &ImageDenoiser{
		In: conv(1, w, 1), Down1: conv(w, 2*w, 2), Down2: conv(2*w, 4*w, 2), Middle: conv(4*w, 4*w, 1),
		Up1: nn.NewConvTranspose2d(random, 4*w, 2*w, 4, 2, 1), Join1: conv(4*w, 2*w, 1),
		Up2: nn.NewConvTranspose2d(random, 2*w, w, 4, 2, 1), Join2: conv(2*w, w, 1), Out: conv(w, 1, 1),
		Time: nn.NewLinear(random, 2*timeWaves, 4*w), Time1: nn.NewLinear(random, 4*w, w),
		Time2: nn.NewLinear(random, 4*w, 2*w), Time3: nn.NewLinear(random, 4*w, 4*w),
	}
}

// Predict takes images x (n,1,28,28) at times t (n).
func (d *ImageDenoiser) Predict(x, t *eager.Tensor) *eager.Tensor {
	time := d.Time.Forward(waves(t.Unsqueeze(1), timeWaves, math.Pi/2)).Silu() // (n,4w)
	at := func(l *nn.Linear, h *eager.Tensor) *eager.Tensor {
		return h.Add(l.Forward(time).Unsqueeze(2).Unsqueeze(3)).Silu()
	}
	beside := func(a, b *eager.Tensor) *eager.Tensor { return eager.Concat(1, []*eager.Tensor{a, b}) }
	large := at(d.Time1, d.In.Forward(x))                                    // (n,w,28,28)
	half := at(d.Time2, d.Down1.Forward(large))                              // (n,2w,14,14)
	small := at(d.Time3, d.Down2.Forward(half))                              // (n,4w,7,7)
	small = d.Middle.Forward(small).Silu().Add(small)                        // (n,4w,7,7)
	half = d.Join1.Forward(beside(d.Up1.Forward(small).Silu(), half)).Silu() // (n,2w,14,14)
	large = d.Join2.Forward(beside(d.Up2.Forward(half).Silu(), large)).Silu()
	return d.Out.Forward(large)
}

// Params are those of all layers.
func (d *ImageDenoiser) Params() []*eager.Tensor {
	var all []*eager.Tensor
	for _, l := range []nn.Layer{d.In, d.Down1, d.Down2, d.Middle, d.Join1, d.Join2, d.Out, d.Up1, d.Up2, d.Time, d.Time1, d.Time2, d.Time3} {
		all = append(all, l.Params()...)
	}
	return all
}
