package cell

import (
	"go/ast"
	"go/token"
)

// join makes one item of the statements between a goto and its label, where both stand at the top level: each item runs as a
// function of its own, and no jump leads out of a function. Declarations among them would no longer be the session's.
func (s *Source) join() (problems []Problem) {
	at := map[string]int{}
	for i, it := range s.Items {
		for l, ok := it.Stmt.(*ast.LabeledStmt); ok; l, ok = l.Stmt.(*ast.LabeledStmt) {
			at[l.Label.Name] = i
		}
	}
	if len(at) == 0 {
		return nil
	}
	last := make([]int, len(s.Items)) // for each item that begins a range of jumps, where that ends
	for i, it := range s.Items {
		for _, name := range jumps(it.Stmt) {
			if j, ok := at[name]; ok && j != i {
				a, b := min(i, j), max(i, j)
				last[a] = max(last[a], b)
			}
		}
	}
	var items []Item
	for i := 0; i < len(s.Items); i++ {
		end := last[i]
		for j := i; j <= end; j++ {
			end = max(end, last[j])
		}
		if end <= i {
			items = append(items, s.Items[i])
			continue
		}
		block := &ast.BlockStmt{}
		for _, it := range s.Items[i : end+1] {
			if it.Stmt == nil || declares(it.Stmt) {
				p := s.problem(it.Off, "goto leads over a declaration of the cell")
				p.Hint = "put the lines from the label to the goto into a function"
				problems = append(problems, p)
				break
			}
			block.List = append(block.List, it.Stmt)
		}
		if len(block.List) > 0 {
			block.Lbrace, block.Rbrace = block.List[0].Pos(), block.List[len(block.List)-1].End()
		}
		items = append(items, Item{Kind: Stmt, Stmt: block, Off: s.Items[i].Off, End: s.Items[end].End})
		i = end
	}
	s.Items = items
	return problems
}

// declares tells whether a statement at the top level declares variables of the session, or anything else.
func declares(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.AssignStmt:
		return s.Tok == token.DEFINE
	case *ast.DeclStmt:
		return true
	case *ast.LabeledStmt:
		return declares(s.Stmt)
	}
	return false
}

// jumps are the labels that the gotos of a statement name.
func jumps(s ast.Stmt) (names []string) {
	if s == nil {
		return nil
	}
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BranchStmt:
			if n.Tok == token.GOTO && n.Label != nil {
				names = append(names, n.Label.Name)
			}
		}
		return true
	})
	return names
}
