// Numbers and text: strconv in every base, quoting, parsing errors, and the functions of strings and bytes.

package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// roman writes a number as the Romans did.
func roman(n int) string {
	var b strings.Builder
	for _, d := range []struct {
		value int
		text  string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for ; n >= d.value; n -= d.value {
			b.WriteString(d.text)
		}
	}
	return b.String()
}

func fromRoman(s string) (n int, err error) {
	values := map[byte]int{'I': 1, 'V': 5, 'X': 10, 'L': 50, 'C': 100, 'D': 500, 'M': 1000}
	for i := range len(s) {
		v, ok := values[s[i]]
		if !ok {
			return 0, fmt.Errorf("fromRoman: %q at %d", s[i], i)
		}
		if i+1 < len(s) && v < values[s[i+1]] {
			v = -v
		}
		n += v
	}
	if roman(n) != s {
		return n, fmt.Errorf("fromRoman: %s should be %s", s, roman(n))
	}
	return n, nil
}

// inWords spells a number below a million.
func inWords(n int) string {
	small := strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	tens := strings.Fields("- - twenty thirty forty fifty sixty seventy eighty ninety")
	switch {
	case n < 0:
		return "minus " + inWords(-n)
	case n < 20:
		return small[n]
	case n < 100:
		if n%10 == 0 {
			return tens[n/10]
		}
		return tens[n/10] + "-" + small[n%10]
	case n < 1000:
		return strings.TrimSuffix(small[n/100]+" hundred "+inWords(n%100), " zero")
	}
	return strings.TrimSuffix(inWords(n/1000)+" thousand "+inWords(n%1000), " zero")
}

func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "'" + s[i:]
	}
	return sign + s
}

// factoradic writes a number in the base of growing factors.
func factoradic(n int) string {
	s := ""
	for base := 1; n > 0 || s == ""; base++ {
		s = strconv.Itoa(n%base) + ":" + s
		n /= base
	}
	return strings.TrimSuffix(s, ":")
}

