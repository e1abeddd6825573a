package array

// maxOperands is the largest number of arrays that walk goes through together.
const maxOperands = 4

// plan is a rectangle that several arrays are walked over together, with as few axes as their strides allow.
type plan struct {
	rank, operands int
	dim            [MaxRank]int
	step           [maxOperands][MaxRank]int
	start          [maxOperands]int
}

// newPlan joins neighbouring axes that every operand runs through without a gap. The operands have been expanded to shape.
func newPlan(shape []int, arrays ...*Array) plan {
	p := plan{operands: len(arrays)}
	var st [maxOperands][MaxRank]int
	for k, a := range arrays {
		p.start[k] = a.Offset
		skip := len(shape) - len(a.Shape) // axes that the operand lacks are repeated
		n := 1
		for i := len(a.Shape) - 1; i >= 0; i-- {
			switch {
			case a.Shape[i] == 1:
			case a.Strides != nil:
				st[k][skip+i] = a.Strides[i]
			default:
				st[k][skip+i] = n
			}
			n *= a.Shape[i]
		}
	}
	for i, d := range shape {
		if d == 1 {
			continue
		}
		if p.rank > 0 {
			last, joins := p.rank-1, true
			for k := range arrays {
				joins = joins && p.step[k][last] == st[k][i]*d
			}
			if joins {
				p.dim[last] *= d
				for k := range arrays {
					p.step[k][last] = st[k][i]
				}
				continue
			}
		}
		p.dim[p.rank] = d
		for k := range arrays {
			p.step[k][p.rank] = st[k][i]
		}
		p.rank++
	}
	return p
}

// rows calls f for every innermost run: at is the index of its first element in each operand, n its length. The steps within
// the run are inner().
func (p *plan) rows(f func(at *[maxOperands]int, n int)) {
	for _, d := range p.dim[:p.rank] {
		if d == 0 {
			return
		}
	}
	at := p.start
	if p.rank == 0 {
		f(&at, 1)
		return
	}
	last := p.rank - 1
	var index [MaxRank]int
	for {
		f(&at, p.dim[last])
		i := last - 1
		for ; i >= 0; i-- {
			index[i]++
			for k := 0; k < p.operands; k++ {
				at[k] += p.step[k][i]
			}
			if index[i] < p.dim[i] {
				break
			}
			for k := 0; k < p.operands; k++ {
				at[k] -= p.step[k][i] * p.dim[i]
			}
			index[i] = 0
		}
		if i < 0 {
			return
		}
	}
}

// size is the number of elements.
func (p *plan) size() int {
	n := 1
	for _, d := range p.dim[:p.rank] {
		n *= d
	}
	return n
}

// share is rows on several processors, where there are more than grain elements twice. How the runs are cut must not matter to f.
// It puts what f holds on the heap: where that matters rows is called for few elements.
func (p *plan) share(grain int, f func(at *[maxOperands]int, n int)) {
	total := p.size()
	if total <= 2*grain {
		p.rows(f)
		return
	}
	whole := *p // so that p itself need not be on the heap
	Parallel(whole.dim[0], max(1, grain*whole.dim[0]/total), func(lo, hi int) {
		part := whole
		part.dim[0] = hi - lo
		for k := range part.operands {
			part.start[k] += lo * part.step[k][0]
		}
		part.rows(f)
	})
}

// dense is a, or a copy of it if a run through it, as operand k of p, would skip from number to number.
func (p *plan) dense(k int, a *Array) Array {
	if s := p.inner(k); s == 0 || s == 1 {
		return *a
	}
	return Contiguous(a)
}

// release gives back the memory of x if dense made it from a.
func release(x, a *Array) {
	if x.Store != a.Store {
		x.Store.Free()
	}
}

// inner is the step of operand k within a run.
func (p *plan) inner(k int) int {
	if p.rank == 0 {
		return 1
	}
	return p.step[k][p.rank-1]
}

// Broadcast is the shape that arrays of shapes s and t stretch to together; ok is false when they do not.
func Broadcast(s, t []int) (shape []int, ok bool) {
	if Equal(s, t) {
		return s, true
	}
	n := max(len(s), len(t))
	shape = make([]int, n)
	for i := 1; i <= n; i++ {
		a, b := 1, 1
		if i <= len(s) {
			a = s[len(s)-i]
		}
		if i <= len(t) {
			b = t[len(t)-i]
		}
		switch {
		case a == b || b == 1:
			shape[n-i] = a
		case a == 1:
			shape[n-i] = b
		default:
			return nil, false
		}
	}
	return shape, true
}
