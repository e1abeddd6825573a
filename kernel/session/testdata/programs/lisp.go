// A small Lisp: reader, environments, special forms, closures, tail calls, and macros by quoting.

package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

type symbol string
type list []any
type builtin func(args list) (any, error)

type lambda struct {
	params list
	rest   symbol
	body   list
	env    *scope
	macro  bool
}

type scope struct {
	vars  map[symbol]any
	outer *scope
}

func (s *scope) find(name symbol) *scope {
	for e := s; e != nil; e = e.outer {
		if _, ok := e.vars[name]; ok {
			return e
		}
	}
	return nil
}

var errEnd = errors.New("unexpected end")

func tokenize(src string) []string {
	var out []string
	for line := range strings.SplitSeq(src, "\n") {
		code, _, _ := strings.Cut(line, ";")
		out = append(out, strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ", "'", " ' ").Replace(code))...)
	}
	return out
}

func read(tokens []string) (any, []string, error) {
	if len(tokens) == 0 {
		return nil, nil, errEnd
	}
	head, rest := tokens[0], tokens[1:]
	switch head {
	case "(":
		l := list{}
		for len(rest) > 0 && rest[0] != ")" {
			var item any
			var err error
			if item, rest, err = read(rest); err != nil {
				return nil, nil, err
			}
			l = append(l, item)
		}
		if len(rest) == 0 {
			return nil, nil, errEnd
		}
		return l, rest[1:], nil
	case ")":
		return nil, nil, errors.New("unexpected )")
	case "'":
		quoted, rest, err := read(rest)
		return list{symbol("quote"), quoted}, rest, err
	}
	if n, err := strconv.Atoi(head); err == nil {
		return n, rest, nil
	}
	return symbol(head), rest, nil
}

func show(v any) string {
	switch v := v.(type) {
	case list:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = show(e)
		}
		return "(" + strings.Join(parts, " ") + ")"
	case bool:
		return map[bool]string{true: "#t", false: "#f"}[v]
	case nil:
		return "nil"
	case *lambda:
		return "<lambda " + show(v.params) + ">"
	case builtin:
		return "<builtin>"
	}
	return fmt.Sprint(v)
}

func truthy(v any) bool { return v != nil && v != false }

// eval loops for what is in tail position, so that a loop by recursion needs no stack.
func eval(x any, env *scope) (any, error) {
	for {
		switch v := x.(type) {
		case symbol:
			if s := env.find(v); s != nil {
				return s.vars[v], nil
			}
			return nil, fmt.Errorf("undefined: %s", v)
		case list:
			if len(v) == 0 {
				return v, nil
			}
			if name, ok := v[0].(symbol); ok {
				switch name {
				case "quote":
					return v[1], nil
				case "if":
					cond, err := eval(v[1], env)
					if err != nil {
						return nil, err
					}
					if truthy(cond) {
						x = v[2]
					} else if len(v) > 3 {
						x = v[3]
					} else {
						return nil, nil
					}
					continue
				case "define", "set!":
					val, err := eval(v[2], env)
					if err != nil {
						return nil, err
					}
					target, to := env, v[1].(symbol)
					if name == "set!" {
						if target = env.find(to); target == nil {
							return nil, fmt.Errorf("set! of undefined %s", to)
						}
					}
					target.vars[to] = val
					return val, nil
				case "lambda", "macro":
					f := &lambda{body: v[2:], env: env, macro: name == "macro"}
					if rest, ok := v[1].(symbol); ok {
						f.rest = rest
					} else {
						f.params = v[1].(list)
					}
					return f, nil
				case "begin":
					for _, e := range v[1 : len(v)-1] {
						if _, err := eval(e, env); err != nil {
							return nil, err
						}
					}
					x = v[len(v)-1]
					continue
				}
			}
			head, err := eval(v[0], env)
			if err != nil {
				return nil, err
			}
			args := make(list, len(v)-1)
			f, isLambda := head.(*lambda)
			for i, a := range v[1:] {
				if isLambda && f.macro {
					args[i] = a
				} else if args[i], err = eval(a, env); err != nil {
					return nil, err
				}
			}
			if b, ok := head.(builtin); ok {
				return b(args)
			}
			if !isLambda {
				return nil, fmt.Errorf("not a function: %s", show(head))
			}
			inner := &scope{map[symbol]any{}, f.env}
			if f.rest != "" {
				inner.vars[f.rest] = args
			} else if len(args) != len(f.params) {
				return nil, fmt.Errorf("%s takes %d, has %d", show(v[0]), len(f.params), len(args))
			}
			for i, p := range f.params {
				inner.vars[p.(symbol)] = args[i]
			}
			body := append(list{symbol("begin")}, f.body...)
			if !f.macro {
				x, env = body, inner
				continue
			}
			if x, err = eval(body, inner); err != nil {
				return nil, err
			}
		default:
			return x, nil
		}
	}
}

