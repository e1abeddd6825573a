// Tries: a prefix tree for completion, patterns with wildcards, and Aho-Corasick for many words at once.

package main

import (
	"fmt"
	"slices"
	"strings"
)

type trie struct {
	next   map[rune]*trie
	word   bool
	weight int
	fail   *trie
	ends   []string
}

func newTrie(words ...string) *trie {
	t := &trie{next: map[rune]*trie{}}
	for _, w := range words {
		t.insert(w)
	}
	return t
}

func (t *trie) insert(word string) {
	for _, r := range word {
		if t.next[r] == nil {
			t.next[r] = newTrie()
		}
		t = t.next[r]
	}
	t.word = true
	t.weight++
}

func (t *trie) walkTo(prefix string) *trie {
	for _, r := range prefix {
		if t = t.next[r]; t == nil {
			return nil
		}
	}
	return t
}

// delete reports whether the word was there; branches without words disappear.
func (t *trie) delete(word string) bool {
	runes := []rune(word)
	var remove func(n *trie, i int) bool
	remove = func(n *trie, i int) bool {
		if i == len(runes) {
			was := n.word
			n.word, n.weight = false, 0
			return was
		}
		child := n.next[runes[i]]
		if child == nil || !remove(child, i+1) {
			return false
		}
		if !child.word && len(child.next) == 0 {
			delete(n.next, runes[i])
		}
		return true
	}
	return remove(t, 0)
}

func (t *trie) runes() []rune {
	keys := make([]rune, 0, len(t.next))
	for r := range t.next {
		keys = append(keys, r)
	}
	slices.Sort(keys)
	return keys
}

// words calls f with every word below, in order, until it returns false.
func (t *trie) words(prefix string, f func(string, int) bool) bool {
	if t.word && !f(prefix, t.weight) {
		return false
	}
	for _, r := range t.runes() {
		if !t.next[r].words(prefix+string(r), f) {
			return false
		}
	}
	return true
}

func (t *trie) complete(prefix string, limit int) (found []string) {
	n := t.walkTo(prefix)
	if n == nil {
		return nil
	}
	weights := map[string]int{}
	n.words(prefix, func(w string, weight int) bool {
		found = append(found, w)
		weights[w] = weight
		return true
	})
	slices.SortStableFunc(found, func(a, b string) int { return weights[b] - weights[a] })
	return found[:min(limit, len(found))]
}

// match knows ? for one letter and * for any number.
func (t *trie) match(pattern string) (found []string) {
	seen := map[string]bool{}
	var walk func(n *trie, rest []rune, prefix string)
	walk = func(n *trie, rest []rune, prefix string) {
		if len(rest) == 0 {
			if n.word && !seen[prefix] {
				seen[prefix] = true
				found = append(found, prefix)
			}
			return
		}
		switch rest[0] {
		case '*':
			walk(n, rest[1:], prefix)
			for _, r := range n.runes() {
				walk(n.next[r], rest, prefix+string(r))
			}
		case '?':
			for _, r := range n.runes() {
				walk(n.next[r], rest[1:], prefix+string(r))
			}
		default:
			if c := n.next[rest[0]]; c != nil {
				walk(c, rest[1:], prefix+string(rest[0]))
			}
		}
	}
	walk(t, []rune(pattern), "")
	slices.Sort(found)
	return found
}

// near finds the words within a number of edits, a row of the table for each node.
func (t *trie) near(word string, most int) (found []string) {
	target := []rune(word)
	first := make([]int, len(target)+1)
	for i := range first {
		first[i] = i
	}
	var walk func(n *trie, prefix string, row []int)
	walk = func(n *trie, prefix string, row []int) {
		if n.word && row[len(target)] <= most {
			found = append(found, fmt.Sprint(prefix, ":", row[len(target)]))
		}
		if slices.Min(row) > most {
			return
		}
		for _, r := range n.runes() {
			next := []int{row[0] + 1}
			for i, c := range target {
				cost := 1
				if c == r {
					cost = 0
				}
				next = append(next, min(next[i]+1, row[i+1]+1, row[i]+cost))
			}
			walk(n.next[r], prefix+string(r), next)
		}
	}
	walk(t, "", first)
	return found
}

// link adds the failure links: where to go on when the text does not fit.
func (t *trie) link() {
	type place struct {
		n    *trie
		text string
	}
	queue := []place{{t, ""}}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		if p.n.word {
			p.n.ends = append([]string{p.text}, p.n.ends...)
		}
		for _, r := range p.n.runes() {
			c := p.n.next[r]
			c.fail = t
			for f := p.n.fail; f != nil; f = f.fail {
				if n := f.next[r]; n != nil {
					c.fail = n
					break
				}
			}
			c.ends = slices.Clone(c.fail.ends)
			queue = append(queue, place{c, p.text + string(r)})
		}
	}
}

// scan finds all places of all words in one pass.
func (t *trie) scan(text string) (hits []string) {
	n := t
	for i, r := range text {
		for n != t && n.next[r] == nil {
			n = n.fail
		}
		if c := n.next[r]; c != nil {
			n = c
		}
		for _, w := range n.ends {
			hits = append(hits, fmt.Sprintf("%s@%d", w, i+len(string(r))-len(w)))
		}
	}
	return hits
}

func (t *trie) count() (nodes, words int) {
	nodes = 1
	if t.word {
		words = 1
	}
	for _, c := range t.next {
		n, w := c.count()
		nodes, words = nodes+n, words+w
	}
	return
}

func main() {
	t := newTrie(strings.Fields("car card care careful cat cart dog do door größe groß groß grün cat cat")...)
	fmt.Println(t.count())
	fmt.Println(t.complete("ca", 3), t.complete("gr", 9), t.complete("x", 3), t.complete("dog", 1), len(t.complete("", 100)))
	fmt.Println(t.match("c?r"), t.match("*r"), t.match("gr??"), t.match("*o*"), t.match("?"), t.match("card"))
	fmt.Println(t.near("cars", 1), t.near("gruen", 2), t.near("zebra", 1))
	fmt.Println(t.delete("card"), t.delete("card"), t.delete("carefu"), t.delete("nothing"), t.complete("car", 9))
	fmt.Println(t.count())
	fmt.Println(t.delete("careful"), t.walkTo("caref") == nil, t.walkTo("care") != nil)
	first := ""
	complete := t.words("", func(w string, _ int) bool {
		first = w
		return w < "cart"
	})
	fmt.Println(first, complete)

	ac := newTrie("he", "she", "his", "hers", "is", "s")
	ac.link()
	fmt.Println(ac.scan("ushers"), ac.scan("this is his"), ac.scan("xyz"))
	umlaut := newTrie("ü", "für", "r")
	umlaut.link()
	fmt.Println(umlaut.scan("dafür über"))
	var found []string
	for _, h := range ac.scan(strings.Repeat("hershe", 3)) {
		if strings.HasPrefix(h, "hers@") {
			found = append(found, h)
		}
	}
	fmt.Println(found, newTrie().complete("", 1) == nil)
}
