// Go source as data: parsed, walked, measured, rewritten, and formatted with the go packages.

package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"slices"
	"strconv"
	"strings"
)

const source = `// Package demo is a demonstration.
package demo

import (
	"fmt"
	str "strings"
)

// Limit is the limit.
const Limit = 10 << 2

type Shape interface{ Area() float64 }

// Square is a shape.
type Square struct {
	Side float64 ` + "`json:\"side\"`" + `
	name string
}

func (s Square) Area() float64 { return s.Side * s.Side }

func (s *Square) Grow(by float64) {
	if by > 0 && s.Side < 100 || s.name == "" {
		s.Side += by
	}
	for i := 0; i < 3; i++ {
		switch i {
		case 1:
			fmt.Println(str.ToUpper("one"))
		case 2:
			return
		}
	}
}

func Map[T, U any](xs []T, f func(T) U) (out []U) {
	for _, x := range xs {
		out = append(out, f(x))
	}
	return
}
`

// complexity counts the branches of a function.
func complexity(fn *ast.FuncDecl) int {
	n := 1
	ast.Inspect(fn, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.CaseClause:
			n++
		case *ast.BinaryExpr:
			if node.Op == token.LAND || node.Op == token.LOR {
				n++
			}
		}
		return true
	})
	return n
}

// counter counts nodes by their type; it is an ast.Visitor.
type counter map[string]int

func (c counter) Visit(n ast.Node) ast.Visitor {
	if n != nil {
		c[strings.TrimPrefix(fmt.Sprintf("%T", n), "*ast.")]++
	}
	return c
}

// eval computes constant expressions.
func eval(text string) (string, error) {
	expr, err := parser.ParseExpr(text)
	if err != nil {
		return "", err
	}
	var value func(ast.Expr) constant.Value
	value = func(e ast.Expr) constant.Value {
		switch e := e.(type) {
		case *ast.BasicLit:
			return constant.MakeFromLiteral(e.Value, e.Kind, 0)
		case *ast.ParenExpr:
			return value(e.X)
		case *ast.UnaryExpr:
			return constant.UnaryOp(e.Op, value(e.X), 0)
		case *ast.BinaryExpr:
			x, y := value(e.X), value(e.Y)
			switch e.Op {
			case token.EQL, token.LSS, token.GTR:
				return constant.MakeBool(constant.Compare(x, e.Op, y))
			case token.SHL:
				n, _ := constant.Uint64Val(y)
				return constant.Shift(x, e.Op, uint(n))
			}
			return constant.BinaryOp(x, e.Op, y)
		}
		return constant.MakeUnknown()
	}
	return value(expr).ExactString(), nil
}

func main() {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "demo.go", source, parser.ParseComments)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(file.Name, strings.TrimSpace(file.Doc.Text()), len(file.Decls), fset.Position(file.Decls[2].Pos()))
	for _, imp := range file.Imports {
		path, _ := strconv.Unquote(imp.Path.Value)
		fmt.Print(path, " as ", imp.Name, "; ")
	}
	fmt.Println()
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			recv := ""
			if d.Recv != nil {
				recv = types.ExprString(d.Recv.List[0].Type) + "."
			}
			fmt.Printf("func %s%s%s complexity %d lines %d\n", recv, d.Name, strings.TrimPrefix(types.ExprString(d.Type), "func"), complexity(d),
				fset.Position(d.End()).Line-fset.Position(d.Pos()).Line+1)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					fmt.Printf("%s %s exported %t doc %q\n", d.Tok, t.Name, t.Name.IsExported(), d.Doc.Text())
				}
			}
		}
	}
	counts := counter{}
	ast.Walk(counts, file)
	fmt.Println(counts["Ident"], counts["CallExpr"], counts["BasicLit"], counts["FuncDecl"], counts["Field"])

	// Rename every identifier "s" and put a call at the head of each function.
	ast.Inspect(file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == "s" {
			id.Name = "sq"
		}
		return true
	})
	for _, d := range file.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "Area" {
			call := &ast.CallExpr{Fun: ast.NewIdent("trace"), Args: []ast.Expr{&ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(fn.Name.Name)}}}
			fn.Body.List = slices.Insert(fn.Body.List, 0, ast.Stmt(&ast.ExprStmt{X: call}))
			format.Node(os.Stdout, fset, fn)
			fmt.Println()
		}
	}
	pretty, err := format.Source([]byte("package p;func  f( a,b int)(int){x:=a+b*2;if x>1{return x};return  -x}"))
	fmt.Print(string(pretty), err, "\n")

	for _, text := range []string{"1<<70 - 1", "(1+2)*3 == 9", "-7/2", "1.5*4", `"a" + "b"`, "10/4.0", "2i*2i", "1 +"} {
		v, err := eval(text)
		fmt.Print(text, " is ", v, " ", err, "; ")
	}
	fmt.Println()

	_, err = parser.ParseFile(token.NewFileSet(), "bad.go", "package p\nfunc f( {\n\tx = = 1\n}\n", 0)
	var list scanner.ErrorList
	if errors.As(err, &list) {
		for _, e := range list[:2] {
			fmt.Println(e.Pos.Line, e.Msg)
		}
	}

	// The type checker, without any imports.
	checked, err := parser.ParseFile(fset, "calc.go", "package calc\nconst N = 3\nvar xs = []int{N}\nfunc Sum(v ...int) (t int) { for _, x := range v { t += x }; return }\nvar bad string = Sum(xs...)\n", 0)
	fmt.Println(err)
	var problems []string
	conf := types.Config{Error: func(err error) { problems = append(problems, err.Error()) }}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}}
	pkg, _ := conf.Check("calc", fset, []*ast.File{checked}, info)
	for _, name := range pkg.Scope().Names() {
		fmt.Println(pkg.Scope().Lookup(name))
	}
	fmt.Println(problems, len(info.Defs))

	var s scanner.Scanner
	text := []byte("x := 'a' + 0x1F // end")
	s.Init(fset.AddFile("", fset.Base(), len(text)), text, nil, scanner.ScanComments)
	for _, tok, lit := s.Scan(); tok != token.EOF; _, tok, lit = s.Scan() {
		fmt.Printf("%s:%q ", tok, lit)
	}
	fmt.Println(token.ADD.Precedence(), token.Lookup("func").IsKeyword(), token.IsIdentifier("9x"))
}
