// Symbolic derivatives: expressions as trees, simplified by rules, checked against differences.

package main

import (
	"fmt"
	"math"
	"strings"
)

type expr interface {
	String() string
	at(x float64) float64
	derive() expr
}

type (
	num     float64
	x       struct{}
	sum     []expr
	product []expr
	power   struct {
		base expr
		exp  num
	}
	apply struct {
		fn  string
		arg expr
	}
)

type function struct {
	value  func(float64) float64
	derive func(arg expr) expr
}

var functions map[string]function

func init() {
	functions = map[string]function{
		"sin": {math.Sin, func(a expr) expr { return apply{"cos", a} }},
		"cos": {math.Cos, func(a expr) expr { return product{num(-1), apply{"sin", a}} }},
		"exp": {math.Exp, func(a expr) expr { return apply{"exp", a} }},
		"ln":  {math.Log, func(a expr) expr { return power{a, -1} }},
	}
}

func (n num) String() string     { return strings.TrimSuffix(fmt.Sprintf("%.4g", float64(n)), ".0") }
func (x) String() string         { return "x" }
func (s sum) String() string     { return "(" + join(s, " + ") + ")" }
func (p product) String() string { return join(p, "*") }
func (p power) String() string {
	switch p.base.(type) {
	case num, x, apply, sum:
		return fmt.Sprintf("%v^%v", p.base, p.exp)
	}
	return fmt.Sprintf("(%v)^%v", p.base, p.exp)
}
func (a apply) String() string {
	arg := a.arg.String()
	if !strings.HasPrefix(arg, "(") || !strings.HasSuffix(arg, ")") {
		arg = "(" + arg + ")"
	}
	return a.fn + arg
}

func join[S ~[]expr](es S, sep string) string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = e.String()
	}
	return strings.Join(parts, sep)
}

func (n num) at(float64) float64 { return float64(n) }
func (x) at(v float64) float64   { return v }
func (s sum) at(v float64) (total float64) {
	for _, e := range s {
		total += e.at(v)
	}
	return total
}
func (p product) at(v float64) float64 {
	total := 1.0
	for _, e := range p {
		total *= e.at(v)
	}
	return total
}
func (p power) at(v float64) float64 { return math.Pow(p.base.at(v), float64(p.exp)) }
func (a apply) at(v float64) float64 { return functions[a.fn].value(a.arg.at(v)) }

func (num) derive() expr { return num(0) }
func (x) derive() expr   { return num(1) }
func (s sum) derive() expr {
	out := make(sum, len(s))
	for i, e := range s {
		out[i] = e.derive()
	}
	return out
}
func (p product) derive() expr {
	var out sum
	for i := range p {
		term := append(product{}, p...)
		term[i] = p[i].derive()
		out = append(out, term)
	}
	return out
}
func (p power) derive() expr { return product{p.exp, power{p.base, p.exp - 1}, p.base.derive()} }
func (a apply) derive() expr {
	return product{functions[a.fn].derive(a.arg), a.arg.derive()}
}

// simplify works from the leaves up: it folds numbers, flattens, and gathers equal factors and terms.
func simplify(e expr) expr {
	switch e := e.(type) {
	case sum:
		constant := num(0)
		var order []string
		factors, terms := map[string]num{}, map[string]expr{}
		var add func(expr)
		add = func(t expr) {
			switch t := simplify(t).(type) {
			case num:
				constant += t
			case sum:
				for _, inner := range t {
					add(inner)
				}
			default:
				k, rest := coefficient(t)
				key := rest.String()
				if _, ok := terms[key]; !ok {
					order = append(order, key)
				}
				factors[key] += k
				terms[key] = rest
			}
		}
		for _, t := range e {
			add(t)
		}
		var out sum
		for _, key := range order {
			switch k := factors[key]; k {
			case 0:
			case 1:
				out = append(out, terms[key])
			default:
				out = append(out, simplify(product{k, terms[key]}))
			}
		}
		if constant != 0 || len(out) == 0 {
			out = append(out, constant)
		}
		if len(out) == 1 {
			return out[0]
		}
		return out
	case product:
		constant := num(1)
		var order []string
		bases, exps := map[string]expr{}, map[string]num{}
		var mul func(expr)
		mul = func(f expr) {
			switch f := simplify(f).(type) {
			case num:
				constant *= f
			case product:
				for _, inner := range f {
					mul(inner)
				}
			default:
				base, exp := f, num(1)
				if p, ok := f.(power); ok {
					base, exp = p.base, p.exp
				}
				key := base.String()
				if _, ok := bases[key]; !ok {
					order = append(order, key)
				}
				bases[key] = base
				exps[key] += exp
			}
		}
		for _, f := range e {
			mul(f)
		}
		if constant == 0 {
			return num(0)
		}
		var out product
		if constant != 1 {
			out = append(out, constant)
		}
		for _, key := range order {
			if p := simplify(power{bases[key], exps[key]}); p != expr(num(1)) {
				out = append(out, p)
			}
		}
		switch len(out) {
		case 0:
			return num(1)
		case 1:
			return out[0]
		}
		return out
	case power:
		base := simplify(e.base)
		n, isNum := base.(num)
		inner, isPower := base.(power)
		switch {
		case e.exp == 0:
			return num(1)
		case e.exp == 1:
			return base
		case isNum:
			return num(math.Pow(float64(n), float64(e.exp)))
		case isPower:
			return power{inner.base, inner.exp * e.exp}
		}
		return power{base, e.exp}
	case apply:
		return apply{e.fn, simplify(e.arg)}
	}
	return e
}

func coefficient(e expr) (num, expr) {
	if p, ok := e.(product); ok {
		if k, ok := p[0].(num); ok {
			if len(p) == 2 {
				return k, p[1]
			}
			return k, p[1:]
		}
	}
	return 1, e
}

// newton finds a zero with the derivative made once.
func newton(e expr, start float64) (float64, int) {
	d := simplify(e.derive())
	v := start
	for n := range 50 {
		step := e.at(v) / d.at(v)
		v -= step
		if math.Abs(step) < 1e-12 {
			return v, n + 1
		}
	}
	return math.NaN(), 50
}

func main() {
	X := x{}
	for _, e := range []expr{
		num(5), X, sum{X, X, num(2)}, product{num(3), power{X, 2}}, sum{power{X, 3}, product{num(-4), X}, num(1)},
		apply{"sin", product{num(2), X}}, product{X, apply{"exp", X}}, apply{"ln", power{X, 2}}, power{sum{X, num(1)}, -2},
		product{apply{"sin", X}, apply{"cos", X}}, apply{"exp", product{num(-0.5), power{X, 2}}}, power{apply{"sin", X}, 0.5},
	} {
		d := simplify(e.derive())
		const v, h = 0.7, 1e-5
		numeric := (e.at(v+h) - e.at(v-h)) / (2 * h)
		fmt.Printf("%-24v d: %-40v %t\n", e, d, math.Abs(numeric-d.at(v)) < 1e-8)
	}
	e := expr(sum{power{X, 4}, apply{"cos", X}})
	for range 4 {
		fmt.Println(simplify(e))
		e = simplify(e).derive()
	}
	root, steps := newton(sum{power{X, 2}, num(-2)}, 1)
	fmt.Printf("%.10f in %d steps\n", root, steps)
	root, steps = newton(sum{apply{"cos", X}, product{num(-1), X}}, 1)
	fmt.Printf("%.10f in %d steps\n", root, steps)
	fmt.Println(simplify(product{power{X, 2}, X, power{X, -3}}), simplify(sum{product{num(2), X, X}, power{X, 2}, num(1), num(-1)}))
}
