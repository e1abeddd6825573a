// Runes and bytes: strings as UTF-8, valid and not, walked in both ways.

package main

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

func reverse(s string) string {
	rs := []rune(s)
	for i, j := 0, len(rs)-1; i < j; i, j = i+1, j-1 {
		rs[i], rs[j] = rs[j], rs[i]
	}
	return string(rs)
}

func positions(s string) string {
	var b strings.Builder
	for i, r := range s {
		fmt.Fprintf(&b, "%d:%q ", i, r)
	}
	return strings.TrimSpace(b.String())
}

func classes(s string) map[string]int {
	counts := map[string]int{}
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			counts["upper"]++
		case unicode.IsLower(r):
			counts["lower"]++
		case unicode.IsLetter(r):
			counts["letter"]++
		case unicode.IsDigit(r):
			counts["digit"]++
		case unicode.IsSpace(r):
			counts["space"]++
		case unicode.IsPunct(r):
			counts["punct"]++
		case unicode.IsSymbol(r):
			counts["symbol"]++
		case r == utf8.RuneError:
			counts["error"]++
		default:
			counts["other"]++
		}
	}
	return counts
}

func rot13(r rune) rune {
	switch {
	case 'a' <= r && r <= 'z':
		return 'a' + (r-'a'+13)%26
	case 'A' <= r && r <= 'Z':
		return 'A' + (r-'A'+13)%26
	}
	return r
}

func isPalindrome(s string) bool {
	var rs []rune
	for _, r := range s {
		if unicode.IsLetter(r) {
			rs = append(rs, unicode.ToLower(r))
		}
	}
	for i := range len(rs) / 2 {
		if rs[i] != rs[len(rs)-1-i] {
			return false
		}
	}
	return true
}

func main() {
	const text = "Größe: 42 €, 日本 ✓"
	fmt.Println(len(text), utf8.RuneCountInString(text), len([]rune(text)))
	fmt.Println(positions("aé日𝄞"))
	fmt.Println(positions("a\xffb\xc3"))
	fmt.Println(reverse("Hello, 世界"), reverse("né"))
	fmt.Println(classes(text + "\xfe"))
	fmt.Println(strings.Map(rot13, "Hello, Wörld"), strings.Map(rot13, strings.Map(rot13, "Back")))
	fmt.Println(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToTitle(r)
	}, "no spaces ǆ ß"))

	// Bytes and strings convert by copying.
	s := "grün"
	b := []byte(s)
	b[0] = 'G'
	fmt.Println(s, string(b), b, s[2], s[2:4], string(s[1]))
	rs := []rune(s)
	rs[2] = 'u'
	fmt.Println(string(rs), len(string(rs)), string(rune(0x20AC)), string(rune(-1)) == "\uFFFD")
	fmt.Printf("%x % x %q %+q %#q %U\n", s, s, s, s, "raw", []rune(s))
	fmt.Printf("%c %d %q %U %#U %x\n", 'é', 'é', 'é', 'é', '日', '日')

	// Encoding and decoding by hand.
	var buf []byte
	for _, r := range []rune{'A', 'é', '€', '𝄞', 0xD800} {
		buf = utf8.AppendRune(buf, r)
		fmt.Print(utf8.RuneLen(r), " ")
	}
	fmt.Println(len(buf), utf8.Valid(buf))
	for len(buf) > 0 {
		r, n := utf8.DecodeRune(buf)
		fmt.Printf("%U/%d ", r, n)
		buf = buf[n:]
	}
	last, n := utf8.DecodeLastRuneInString("naïve€")
	fmt.Printf("| %c %d\n", last, n)
	fmt.Println(utf8.ValidString("ok"), utf8.ValidString("a\xff"), strings.ToValidUTF8("a\xffb\xfe\xfdc", "?"))
	fmt.Println(utf8.FullRune([]byte("\xe2\x82")), utf8.RuneStart("é"[1]), utf8.RuneCount([]byte("a\xffb")))
	fmt.Printf("%04x %q\n", utf16.Encode([]rune("a𝄞")), string(utf16.Decode([]uint16{0x61, 0xd834, 0xdd1e, 0xd800})))

	// Cases, folding, trimming, fields by rune.
	fmt.Println(strings.ToUpper("straße ŉ"), strings.ToLower("ÀÉÎ İ"), strings.EqualFold("ΣΑΣ", "σας"), unicode.SimpleFold('K'))
	fmt.Printf("%q\n", strings.FieldsFunc("a1b22c333d", unicode.IsDigit))
	fmt.Printf("%q\n", strings.TrimFunc("¡¡Hola, ¿qué tal?!", func(r rune) bool { return !unicode.IsLetter(r) }))
	fmt.Println(strings.IndexRune("chicken", 'k'), strings.IndexRune("日本語", '語'), strings.IndexAny("golang", "ny"), strings.LastIndexByte("golang", 'g'))
	fmt.Println(isPalindrome("A man, a plan, a canal: Panama"), isPalindrome("Reliefpfeiler"), isPalindrome("Go"))
	fmt.Println(unicode.Is(unicode.Han, '世'), unicode.In('я', unicode.Latin, unicode.Cyrillic), unicode.IsControl('\t'), unicode.IsPrint('\u00a0'))
	fmt.Println(bytes.EqualFold([]byte("Go"), []byte("GO")), bytes.Runes([]byte("né")), bytes.Title([]byte("x")) != nil)
	fmt.Println("z" < "é", "Z" < "a", strings.Compare("a", "b"), "abc" < "abcd", "\xff" > "\u00ff")
	fmt.Printf("[%6s] [%-6s] [%06d] [%.2s] [%6.3s]\n", "né", "né", 42, "日本語", "日本語x")
	var w strings.Builder
	for i, r := range []byte("né") {
		fmt.Fprintf(&w, "%d=%d,", i, r)
	}
	fmt.Println(w.String())
}
