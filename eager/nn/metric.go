package nn

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
)

// classes are the places of the largest score in each row.
func classes(op string, logits *eager.Tensor, labels []int) []int {
	if logits.Rank() != 2 || logits.Dim(0) != len(labels) {
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("scores %v for %d labels: want (%d,c)", logits.Shape(), len(labels), len(labels))})
	}
	return logits.Detach().ArgMax(1).Ints()
}

// Accuracy is the part (0 to 1) of the rows of logits (n,c) whose largest score is at the label. It is NaN for no rows.
func Accuracy(logits *eager.Tensor, labels []int) float64 {
	right := 0
	for i, c := range classes("Accuracy", logits, labels) {
		if c == labels[i] {
			right++
		}
	}
	return float64(right) / float64(len(labels))
}

// Confusion counts what was taken for what: element [i][j] is the number of examples of class i for which class j has
// the largest score; logits are (n,c), the result is c by c.
func Confusion(logits *eager.Tensor, labels []int) [][]int {
	found := classes("Confusion", logits, labels)
	c := logits.Dim(1)
	table := make([][]int, c)
	for i := range table {
		table[i] = make([]int, c)
	}
	for i, label := range labels {
		if label < 0 || label >= c {
			panic(&eager.Error{Op: "Confusion", Text: fmt.Sprintf("label %d at place %d is not in 0 to %d", label, i, c-1)})
		}
		table[label][found[i]]++
	}
	return table
}

// Predict is l.Forward(x) in Eval and without gradients, batch rows of x at a time to save memory. The mode of each part
// of l is afterwards what it was.
func Predict(l Layer, x *eager.Tensor, batch int) *eager.Tensor {
	positive("Predict", "batch", batch)
	if x.Rank() == 0 || x.Dim(0) == 0 {
		panic(&eager.Error{Op: "Predict", Text: fmt.Sprintf("x is %v: want (n,...) with n 1 or more", x.Shape())})
	}
	var out []*eager.Tensor
	evaluating(l, func() {
		eager.NoGrad(func() {
			for lo := 0; lo < x.Dim(0); lo += batch {
				eager.Scope(func() {
					out = append(out, eager.Keep(l.Forward(x.Slice(0, lo, min(lo+batch, x.Dim(0))))))
				})
			}
		})
	})
	if len(out) == 1 {
		return out[0]
	}
	return eager.Concat(0, out)
}
