package rl

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/tapir-go/tapir/eager"
)

// Study is what an algorithm learned from several seeds. One seed proves little in this field (Henderson et al. 2018).
type Study struct {
	Trainings []*Training // in the order of the seeds
}

// Repeat trains with the seeds 1 to n (1 or more), as many at once as there are processors. What is learned does not
// depend on how many that is.
func Repeat(a Algorithm, fresh func() Env, n int) *Study {
	if n < 1 || a == nil {
		panic(&eager.Error{Op: "Repeat", Text: fmt.Sprintf("algorithm %T, %d seeds: wants an algorithm, and 1 seed or more", a, n)})
	}
	s := &Study{Trainings: make([]*Training, n)}
	seeds, failures := make(chan int), make([]any, n)
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := range seeds {
				func() {
					defer func() { failures[i] = recover() }()
					s.Trainings[i] = a.Train(fresh, i+1)
				}()
			}
		})
	}
	for i := range n {
		seeds <- i
	}
	close(seeds)
	workers.Wait()
	for _, failure := range failures {
		if failure != nil {
			panic(failure) // as if it had happened here: an *eager.Error, or eager.Interrupted
		}
	}
	return s
}

// Steps are the steps at which all trainings are compared: those of the first one's evaluations.
func (s *Study) Steps() []float64 {
	var steps []float64
	for _, p := range s.Trainings[0].Curve {
		steps = append(steps, float64(p.Step))
	}
	return steps
}

// Quantile is, at each of Steps, the reward of evaluations below which a part q (0 to 1) of the trainings lies: 0.5 is
// the median, and between 0.25 and 0.75 lies the middle half. Between two trainings it is on the line between them.
func (s *Study) Quantile(q float64) []float64 {
	if !(q >= 0 && q <= 1) {
		panic(&eager.Error{Op: "Study.Quantile", Text: fmt.Sprintf("q is %v: wants 0 to 1", q)})
	}
	var out []float64
	for _, step := range s.Steps() {
		rewards := make([]float64, len(s.Trainings))
		for i, t := range s.Trainings {
			rewards[i] = t.at(step)
		}
		out = append(out, quantile(rewards, q))
	}
	return out
}

// at is the reward of the last evaluation up to a step, or of the first one.
func (t *Training) at(step float64) float64 {
	reward := t.Curve[0].Reward
	for _, p := range t.Curve {
		if float64(p.Step) <= step {
			reward = p.Reward
		}
	}
	return reward
}

// quantile sorts values.
func quantile(values []float64, q float64) float64 {
	slices.Sort(values)
	place := q * float64(len(values)-1)
	below := int(place)
	above := min(below+1, len(values)-1)
	return values[below] + float64((place-float64(below))*(values[above]-values[below]))
}

// Best are the rewards of the best evaluations, one a seed.
func (s *Study) Best() []float64 {
	var out []float64
	for _, t := range s.Trainings {
		out = append(out, t.Best.Reward)
	}
	return out
}

// rows are the table's: a header, one for each seed, and the medians.
func (s *Study) rows() [][]string {
	rows := [][]string{{"seed", "steps", "episodes", "best evaluation", "at step", "last evaluation", "last 100 episodes"}}
	columns := make([][]float64, 6)
	for _, t := range s.Trainings {
		last := t.Curve[len(t.Curve)-1]
		row := []string{itoa(t.Seed)}
		for i, v := range []float64{float64(t.Steps), float64(len(t.Sums)), t.Best.Reward, float64(t.Best.Step), last.Reward, last.Recent} {
			columns[i] = append(columns[i], v)
			row = append(row, short(v))
		}
		rows = append(rows, row)
	}
	medians := []string{"median"}
	for _, column := range columns {
		medians = append(medians, short(quantile(column, 0.5)))
	}
	return append(rows, medians)
}

// short is a number with two digits after the point, or none.
func short(v float64) string {
	if v == math.Trunc(v) {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// String is the table of the seeds, and their medians.
func (s *Study) String() string {
	rows := s.rows()
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], len(cell))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d seeds\n", s.Trainings[0].Algorithm, len(s.Trainings))
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				b.WriteString("  ")
			}
			fmt.Fprintf(&b, "%*s", width[i], cell)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// MIME is how a notebook shows a study: as a table, and as text.
func (s *Study) MIME() map[string]any {
	var b strings.Builder
	fmt.Fprintf(&b, "<table><caption>%s, %d seeds</caption>", s.Trainings[0].Algorithm, len(s.Trainings))
	for i, row := range s.rows() {
		tag := "td"
		if i == 0 {
			tag = "th"
		}
		b.WriteString("<tr>")
		for _, cell := range row {
			fmt.Fprintf(&b, "<%s>%s</%s>", tag, cell, tag)
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</table>")
	return map[string]any{"text/plain": s.String(), "text/html": b.String()}
}
