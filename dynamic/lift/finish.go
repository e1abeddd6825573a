package lift

import (
	"fmt"
	"maps"
)

// finish makes equal nodes one, drops those that nobody needs, and files the parameters and forks.
func (l *lifter) finish() {
	p := l.prog
	p.Body.unite(map[string]*Value{}, map[*Value]*Value{})
	need := map[*Value]bool{}
	for {
		n := len(need)
		p.Body.mark(need)
		if len(need) == n {
			break
		}
	}
	p.Body.prune(need)
	seen := map[*Value]bool{}
	p.Body.walk(func(n *Node) {
		if n.Kind == If || n.Kind == Loop {
			n.ID = len(p.Forks)
			p.Forks = append(p.Forks, n)
		}
	}, func(v *Value) {
		if v.Tensor != nil && !seen[v] {
			seen[v] = true
			p.Params = append(p.Params, v)
		}
	})
}

// unite makes nodes that compute the same from the same one node. have are those before, by what they compute; instead says
// which value stands for another.
func (b *Block) unite(have map[string]*Value, instead map[*Value]*Value) {
	have = maps.Clone(have)
	swap := func(vs []*Value) {
		for i, v := range vs {
			if w := instead[v]; w != nil {
				vs[i] = w
			}
		}
	}
	var nodes []*Node
	for _, n := range b.Nodes {
		swap(n.In)
		if n.Kind == If || n.Kind == Loop {
			for _, in := range n.Blocks {
				in.unite(have, instead)
			}
			nodes = append(nodes, n)
			continue
		}
		key := fmt.Sprintf("%d %p %d %#v", n.Kind, n.Op, n.Axis, n.At)
		for _, v := range n.In {
			key += fmt.Sprintf(" %p", v)
		}
		if v := have[key]; v != nil {
			instead[n.Out[0]] = v
			continue
		}
		have[key] = n.Out[0]
		nodes = append(nodes, n)
	}
	b.Nodes = nodes
	swap(b.Out)
}

// mark notes what is needed, from the end to the beginning.
func (b *Block) mark(need map[*Value]bool) {
	for _, v := range b.Out {
		need[v] = true
	}
	b.markNodes(need)
}

func (b *Block) markNodes(need map[*Value]bool) {
	for i := len(b.Nodes) - 1; i >= 0; i-- {
		n := b.Nodes[i]
		used := false
		for _, v := range n.Out {
			used = used || need[v]
		}
		if !used {
			continue
		}
		switch n.Kind {
		case If:
			need[n.In[0]] = true
			for _, in := range n.Blocks {
				for k, v := range in.Out {
					if need[n.Out[k]] {
						need[v] = true
					}
				}
				in.markNodes(need)
			}
		case Loop:
			body := n.Blocks[0]
			need[n.In[0]], need[body.Out[0]] = true, true
			for k := range n.Out {
				if need[n.Out[k]] || need[body.In[k]] {
					need[n.Out[k]], need[body.In[k]], need[body.Out[k+1]], need[n.In[k+1]] = true, true, true, true
				}
			}
			body.markNodes(need)
		default:
			for _, v := range n.In {
				need[v] = true
			}
		}
	}
}

// prune drops what is not needed.
func (b *Block) prune(need map[*Value]bool) {
	var nodes []*Node
	for _, n := range b.Nodes {
		used := false
		for _, v := range n.Out {
			used = used || need[v]
		}
		if !used {
			continue
		}
		nodes = append(nodes, n)
		switch n.Kind {
		case If:
			for _, in := range n.Blocks {
				in.Out = kept(in.Out, n.Out, need)
			}
			n.Out = kept(n.Out, n.Out, need)
		case Loop:
			body := n.Blocks[0]
			out := n.Out
			n.In = append(n.In[:1:1], kept(n.In[1:], out, need)...)
			body.In = kept(body.In, out, need)
			body.Out = append(body.Out[:1:1], kept(body.Out[1:], out, need)...)
			n.Out = kept(out, out, need)
		}
		for _, in := range n.Blocks {
			in.prune(need)
		}
	}
	b.Nodes = nodes
}

// kept are the values whose partner is needed.
func kept(vs, partners []*Value, need map[*Value]bool) (out []*Value) {
	for i, v := range vs {
		if need[partners[i]] {
			out = append(out, v)
		}
	}
	return out
}

// walk visits nodes in order and the values that they and the blocks use.
func (b *Block) walk(node func(*Node), use func(*Value)) {
	for _, n := range b.Nodes {
		node(n)
		for _, v := range n.In {
			use(v)
		}
		for _, in := range n.Blocks {
			in.walk(node, use)
		}
	}
	for _, v := range b.Out {
		use(v)
	}
}
