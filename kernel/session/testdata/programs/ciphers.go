// Old ciphers: Caesar, Vigenère, rail fence, Playfair, Morse, and breaking one by frequencies.

package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A cipher encrypts and decrypts.
type cipher interface {
	Encrypt(string) string
	Decrypt(string) string
}

func shift(r rune, by int) rune {
	rotate := func(base rune) rune { return base + rune(((int(r-base)+by)%26+26)%26) }
	switch {
	case r >= 'a' && r <= 'z':
		return rotate('a')
	case r >= 'A' && r <= 'Z':
		return rotate('A')
	}
	return r
}

type caesar int

func (c caesar) Encrypt(s string) string {
	return strings.Map(func(r rune) rune { return shift(r, int(c)) }, s)
}
func (c caesar) Decrypt(s string) string { return (-c).Encrypt(s) }

type vigenere string

func (v vigenere) apply(s string, sign int) string {
	i := 0
	return strings.Map(func(r rune) rune {
		out := shift(r, sign*int(v[i%len(v)]-'a'))
		if out != r || strings.ContainsRune("abcdefghijklmnopqrstuvwxyz", r|0x20) {
			i++
		}
		return out
	}, s)
}
func (v vigenere) Encrypt(s string) string { return v.apply(s, 1) }
func (v vigenere) Decrypt(s string) string { return v.apply(s, -1) }

// A rail fence writes in a zigzag and reads by rows.
type railFence int

func (f railFence) order(n int) []int {
	rails := make([][]int, f)
	row, step := 0, 1
	for i := range n {
		rails[row] = append(rails[row], i)
		if next := row + step; next < 0 || next >= int(f) {
			step = -step
		}
		row += step
	}
	return slices.Concat(rails...)
}

func (f railFence) Encrypt(s string) string {
	in := []rune(s)
	out := make([]rune, 0, len(in))
	for _, i := range f.order(len(in)) {
		out = append(out, in[i])
	}
	return string(out)
}

func (f railFence) Decrypt(s string) string {
	in := []rune(s)
	out := make([]rune, len(in))
	for k, i := range f.order(len(in)) {
		out[i] = in[k]
	}
	return string(out)
}

type playfair struct {
	square [25]byte
	at     map[byte]int
}

func newPlayfair(key string) *playfair {
	p := &playfair{at: map[byte]int{}}
	n := 0
	for _, c := range []byte(key + "abcdefghiklmnopqrstuvwxyz") {
		if _, used := p.at[c]; !used && c != 'j' {
			p.at[c], p.square[n] = n, c
			n++
		}
	}
	return p
}

func (p *playfair) apply(pairs []byte, by int) string {
	var b strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		r1, c1 := p.at[pairs[i]]/5, p.at[pairs[i]]%5
		r2, c2 := p.at[pairs[i+1]]/5, p.at[pairs[i+1]]%5
		switch {
		case r1 == r2:
			c1, c2 = (c1+by)%5, (c2+by)%5
		case c1 == c2:
			r1, r2 = (r1+by)%5, (r2+by)%5
		default:
			c1, c2 = c2, c1
		}
		b.WriteByte(p.square[r1*5+c1])
		b.WriteByte(p.square[r2*5+c2])
	}
	return b.String()
}

func (p *playfair) Encrypt(s string) string {
	var letters []byte
	for _, c := range []byte(strings.ToLower(s)) {
		if c == 'j' {
			c = 'i'
		}
		if c < 'a' || c > 'z' {
			continue
		}
		if len(letters)%2 == 1 && letters[len(letters)-1] == c {
			letters = append(letters, 'x')
		}
		letters = append(letters, c)
	}
	if len(letters)%2 == 1 {
		letters = append(letters, 'x')
	}
	return p.apply(letters, 1)
}
func (p *playfair) Decrypt(s string) string { return p.apply([]byte(s), 4) }

type composed []cipher

func (c composed) Encrypt(s string) string {
	for _, x := range c {
		s = x.Encrypt(s)
	}
	return s
}
func (c composed) Decrypt(s string) string {
	for i := range c {
		s = c[len(c)-1-i].Decrypt(s)
	}
	return s
}

var english = [26]float64{8.2, 1.5, 2.8, 4.3, 12.7, 2.2, 2, 6.1, 7, 0.2, 0.8, 4, 2.4, 6.7, 7.5, 1.9, 0.1, 6, 6.3, 9.1, 2.8, 1, 2.4, 0.2, 2, 0.1}

// breakCaesar tries every key and takes the one whose letters look most like English.
func breakCaesar(secret string) (key caesar, chi float64) {
	chi = math.Inf(1)
	for k := range caesar(26) {
		var counts [26]float64
		total := 0.0
		for _, c := range []byte(strings.ToLower(k.Decrypt(secret))) {
			if c >= 'a' && c <= 'z' {
				counts[c-'a']++
				total++
			}
		}
		sum := 0.0
		for i, n := range counts {
			want := english[i] / 100 * total
			sum += (n - want) * (n - want) / want
		}
		if sum < chi {
			key, chi = k, sum
		}
	}
	return key, chi
}

var morse = map[rune]string{'S': "...", 'O': "---", 'G': "--.", 'E': ".", 'T': "-", 'R': ".-.", 'N': "-.", 'A': ".-", ' ': "/"}

func toMorse(s string) string {
	var codes []string
	for _, r := range strings.ToUpper(s) {
		code, ok := morse[r]
		if !ok {
			code = "?"
		}
		codes = append(codes, code)
	}
	return strings.Join(codes, " ")
}

func fromMorse(s string) string {
	back := map[string]rune{}
	for r, code := range morse {
		back[code] = r
	}
	var b strings.Builder
	for _, code := range strings.Fields(s) {
		b.WriteRune(back[code])
	}
	return b.String()
}

func main() {
	const message = "Meet me at the old Bridge, balloon at 7!"
	ciphers := []struct {
		name string
		cipher
	}{
		{"caesar", caesar(3)}, {"rot -29", caesar(-29)}, {"vigenère", vigenere("lemon")}, {"rail", railFence(3)},
		{"playfair", newPlayfair("monarchy")}, {"composed", composed{caesar(5), railFence(4), vigenere("go"), composed{}}},
	}
	for _, c := range ciphers {
		secret := c.Encrypt(message)
		plain := c.Decrypt(secret)
		fmt.Printf("%s: %s | %s %t\n", c.name, secret, plain, plain == message)
	}
	secret := caesar(17).Encrypt("it was the best of times it was the worst of times")
	key, chi := breakCaesar(secret)
	fmt.Printf("%s %d %.1f %s\n", secret, key, chi, key.Decrypt(secret))
	fmt.Println(toMorse("sos go x"), fromMorse(toMorse("great ones")))
	for row := range slices.Chunk(newPlayfair("playfair").square[:], 5) {
		fmt.Printf("%s ", row)
	}
	fmt.Println()
	fmt.Println(railFence(3).order(9), string(newPlayfair("xyz").square[:10]))
}
