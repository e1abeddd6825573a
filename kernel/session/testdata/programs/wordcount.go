// Word count: the words of a text, how often they occur, and a histogram of their lengths.

package main

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"
)

const poem = `The sea is calm tonight.
The tide is full, the moon lies fair
Upon the straits; on the French coast the light
Gleams and is gone; the cliffs of England stand,
Glimmering and vast, out in the tranquil bay.
Come to the window, sweet is the night-air!`

type entry struct {
	word  string
	count int
	lines []int
}

// An index knows where each word stands.
type index struct {
	entries map[string]*entry
	total   int
}

func newIndex(text string) *index {
	ix := &index{entries: map[string]*entry{}}
	lines := bufio.NewScanner(strings.NewReader(text))
	for number := 1; lines.Scan(); number++ {
		words := bufio.NewScanner(strings.NewReader(lines.Text()))
		words.Split(bufio.ScanWords)
		for words.Scan() {
			ix.add(words.Text(), number)
		}
	}
	return ix
}

func (ix *index) add(word string, line int) {
	word = strings.ToLower(strings.TrimFunc(word, unicode.IsPunct))
	if word == "" {
		return
	}
	ix.total++
	e, ok := ix.entries[word]
	if !ok {
		e = &entry{word: word}
		ix.entries[word] = e
	}
	e.count++
	if len(e.lines) == 0 || e.lines[len(e.lines)-1] != line {
		e.lines = append(e.lines, line)
	}
}

// top returns the n most frequent words, ties in alphabetical order.
func (ix *index) top(n int) []*entry {
	all := slices.Collect(maps.Values(ix.entries))
	slices.SortFunc(all, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.word, b.word))
	})
	return all[:min(n, len(all))]
}

func (ix *index) byLength() map[int][]string {
	groups := map[int][]string{}
	for _, word := range slices.Sorted(maps.Keys(ix.entries)) {
		groups[len(word)] = append(groups[len(word)], word)
	}
	return groups
}

func count(text string) (lines, words, chars, letters int) {
	inWord := false
	for _, r := range text {
		chars++
		if r == '\n' {
			lines++
		}
		if unicode.IsLetter(r) {
			letters++
		}
		if space := unicode.IsSpace(r); !space && !inWord {
			words, inWord = words+1, true
		} else if space {
			inWord = false
		}
	}
	return
}

func main() {
	fmt.Println(count(poem))
	ix := newIndex(poem)
	fmt.Println("words:", ix.total, "different:", len(ix.entries))

	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(w, "word\tcount\tshare\tlines\t")
	for _, e := range ix.top(6) {
		share := 100 * float64(e.count) / float64(ix.total)
		fmt.Fprintf(w, "%s\t%d\t%.1f%%\t%s\t\n", e.word, e.count, share, strings.Trim(fmt.Sprint(e.lines), "[]"))
	}
	w.Flush()

	groups := ix.byLength()
	for _, n := range slices.Sorted(maps.Keys(groups)) {
		words := groups[n]
		fmt.Printf("%2d %-12s %s\n", n, strings.Repeat("#", len(words)), strings.Join(words[:min(3, len(words))], " "))
	}

	letters := map[rune]int{}
	for _, r := range strings.ToLower(poem) {
		if unicode.IsLetter(r) {
			letters[r]++
		}
	}
	rarest := slices.MinFunc(slices.Sorted(maps.Keys(letters)), func(a, b rune) int { return cmp.Compare(letters[a], letters[b]) })
	fmt.Printf("%d letters, rarest %c, e %d times, q %d\n", len(letters), rarest, letters['e'], letters['q'])
	if e := ix.entries["glimmering"]; e != nil {
		fmt.Println(*e)
	}
	fmt.Println(ix.entries["absent"] == nil, len(newIndex(" \n... !").entries))
}
