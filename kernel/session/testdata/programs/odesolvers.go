// Differential equations: Euler, Heun, Runge-Kutta, adaptive steps, orbits, and a pendulum by symplectic steps.

package main

import (
	"fmt"
	"math"
	"strings"
)

type vector []float64

func (v vector) plus(k float64, w vector) vector {
	out := make(vector, len(v))
	for i := range v {
		out[i] = v[i] + k*w[i]
	}
	return out
}

func (v vector) String() string {
	parts := make([]string, len(v))
	for i, x := range v {
		parts[i] = fmt.Sprintf("%.5f", x)
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// A system gives the derivative at a time and a state.
type system func(t float64, y vector) vector

// A stepper goes on by h.
type stepper func(f system, t float64, y vector, h float64) vector

func euler(f system, t float64, y vector, h float64) vector { return y.plus(h, f(t, y)) }

func heun(f system, t float64, y vector, h float64) vector {
	k1 := f(t, y)
	k2 := f(t+h, y.plus(h, k1))
	return y.plus(h/2, k1).plus(h/2, k2)
}

// tableau is an explicit Runge-Kutta method as Butcher wrote them.
type tableau struct {
	c []float64
	a [][]float64
	b []float64
}

func (m tableau) step(f system, t float64, y vector, h float64) vector {
	ks := make([]vector, len(m.c))
	for i := range m.c {
		state := y
		for j, w := range m.a[i] {
			state = state.plus(h*w, ks[j])
		}
		ks[i] = f(t+m.c[i]*h, state)
	}
	for i, w := range m.b {
		y = y.plus(h*w, ks[i])
	}
	return y
}

var (
	classic = tableau{
		c: []float64{0, 0.5, 0.5, 1},
		a: [][]float64{{}, {0.5}, {0, 0.5}, {0, 0, 1}},
		b: []float64{1. / 6, 1. / 3, 1. / 3, 1. / 6},
	}
	kutta38 = tableau{
		c: []float64{0, 1. / 3, 2. / 3, 1},
		a: [][]float64{nil, {1. / 3}, {-1. / 3, 1}, {1, -1, 1}},
		b: []float64{1. / 8, 3. / 8, 3. / 8, 1. / 8},
	}
)

func solve(f system, step stepper, y vector, from, to float64, n int) vector {
	h := (to - from) / float64(n)
	for i := range n {
		y = step(f, from+float64(i)*h, y, h)
	}
	return y
}

// adaptive halves or doubles its step by comparing one step with two half steps.
func adaptive(f system, y vector, from, to, tolerance float64) (_ vector, steps, rejected int) {
	t, h := from, (to-from)/10
	for t < to {
		h = min(h, to-t)
		whole := classic.step(f, t, y, h)
		half := classic.step(f, t, y, h/2)
		half = classic.step(f, t+h/2, half, h/2)
		worst := 0.0
		for i := range y {
			worst = max(worst, math.Abs(half[i]-whole[i])/15)
		}
		if worst > tolerance {
			h /= 2
			rejected++
			continue
		}
		t += h
		y = half
		steps++
		if worst < tolerance/64 {
			h *= 2
		}
	}
	return y, steps, rejected
}

func main() {
	decay := func(t float64, y vector) vector { return vector{-2 * y[0]} }
	exact := math.Exp(-2)
	methods := []struct {
		name string
		step stepper
	}{{"euler", euler}, {"heun", heun}, {"classic", classic.step}, {"3/8", kutta38.step}}
	for _, m := range methods {
		var errs []float64
		for n := 10; n <= 40; n *= 2 {
			errs = append(errs, math.Abs(solve(decay, m.step, vector{1}, 0, 1, n)[0]-exact))
		}
		fmt.Printf("%-8s %.2e %.2e %.2e order %.1f\n", m.name, errs[0], errs[1], errs[2], math.Log2(errs[1]/errs[2]))
	}

	logistic := func(t float64, y vector) vector { return vector{y[0] * (1 - y[0])} }
	for _, t := range []float64{0, 2, 4, 8} {
		y := solve(logistic, classic.step, vector{0.1}, 0, t, 40)[0]
		want := 1 / (1 + 9*math.Exp(-t))
		fmt.Printf("logistic %.0f %.6f %t\n", t, y, math.Abs(y-want) < 1e-5)
	}

	// A planet on an ellipse comes back after one turn.
	orbit := func(t float64, s vector) vector {
		r3 := math.Pow(s[0]*s[0]+s[1]*s[1], 1.5)
		return vector{s[2], s[3], -s[0] / r3, -s[1] / r3}
	}
	start := vector{0.4, 0, 0, 2}
	end, steps, rejected := adaptive(orbit, start, 0, 2*math.Pi, 1e-6)
	fmt.Println(end, steps, rejected)
	energy := func(s vector) float64 { return (s[2]*s[2]+s[3]*s[3])/2 - 1/math.Hypot(s[0], s[1]) }
	fmt.Printf("energy %.6f %.6f, area law %.6f %.6f\n", energy(start), energy(end), start[0]*start[3]-start[1]*start[2], end[0]*end[3]-end[1]*end[2])

	// The pendulum: symplectic steps keep the energy that Euler's steps gain.
	pendulum := func(t float64, s vector) vector { return vector{s[1], -math.Sin(s[0])} }
	symplectic := func(f system, t float64, s vector, h float64) vector {
		v := s[1] - h*math.Sin(s[0])
		return vector{s[0] + h*v, v}
	}
	height := func(s vector) float64 { return s[1]*s[1]/2 - math.Cos(s[0]) }
	for name, step := range map[string]stepper{"symplectic": symplectic} {
		s := solve(pendulum, step, vector{1, 0}, 0, 20, 200)
		fmt.Printf("%s %v drift below 0.05: %t\n", name, s, math.Abs(height(s)-height(vector{1, 0})) < 0.05)
	}
	s := solve(pendulum, euler, vector{1, 0}, 0, 20, 200)
	fmt.Printf("euler drift above 0.5: %t\n", math.Abs(height(s)-height(vector{1, 0})) > 0.5)

	// Foxes and rabbits, drawn sideways.
	prey := func(t float64, y vector) vector {
		return vector{1.1*y[0] - 0.4*y[0]*y[1], 0.1*y[0]*y[1] - 0.4*y[1]}
	}
	y := vector{10, 5}
	for t := range 12 {
		row := []byte(strings.Repeat(" ", 42))
		row[int(math.Round(y[1]*2))] = 'f'
		row[int(math.Round(y[0]*2))] = 'r'
		fmt.Printf("%2d %s|\n", t, row)
		y = solve(prey, classic.step, y, float64(t), float64(t+1), 20)
	}
}
