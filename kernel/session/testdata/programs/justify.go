// Justified text: words are filled into lines, greedily and with least raggedness, then aligned.

package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const text = `It is a truth universally acknowledged, that a single man in possession of a good
fortune, must be in want of a wife.

However little known the feelings or views of such a man may be — the truth is so well fixed!`

type align int

const (
	leftAlign align = iota
	rightAlign
	centerAlign
	fullAlign
)

func (a align) String() string { return [...]string{"left", "right", "center", "full"}[a] }

func width(words []string) int {
	n := len(words) - 1
	for _, w := range words {
		n += utf8.RuneCountInString(w)
	}
	return n
}

// greedy puts as many words into each line as fit.
func greedy(words []string, limit int) (lines [][]string) {
	for len(words) > 0 {
		n := 1
		for n < len(words) && width(words[:n+1]) <= limit {
			n++
		}
		lines = append(lines, words[:n])
		words = words[n:]
	}
	return lines
}

// smooth makes the sum of the squares of the unused places as small as can be; the last line is free.
func smooth(words []string, limit int) (lines [][]string) {
	n := len(words)
	cost := make([]int, n+1)
	next := make([]int, n)
	for i := n - 1; i >= 0; i-- {
		cost[i] = 1 << 40
		for j := i + 1; j <= n; j++ {
			w := width(words[i:j])
			if w > limit && j > i+1 {
				break
			}
			c := (limit - w) * (limit - w)
			if j == n {
				c = 0
			}
			if c += cost[j]; c < cost[i] {
				cost[i], next[i] = c, j
			}
		}
	}
	for i := 0; i < n; i = next[i] {
		lines = append(lines, words[i:next[i]])
	}
	return lines
}

func set(words []string, limit int, a align, last bool) string {
	line := strings.Join(words, " ")
	gap := limit - width(words)
	if gap <= 0 {
		return line
	}
	switch a {
	case rightAlign:
		return strings.Repeat(" ", gap) + line
	case centerAlign:
		return strings.Repeat(" ", gap/2) + line
	case fullAlign:
		if last || len(words) == 1 {
			break
		}
		var b strings.Builder
		spaces := len(words) - 1
		for i, w := range words {
			b.WriteString(w)
			if i < spaces {
				// The wider gaps are spread from the left.
				extra := gap / spaces
				if i < gap%spaces {
					extra++
				}
				b.WriteString(strings.Repeat(" ", 1+extra))
			}
		}
		return b.String()
	}
	return line
}

func raggedness(lines [][]string, limit int) (sum int) {
	for _, l := range lines[:len(lines)-1] {
		sum += (limit - width(l)) * (limit - width(l))
	}
	return sum
}

func paragraphs(s string) (all [][]string) {
	for p := range strings.SplitSeq(s, "\n\n") {
		all = append(all, strings.Fields(p))
	}
	return all
}

// dropcap sets the first letter over several lines.
func dropcap(lines []string) []string {
	first, size := utf8.DecodeRuneInString(lines[0])
	out := []string{" " + string(first) + "  " + lines[0][size:]}
	for _, l := range lines[1:] {
		out = append(out, "    "+l)
	}
	return out
}

func columns(lines []string, n, w int) (rows []string) {
	height := (len(lines) + n - 1) / n
	for r := range height {
		var b strings.Builder
		for c := range n {
			cell := ""
			if i := c*height + r; i < len(lines) {
				cell = lines[i]
			}
			fmt.Fprintf(&b, "|%-*s", w, cell)
		}
		rows = append(rows, b.String()+"|")
	}
	return rows
}

func main() {
	const limit = 26
	ps := paragraphs(text)
	for _, a := range []align{leftAlign, rightAlign, centerAlign, fullAlign} {
		lines := greedy(ps[0], limit)
		fmt.Printf("%v (%d):\n", a, raggedness(lines, limit))
		for i, l := range lines {
			fmt.Printf("|%s\n", set(l, limit, a, i == len(lines)-1))
		}
	}
	for _, p := range ps {
		for limit := 16; limit < 40; limit += 5 {
			g, s := greedy(p, limit), smooth(p, limit)
			fmt.Println(limit, "greedy", raggedness(g, limit), "smooth", raggedness(s, limit), "lines", len(g), len(s))
		}
		for _, l := range smooth(p, 21) {
			fmt.Println("|" + set(l, 21, leftAlign, false))
		}
	}
	var narrow []string
	for i, l := range smooth(ps[1], 14) {
		narrow = append(narrow, set(l, 14, leftAlign, i < 0))
	}
	for _, row := range columns(dropcap(narrow), 2, 19) {
		fmt.Println(row)
	}
	fmt.Printf("%q\n", greedy(strings.Fields("a extraordinarily long"), 5))
}