func global() *scope {
	arith := func(f func(a, b int) any) builtin {
		return func(args list) (any, error) {
			if len(args) == 0 {
				return 0, nil
			}
			acc := args[0]
			for _, x := range args[1:] {
				a, ok1 := acc.(int)
				b, ok2 := x.(int)
				if !ok1 || !ok2 {
					return nil, fmt.Errorf("not numbers: %s and %s", show(acc), show(x))
				}
				acc = f(a, b)
			}
			return acc, nil
		}
	}
	return &scope{vars: map[symbol]any{
		"+": arith(func(a, b int) any { return a + b }), "-": arith(func(a, b int) any { return a - b }),
		"*": arith(func(a, b int) any { return a * b }), "<": arith(func(a, b int) any { return a < b }),
		"=": arith(func(a, b int) any { return a == b }), "mod": arith(func(a, b int) any { return a % b }),
		"list":  builtin(func(args list) (any, error) { return args, nil }),
		"cons":  builtin(func(args list) (any, error) { return append(list{args[0]}, args[1].(list)...), nil }),
		"null?": builtin(func(args list) (any, error) { return len(args[0].(list)) == 0, nil }),
		"cdr":   builtin(func(args list) (any, error) { return args[0].(list)[1:], nil }),
		"car": builtin(func(args list) (any, error) {
			l, ok := args[0].(list)
			if !ok || len(l) == 0 {
				return nil, fmt.Errorf("car of %s", show(args[0]))
			}
			return l[0], nil
		}),
	}}
}

const program = `
(define fact (lambda (n) (if (< n 2) 1 (* n (fact (- n 1))))))
(fact 10)
(define map (lambda (f l) (if (null? l) l (cons (f (car l)) (map f (cdr l))))))
(map (lambda (x) (* x x)) '(1 2 3 4))   ; squares
(define counter (lambda () (begin (define n 0) (lambda () (set! n (+ n 1))))))
(define c (counter))
(list (c) (c) (c) ((counter)))
(define loop (lambda (i acc) (if (= i 0) acc (loop (- i 1) (+ acc i)))))
(loop 1500 0)
(define unless (macro (c body) (list 'if c nil body)))
(define nil '())
(unless (< 2 1) (+ 40 2))
(define compose (lambda (f g) (lambda (x) (f (g x)))))
((compose fact (lambda (x) (+ x 1))) 4)
(define fold (lambda (f acc l) (if (null? l) acc (fold f (f acc (car l)) (cdr l)))))
(fold + 0 '(1 2 3 4 5))
(define all (lambda args args))
(all 1 'two (list 3 '(4 ())) fact car)
(define even (lambda (n) (if (= n 0) #t (odd (- n 1)))))
(define odd (lambda (n) (if (= n 0) #f (even (- n 1)))))
(define #t (= 1 1)) (define #f (= 1 2))
(list (even 101) (odd 101) (mod 17 5))
(car '()) (undefined-name 1) (fact 1 2) (1 2) (+ 1 'a) (set! nowhere 1)
(list 1`

func main() {
	env := global()
	tokens := tokenize(program)
	for len(tokens) > 0 {
		var form any
		var err error
		form, tokens, err = read(tokens)
		if err != nil {
			fmt.Println("read error:", err)
			break
		}
		result, err := eval(form, env)
		if l, ok := form.(list); ok && l[0] == symbol("define") && err == nil {
			continue
		}
		if err != nil {
			result = "error: " + err.Error()
		}
		fmt.Println(show(form), "=>", show(result))
	}
	_, _, err := read(tokenize(") x"))
	fmt.Println(err, errors.Is(err, errEnd))
}
