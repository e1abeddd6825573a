// Huffman coding: frequencies, a tree built with a heap, canonical codes, a bit stream, and the way back.

package main

import (
	"bytes"
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

type tree struct {
	weight      int
	symbol      rune
	left, right *tree
	order       int
}

// forest is a heap: the lightest tree comes first, older trees before younger ones.
type forest []*tree

func (f forest) Len() int { return len(f) }
func (f forest) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(f[i].weight, f[j].weight), cmp.Compare(f[i].order, f[j].order)) < 0
}
func (f forest) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f *forest) Push(x any)   { *f = append(*f, x.(*tree)) }
func (f *forest) Pop() any {
	old := *f
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*f = old[:len(old)-1]
	return t
}

func build(text string) *tree {
	counts := map[rune]int{}
	for _, r := range text {
		counts[r]++
	}
	symbols := make([]rune, 0, len(counts))
	for r := range counts {
		symbols = append(symbols, r)
	}
	slices.Sort(symbols)
	var f forest
	for i, r := range symbols {
		f = append(f, &tree{weight: counts[r], symbol: r, order: i})
	}
	heap.Init(&f)
	for order := len(f); f.Len() > 1; order++ {
		a, b := heap.Pop(&f).(*tree), heap.Pop(&f).(*tree)
		heap.Push(&f, &tree{weight: a.weight + b.weight, left: a, right: b, order: order})
	}
	if len(f) == 0 {
		return nil
	}
	return f[0]
}

func (t *tree) depths(depth int, out map[rune]int) {
	switch {
	case t == nil:
	case t.left == nil:
		out[t.symbol] = max(depth, 1)
	default:
		t.left.depths(depth+1, out)
		t.right.depths(depth+1, out)
	}
}

// code is a number of bits.
type code struct {
	bits   uint32
	length int
}

func (c code) String() string { return fmt.Sprintf("%0*b", c.length, c.bits) }

// canonical gives out codes by length and symbol, so that the lengths say everything.
func canonical(lengths map[rune]int) (codes map[rune]code, order []rune) {
	for r := range lengths {
		order = append(order, r)
	}
	slices.SortFunc(order, func(a, b rune) int {
		return cmp.Or(cmp.Compare(lengths[a], lengths[b]), cmp.Compare(a, b))
	})
	codes = make(map[rune]code, len(order))
	next, length := uint32(0), 0
	for _, r := range order {
		next <<= lengths[r] - length
		length = lengths[r]
		codes[r] = code{next, length}
		next++
	}
	return codes, order
}

type bitWriter struct {
	w     io.ByteWriter
	acc   uint32
	n     int
	total int
}

func (b *bitWriter) write(c code) {
	b.total += c.length
	for i := c.length - 1; i >= 0; i-- {
		b.acc = b.acc<<1 | c.bits>>i&1
		if b.n++; b.n == 8 {
			b.w.WriteByte(byte(b.acc))
			b.acc, b.n = 0, 0
		}
	}
}

func (b *bitWriter) flush() {
	for b.n != 0 {
		b.write(code{0, 1})
		b.total--
	}
}

type bitReader struct {
	r   io.ByteReader
	acc byte
	n   int
}

func (b *bitReader) read() (bit uint32, err error) {
	if b.n == 0 {
		if b.acc, err = b.r.ReadByte(); err != nil {
			return 0, err
		}
		b.n = 8
	}
	b.n--
	return uint32(b.acc>>b.n) & 1, nil
}

var errCode = errors.New("no such code")

func decode(data []byte, codes map[rune]code, count int) (string, error) {
	back := make(map[code]rune, len(codes))
	longest := 0
	for r, c := range codes {
		back[c] = r
		longest = max(longest, c.length)
	}
	in := &bitReader{r: bytes.NewReader(data)}
	var out strings.Builder
	for range count {
		var c code
		for {
			bit, err := in.read()
			if err != nil {
				return out.String(), err
			}
			c = code{c.bits<<1 | bit, c.length + 1}
			if r, ok := back[c]; ok {
				out.WriteRune(r)
				break
			}
			if c.length > longest {
				return out.String(), errCode
			}
		}
	}
	return out.String(), nil
}

func entropy(text string) (bits float64) {
	counts := map[rune]int{}
	total := 0.0
	for _, r := range text {
		counts[r]++
		total++
	}
	symbols := []rune{}
	for r := range counts {
		symbols = append(symbols, r)
	}
	slices.Sort(symbols)
	for _, r := range symbols {
		p := float64(counts[r]) / total
		bits -= p * math.Log2(p)
	}
	return bits
}

func (t *tree) show(prefix string, last bool, out *[]string) {
	if t == nil {
		return
	}
	branch, next := "├─", "│ "
	if last {
		branch, next = "└─", "  "
	}
	label := fmt.Sprint(t.weight)
	if t.left == nil {
		label = fmt.Sprintf("%d %q", t.weight, t.symbol)
	}
	*out = append(*out, prefix+branch+label)
	t.left.show(prefix+next, false, out)
	t.right.show(prefix+next, true, out)
}

func main() {
	for _, text := range []string{"mississippi river", "aaaa", "", "größere Bäume, größere Träume", strings.Repeat("abcdefgh", 8)} {
		root := build(text)
		lengths := map[rune]int{}
		root.depths(0, lengths)
		codes, order := canonical(lengths)
		var buf bytes.Buffer
		w := &bitWriter{w: &buf}
		count := 0
		for _, r := range text {
			w.write(codes[r])
			count++
		}
		w.flush()
		back, err := decode(buf.Bytes(), codes, count)
		perSymbol := 0.0
		if count > 0 {
			perSymbol = float64(w.total) / float64(count)
		}
		fmt.Printf("%.10q: %d symbols, %d kinds, %d bits, %d bytes, %.3f >= %.3f, back %t %v\n", text, count, len(order), w.total, buf.Len(), perSymbol, entropy(text)+0, back == text, err)
		for _, r := range order[:min(4, len(order))] {
			fmt.Printf("  %q %v", r, codes[r])
		}
		fmt.Println()
		prefixFree := true
		for a, x := range codes {
			for b, y := range codes {
				if a != b && strings.HasPrefix(y.String(), x.String()) {
					prefixFree = false
				}
			}
		}
		if !prefixFree {
			fmt.Println("not free of prefixes")
		}
		if count > 4 && count < 20 {
			_, err = decode(buf.Bytes()[:2], codes, count)
			fmt.Println("  cut:", err)
			var lines []string
			root.show("", true, &lines)
			fmt.Println(strings.Join(lines, "\n"))
		}
	}
	partial := map[rune]code{'a': {0, 1}}
	_, err := decode([]byte{0b01000000}, partial, 2)
	fmt.Println(err, errors.Is(err, errCode), code{5, 4}, code{})
}