func main() {
	for _, base := range []int{2, 3, 8, 16, 36} {
		s := strconv.FormatInt(-123456, base)
		back, err := strconv.ParseInt(s, base, 64)
		fmt.Print(base, ":", s, " ", back, err, "; ")
	}
	fmt.Println(strconv.FormatUint(math.MaxUint64, 36), string(strconv.AppendInt([]byte("n="), 42, 10)))
	for _, s := range []string{"42", "-0x2A", "0b101", "0o17", "017", "1_000", "", "+7", "9223372036854775808", "1.5", " 1", "0x"} {
		n, err := strconv.ParseInt(s, 0, 64)
		var ne *strconv.NumError
		reason := error(nil)
		if errors.As(err, &ne) {
			reason = ne.Err
		}
		fmt.Print(strconv.Quote(s), "=", n, " ", reason, "; ")
	}
	fmt.Println()
	for _, bits := range []int{8, 16, 32} {
		n, err := strconv.ParseInt("40000", 10, bits)
		u, err2 := strconv.ParseUint("-1", 10, bits)
		fmt.Println(n, err, u, err2)
	}
	for _, s := range []string{"true", "F", "1", "yes"} {
		b, err := strconv.ParseBool(s)
		fmt.Print(b, " ", err, "; ")
	}
	fmt.Println()
	z, err := strconv.ParseComplex("3-4i", 128)
	fmt.Println(z, err, strconv.FormatComplex(z, 'f', 1, 64), strconv.FormatFloat(1234.5678, 'e', -1, 64), strconv.FormatFloat(0.000001, 'g', 3, 32), strconv.FormatFloat(math.Pi, 'b', -1, 32))

	for _, s := range []string{"plain", "tab\t\"quote\" \\", "日本\u200b\x00\xff", "new\nline", "☺"} {
		fmt.Print(strconv.Quote(s), " ", strconv.QuoteToASCII(s), " ", strconv.CanBackquote(s), "; ")
	}
	fmt.Println(strconv.QuoteRune('☺'), strconv.QuoteRuneToASCII('☺'), strconv.QuoteToGraphic("\u200b\t"), strconv.IsPrint('\u00ad'))
	for _, q := range []string{`"a\tb"`, "`raw\\n`", `'x'`, `"open`, `"bad \q"`, `"\u00e9\x41\101"`, `plain`} {
		s, err := strconv.Unquote(q)
		fmt.Printf("%q %v; ", s, err)
	}
	r, multibyte, tail, err := strconv.UnquoteChar(`\u65e5rest`, '"')
	fmt.Println(string(r), multibyte, tail, err)

	for _, n := range []int{1, 4, 9, 14, 1994, 2024, 3999} {
		back, err := fromRoman(roman(n))
		fmt.Print(roman(n), " ", back, err, "; ")
	}
	_, err = fromRoman("IIII")
	_, err2 := fromRoman("MCQ")
	fmt.Println(err, err2)
	fmt.Println(inWords(0), "|", inWords(13), "|", inWords(-42), "|", inWords(700), "|", inWords(12345), "|", inWords(100000))
	fmt.Println(grouped(0), grouped(-999), grouped(1000), grouped(math.MinInt64), factoradic(463), factoradic(0))

	s := "one, two,three,, four"
	fmt.Printf("%q %q %q %q\n", strings.Split(s, ","), strings.SplitN(s, ",", 2), strings.SplitAfter("a.b.c", "."), strings.Split("", ","))
	before, after, found := strings.Cut(s, ", ")
	fmt.Println(before, "|", after, found, strings.Count(s, ","), strings.Count("abc", ""), strings.LastIndex(s, ","), strings.IndexByte(s, 'z'), strings.ContainsAny(s, "xyzw"))
	fmt.Println(strings.Replace("aaaa", "a", "b", 2), strings.ReplaceAll("aaaa", "aa", "b"), strings.ReplaceAll("ab", "", "-"), strings.Repeat("=-", 3), strings.TrimLeft("xxyxz", "xy"), strings.TrimPrefix("xxyxz", "xy"), strings.Trim("  \tpad\n ", " \n\t"))
	fmt.Println(strings.NewReplacer("<", "&lt;", ">", "&gt;", "&", "&amp;").Replace("<a&b>"), strings.NewReplacer("a", "1", "aa", "2", "aaa", "3").Replace("aaaa"), strings.NewReplacer("abc", "x", "ab", "y").Replace("abcab"))
	fmt.Println(strings.HasPrefix(s, "one"), strings.HasSuffix(s, "our"), strings.EqualFold("Straße", "STRASSE"), strings.ToTitle("ǆ"), strings.ContainsFunc(s, unicode.IsUpper), strings.Join([]string{"only"}, ", "))
	for part := range strings.SplitAfterSeq("k1=v1;k2=v2", ";") {
		fmt.Print(part, "|")
	}
	for word := range strings.FieldsFuncSeq("a-b_c", func(r rune) bool { return r == '-' || r == '_' }) {
		fmt.Print(word, "|")
	}
	fmt.Println()
	b := []byte("bytes are mutable")
	copy(b[10:], "MUT")
	fmt.Println(string(b), bytes.Index(b, []byte("MUT")), bytes.Compare([]byte("a"), []byte("b")), string(bytes.Join([][]byte{b[:2], b[3:5]}, []byte("+"))), bytes.ContainsRune(b, 'M'), string(bytes.TrimRight(b, "elb")), bytes.Fields([]byte(" a  b ")))
	var buf bytes.Buffer
	buf.WriteString("hello ")
	buf.Write([]byte("world"))
	buf.Truncate(8)
	line, err := buf.ReadString('w')
	fmt.Printf("%q %v %d %q %v\n", line, err, buf.Len(), buf.Next(5), buf.UnreadByte())
}
