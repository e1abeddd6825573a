// A line diff: the longest common subsequence, Myers' shortest edit script, hunks, and patching.

package main

import (
	"fmt"
	"slices"
	"strings"
)

type op byte

const (
	keep   op = ' '
	remove op = '-'
	insert op = '+'
)

type edit struct {
	op   op
	text string
}

func (e edit) String() string { return string(e.op) + e.text }

// table fills the classic table of common lengths and walks back through it.
func table(a, b []string) (script []edit) {
	n, m := len(a), len(b)
	best := make([][]int, n+1)
	for i := range best {
		best[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if a[i] == b[j] {
				best[i][j] = best[i+1][j+1] + 1
			} else {
				best[i][j] = max(best[i+1][j], best[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < n || j < m {
		switch {
		case i < n && j < m && a[i] == b[j]:
			script = append(script, edit{keep, a[i]})
			i, j = i+1, j+1
		case j == m || i < n && best[i+1][j] >= best[i][j+1]:
			script = append(script, edit{remove, a[i]})
			i++
		default:
			script = append(script, edit{insert, b[j]})
			j++
		}
	}
	return script
}

// myers searches by the number of edits and remembers the furthest point on every diagonal.
func myers(a, b []string) (script []edit) {
	n, m := len(a), len(b)
	furthest := map[int]int{1: 0}
	var history []map[int]int
search:
	for d := 0; ; d++ {
		copied := make(map[int]int, len(furthest))
		for k, v := range furthest {
			copied[k] = v
		}
		history = append(history, copied)
		for k := -d; k <= d; k += 2 {
			var x int
			if k == -d || k != d && furthest[k-1] < furthest[k+1] {
				x = furthest[k+1]
			} else {
				x = furthest[k-1] + 1
			}
			y := x - k
			for x < n && y < m && a[x] == b[y] {
				x, y = x+1, y+1
			}
			furthest[k] = x
			if x >= n && y >= m {
				break search
			}
		}
	}
	x, y := n, m
	for d := len(history) - 1; d >= 0; d-- {
		v, k := history[d], x-y
		var prev int
		if k == -d || k != d && v[k-1] < v[k+1] {
			prev = k + 1
		} else {
			prev = k - 1
		}
		px := v[prev]
		py := px - prev
		for x > px && y > py {
			x, y = x-1, y-1
			script = append(script, edit{keep, a[x]})
		}
		if d > 0 {
			if x == px {
				script = append(script, edit{insert, b[py]})
			} else {
				script = append(script, edit{remove, a[px]})
			}
		}
		x, y = px, py
	}
	slices.Reverse(script)
	return script
}

// hunks groups edits with some context around them.
func hunks(script []edit, context int) string {
	var out strings.Builder
	oldLine, newLine := 1, 1
	for i := 0; i < len(script); {
		if script[i].op == keep {
			i, oldLine, newLine = i+1, oldLine+1, newLine+1
			continue
		}
		start := max(0, i-context)
		end, quiet := i, 0
		for end < len(script) && quiet <= 2*context {
			if script[end].op == keep {
				quiet++
			} else {
				quiet = 0
			}
			end++
		}
		end -= max(0, quiet-context)
		back := i - start
		counts := map[op]int{}
		for _, e := range script[start:end] {
			counts[e.op]++
		}
		fmt.Fprintf(&out, "@@ -%d,%d +%d,%d @@\n", oldLine-back, counts[keep]+counts[remove], newLine-back, counts[keep]+counts[insert])
		for _, e := range script[start:end] {
			fmt.Fprintln(&out, e)
		}
		oldLine += counts[keep] + counts[remove] - back
		newLine += counts[keep] + counts[insert] - back
		i = end
	}
	return out.String()
}

func apply(script []edit, without op) (lines []string) {
	for _, e := range script {
		if e.op != without {
			lines = append(lines, e.text)
		}
	}
	return lines
}

func distance(script []edit) (n int) {
	for _, e := range script {
		if e.op != keep {
			n++
		}
	}
	return n
}

func main() {
	before := strings.Split("package main\n\nimport \"fmt\"\n\nfunc main() {\n\tx := 1\n\tfmt.Println(x)\n\tprint(x)\n}\n// a\n// b\n// c\n// end", "\n")
	after := strings.Split("package main\n\nimport (\n\t\"fmt\"\n)\n\nfunc main() {\n\tx := 2\n\tfmt.Println(x)\n}\n// a\n// b\n// c\n// the end", "\n")
	t, s := table(before, after), myers(before, after)
	fmt.Println(distance(t), distance(s), len(t), len(s))
	fmt.Print(strings.ReplaceAll(hunks(s, 1), "\t", "  "))
	fmt.Println(slices.Equal(apply(s, insert), before), slices.Equal(apply(s, remove), after), slices.Equal(apply(t, remove), after))

	for _, pair := range [][2]string{{"kitten", "sitting"}, {"abcabba", "cbabac"}, {"", "new"}, {"same", "same"}, {"old", ""}, {"größer", "grösser"}} {
		a, b := strings.Split(pair[0], ""), strings.Split(pair[1], "")
		script := myers(a, b)
		fmt.Printf("%-8s %-8s %d %d", pair[0], pair[1], distance(script), distance(table(a, b)))
		for _, e := range script {
			if e.op == keep {
				fmt.Print(" ", e.text)
			} else {
				fmt.Print(" ", e)
			}
		}
		fmt.Println()
	}
}
