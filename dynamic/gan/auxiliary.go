package gan

import (
	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// Auxiliary is a critic of images that also says which class they are of. A conditional generator, which is told the
// class, learns from both (AC-GAN: Odena et al. 2017): its images are to look real, and like their label.
type Auxiliary struct {
	Body    *nn.Seq    // images (n,1,28,28) to features (n,d)
	Score   *nn.Linear // (n,d) to (n,1)
	Classes *nn.Linear // (n,d) to (n,classes)
}

// NewAuxiliary makes one with the convolutions of NewDCCritic.
func NewAuxiliary(random *eager.Rand, width, classes int) *Auxiliary {
	net := NewDCCritic(random, 1, width, false)
	last := net.Layers[len(net.Layers)-1].(*nn.Linear)
	return &Auxiliary{nn.NewSeq(net.Layers[:len(net.Layers)-1]), last, nn.NewLinear(random, last.Weight.Dim(0), classes)}
}

// LossD is the critic's loss for real and fake images (n,1,28,28) of the same labels: LogisticD, and the cross entropy of
// the classes of the real ones.
func (a *Auxiliary) LossD(real, fake *eager.Tensor, labels []int) *eager.Tensor {
	h := a.Body.Forward(real)
	scores := LogisticD(a.Score.Forward(h), a.Score.Forward(a.Body.Forward(fake)))
	return scores.Add(nn.CrossEntropy(a.Classes.Forward(h), labels))
}

// LossG is the generator's loss for the images that it made for labels: LogisticG, and the cross entropy of the classes.
func (a *Auxiliary) LossG(fake *eager.Tensor, labels []int) *eager.Tensor {
	h := a.Body.Forward(fake)
	return LogisticG(a.Score.Forward(h)).Add(nn.CrossEntropy(a.Classes.Forward(h), labels))
}

// Params are those of all parts.
func (a *Auxiliary) Params() []*eager.Tensor {
	return append(append(a.Body.Params(), a.Score.Params()...), a.Classes.Params()...)
}
