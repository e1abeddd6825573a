package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"reflect"
	"strings"

	"github.com/tapir-go/tapir/kernel/cell"
	"github.com/traefik/yaegi/interp"
)

// rawState evaluates items with the interpreter as they are.
type rawState struct {
	in       *interp.Interpreter
	imported map[string]bool
	byName   map[string]string
}

func (s *Session) startRaw() {
	s.raw.in = interp.New(interp.Options{Stdout: stream{s, "stdout"}, Stderr: &bytes.Buffer{}})
	s.raw.imported = map[string]bool{}
	s.raw.byName = map[string]string{}
	if s.opt.Table != nil {
		for path, name := range s.opt.Table.Packages() {
			if old := s.raw.byName[name]; old == "" || len(path) < len(old) {
				s.raw.byName[name] = path
			}
		}
	}
}

type stream struct {
	s    *Session
	name string
}

func (w stream) Write(p []byte) (int, error) {
	if w.s.opt.Screen != nil {
		w.s.opt.Screen.Stream(w.s.current(), w.name, append([]byte(nil), p...))
	}
	return len(p), nil
}

func (s *Session) use(path string) {
	if s.raw.imported[path] || s.opt.Table == nil {
		return
	}
	s.raw.imported[path] = true
	name := s.opt.Table.Packages()[path]
	if name == "" {
		return
	}
	all := map[string]reflect.Value{}
	for k, v := range s.opt.Table.Symbols(path) {
		all[k] = v
	}
	_ = s.raw.in.Use(interp.Exports{path + "/" + name: all})
	_, _ = s.raw.in.Eval(fmt.Sprintf("import %q", path))
}

func (s *Session) runRaw(ctx context.Context, n int, src string) (r Result) {
	fset := token.NewFileSet()
	c, ps := cell.Cut(fset, n, n, src)
	if len(ps) > 0 {
		p := ps[0]
		return Result{Failure: &Failure{Name: "compile error", Text: p.Text, Cell: p.Cell, Line: p.Line, Column: p.Column, Detail: p.Detail()}}
	}
	for _, it := range c.Items {
		if it.Kind == cell.Import {
			for _, sp := range it.Decl.(*ast.GenDecl).Specs {
				s.use(strings.Trim(sp.(*ast.ImportSpec).Path.Value, `"`))
			}
		}
		see := func(n ast.Node) bool {
			if se, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := se.X.(*ast.Ident); ok && s.raw.byName[id.Name] != "" {
					s.use(s.raw.byName[id.Name])
				}
			}
			return true
		}
		if it.Decl != nil {
			ast.Inspect(it.Decl, see)
		}
		if it.Stmt != nil {
			ast.Inspect(it.Stmt, see)
		}
	}
	for i, it := range c.Items {
		if it.Kind == cell.Package || it.Kind == cell.Import {
			continue
		}
		v, err := s.raw.in.EvalWithContext(ctx, src[it.Off:it.End])
		if err != nil {
			line := 1 + strings.Count(src[:it.Off], "\n")
			name, text := "panic", err.Error()
			if errors.Is(err, ctx.Err()) {
				name, text = "interrupted", "the cell was interrupted"
			}
			return Result{Failure: &Failure{Name: name, Text: text, Cell: n, Line: line, Detail: cell.Line(src, line)}}
		}
		if _, ok := it.Stmt.(*ast.ExprStmt); ok && i == len(c.Items)-1 && v.IsValid() && v.CanInterface() {
			r.Value = bundle(v.Interface())
		}
	}
	return r
}

func bundle(x any) map[string]any {
	if m, ok := x.(interface{ MIME() map[string]any }); ok {
		return m.MIME()
	}
	return map[string]any{"text/plain": fmt.Sprint(x)}
}

// IsComplete tells whether src can be run: "complete", "incomplete" with the indent of the next line, "invalid".
func IsComplete(src string) (status, indent string) { return cell.Complete(src) }
