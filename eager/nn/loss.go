package nn

import (
	"fmt"
	"slices"

	"github.com/tapir-go/tapir/eager"
)

// same panics unless a and b have one shape.
func same(op, first, second string, a, b *eager.Tensor) {
	if slices.Equal(a.Shape(), b.Shape()) {
		return
	}
	e := &eager.Error{Op: op, Text: fmt.Sprintf("%s %v and %s %v: want one shape", first, a.Shape(), second, b.Shape())}
	if a.Size() == b.Size() {
		e.Hint = "they have equally many numbers: use Reshape; broadcasting would compare all with all"
	}
	panic(e)
}

// MSE is the mean of the squared differences of prediction and target, two tensors of one shape; the result is a scalar.
func MSE(prediction, target *eager.Tensor) *eager.Tensor {
	same("MSE", "prediction", "target", prediction, target)
	return prediction.Sub(target).Square().Mean()
}

// L1 is the mean of the absolute differences of prediction and target, two tensors of one shape; the result is a scalar.
func L1(prediction, target *eager.Tensor) *eager.Tensor {
	same("L1", "prediction", "target", prediction, target)
	return prediction.Sub(target).Abs().Mean()
}

// Huber is the mean of d*d/2 for differences |d| up to delta, and of delta*(|d|-delta/2) beyond (Huber 1964, PyTorch's
// huber_loss); prediction and target have one shape, the result is a scalar.
func Huber(prediction, target *eager.Tensor, delta float64) *eager.Tensor {
	same("Huber", "prediction", "target", prediction, target)
	if !(delta > 0) {
		panic(&eager.Error{Op: "Huber", Text: fmt.Sprintf("delta is %v: want more than 0", delta)})
	}
	d := prediction.Sub(target)
	c := d.Clip(-delta, delta) // c*d - c*c/2 is both branches, with equal slopes where they meet
	return c.Mul(d).Sub(c.Square().Scale(0.5)).Mean()
}

// CrossEntropy is the mean of -log softmax(logits) at the labels; logits are (n,c), labels n classes from 0 to c-1, the
// result is a scalar. It takes raw scores, not probabilities.
func CrossEntropy(logits *eager.Tensor, labels []int) *eager.Tensor {
	return logits.CrossEntropy(labels)
}

// NLL is the mean of -logp at the labels; logp are logarithms of probabilities (n,c), labels n classes, the result is
// a scalar.
func NLL(logp *eager.Tensor, labels []int) *eager.Tensor { return logp.Pick(labels).Mean().Neg() }

// BCEWithLogits is the mean of -t*log(sigmoid(x)) - (1-t)*log(1-sigmoid(x)), with targets t from 0 to 1 of the shape of
// the raw scores x; the result is a scalar. It is exact for scores of any size.
func BCEWithLogits(x, t *eager.Tensor) *eager.Tensor {
	same("BCEWithLogits", "scores", "targets", x, t)
	return t.Mul(x.Neg().Softplus()).Add(t.Neg().Shift(1).Mul(x.Softplus())).Mean()
}

// KL is the divergence sum p*(log p - log q) from q to p, the mean over the rows of logp and logq (n,c), which are
// logarithms of probabilities; the result is a scalar.
func KL(logp, logq *eager.Tensor) *eager.Tensor {
	same("KL", "log p", "log q", logp, logq)
	if logp.Rank() != 2 {
		panic(&eager.Error{Op: "KL", Text: fmt.Sprintf("log p is %v: want (n,c)", logp.Shape())})
	}
	return logp.Exp().Mul(logp.Sub(logq)).Sum(1).Mean()
}
