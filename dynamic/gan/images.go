package gan

import (
	"slices"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
)

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}

// NewDCGenerator turns noise (n,noise) into images (n,1,28,28) of -1 to 1 by transposed convolutions with batch
// normalisation (DCGAN: Radford et al. 2016). width is its channels at 14x14, twice that at 7x7; 32 does for digits.
func NewDCGenerator(random *eager.Rand, noise, width int) *nn.Seq {
	return dcgan(nn.NewSeq([]nn.Layer{
		nn.NewLinear(random, noise, 2*width*49),
		nn.Func(func(x *eager.Tensor) *eager.Tensor { return x.Reshape(x.Dim(0), 2*width, 7, 7) }),
		nn.NewBatchNorm(2 * width), nn.Func(nn.Relu),
		nn.NewConvTranspose2d(random, 2*width, width, 4, 2, 1), // (n,width,14,14)
		nn.NewBatchNorm(width), nn.Func(nn.Relu),
		nn.NewConvTranspose2d(random, width, 1, 4, 2, 1), // (n,1,28,28)
		nn.Func(nn.Tanh),
	}), random)
}

// NewDCCritic scores images (n,channels,28,28), (n,1), by convolutions with stride 2 and leaky rectifiers; batch
// normalisation at 7x7 as in DCGAN, unless plain, which gradient penalties and Spectral want.
func NewDCCritic(random *eager.Rand, channels, width int, plain bool) *nn.Seq {
	layers := []nn.Layer{
		nn.NewConv2dPad(random, channels, width, 4, 2, 1), nn.Func(nn.Leaky(0.2)), // (n,width,14,14)
		nn.NewConv2dPad(random, width, 2*width, 4, 2, 1), // (n,2 width,7,7)
	}
	if !plain {
		layers = append(layers, nn.NewBatchNorm(2*width))
	}
	return dcgan(nn.NewSeq(append(layers, nn.Func(nn.Leaky(0.2)), nn.NewFlatten(), nn.NewLinear(random, 2*width*49, 1))), random)
}

// dcgan gives the weights of a network their initial values: normal, of spread 0.02, as DCGAN has them.
func dcgan(net *nn.Seq, random *eager.Rand) *nn.Seq {
	for _, p := range net.Params() {
		if p.Rank() > 1 {
			p.Assign(random.Normal(p.Shape()...).Scale(0.02))
		}
	}
	return net
}

// WithLabels lets a network know labels: of a generator, whose noise is then followed by a one-hot row (n,classes); of a
// critic, whose images are then followed by a plane for each class, ones for the label's (Mirza and Osindero 2014).
// It is called on what goes into either. Labels outside of 0 to classes-1 are errors.
func WithLabels(x *eager.Tensor, labels []int, classes int) *eager.Tensor {
	code := eager.OneHot(labels, classes).To(x.DType())
	if x.Rank() == 4 {
		code = code.Reshape(len(labels), classes, 1, 1).Expand(len(labels), classes, x.Dim(2), x.Dim(3))
	}
	return eager.Concat(1, []*eager.Tensor{x, code})
}

// LeNet is a classifier of images (n,1,28,28) whose last hidden layer serves as features: LeNet-5 with rectifiers and
// largest-of-four pooling (LeCun et al. 1998). A Frechet distance of its features is named FID-LeNet.
type LeNet struct {
	Body *nn.Seq    // (n,1,28,28) to (n,84)
	Head *nn.Linear // (n,84) to (n,classes)
}

// NewLeNet makes a classifier that has learned nothing.
func NewLeNet(random *eager.Rand, classes int) *LeNet {
	return &LeNet{
		Body: nn.NewSeq([]nn.Layer{
			nn.NewConv2dPad(random, 1, 6, 5, 1, 2), nn.Func(nn.Relu), nn.NewMaxPool2d(2, 2), // (n,6,14,14)
			nn.NewConv2d(random, 6, 16, 5), nn.Func(nn.Relu), nn.NewMaxPool2d(2, 2), nn.NewFlatten(), // (n,400)
			nn.NewLinear(random, 400, 120), nn.Func(nn.Relu), nn.NewLinear(random, 120, 84), nn.Func(nn.Relu),
		}),
		Head: nn.NewLinear(random, 84, classes),
	}
}

// Forward gives logits (n,classes).
func (l *LeNet) Forward(x *eager.Tensor) *eager.Tensor { return l.Head.Forward(l.Body.Forward(x)) }

// Params are those of body and head.
func (l *LeNet) Params() []*eager.Tensor { return append(l.Body.Params(), l.Head.Params()...) }

// Features are the last hidden layer (n,84) of images (n,1,28,28), without gradients.
func (l *LeNet) Features(x *eager.Tensor) *eager.Tensor { return nn.Predict(l.Body, x, 256) }

// Learn trains the classifier for a number of epochs on images (n,1,28,28) in the range that it is to be used on, and their
// labels, by Adam with batches of 64.
func (l *LeNet) Learn(images *eager.Tensor, labels []int, epochs int, random *eager.Rand) {
	const batch = 64
	opt := optim.NewAdam(l.Params(), 0.001)
	for range epochs {
		order := random.Perm(len(labels))
		for lo := 0; lo+batch <= len(order); lo += batch {
			part := order[lo : lo+batch]
			these := make([]int, batch)
			for i, k := range part {
				these[i] = labels[k]
			}
			eager.Scope(func() {
				opt.Minimize(nn.CrossEntropy(l.Forward(images.Take(0, eager.FromInts(part, batch))), these))
			})
		}
	}
}

// FIDLeNet is the Frechet distance of the features of real and fake images (n,1,28,28).
func (l *LeNet) FIDLeNet(real, fake *eager.Tensor) float64 {
	return Frechet(l.Features(real), l.Features(fake))
}
