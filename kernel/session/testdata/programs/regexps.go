// Regular expressions: finding, groups, replacing, splitting, and their limits.

package main

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

const mail = `From: Ann Lee <ann.lee@example.com>
To: bob@test.org, "C. D." <cd+x@sub.domain.co.uk>
Date: 2024-03-15 and 2023-12-01
Call 555-1234 or (030) 555 9876. Price: $12.50, EUR 7,99
See https://go.dev/doc?x=1#top and http://example.com/.`

var (
	address = regexp.MustCompile(`[\w.+-]+@(?:\w+\.)+[a-z]{2,}`)
	date    = regexp.MustCompile(`(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)`)
	header  = regexp.MustCompile(`(?m)^(\w+):\s*(.*)$`)
	link    = regexp.MustCompile(`(https?)://([^\s/]+)(/[^\s?#]*)?(?:\?([^\s#]*))?`)
)

// A rule maps a pattern to a kind of token.
type rule struct {
	kind    string
	pattern *regexp.Regexp
}

func lex(rules []rule, input string) (tokens []string, err error) {
next:
	for pos := 0; pos < len(input); {
		for _, r := range rules {
			loc := r.pattern.FindStringIndex(input[pos:])
			if loc == nil || loc[0] != 0 || loc[1] == 0 {
				continue
			}
			if r.kind != "" {
				tokens = append(tokens, r.kind+":"+input[pos:pos+loc[1]])
			}
			pos += loc[1]
			continue next
		}
		return tokens, fmt.Errorf("cannot read %q at %d", input[pos:pos+1], pos)
	}
	return tokens, nil
}

func named(re *regexp.Regexp, s string) map[string]string {
	m := re.FindStringSubmatch(s)
	if m == nil {
		return nil
	}
	groups := map[string]string{}
	for i, name := range re.SubexpNames() {
		if name != "" {
			groups[name] = m[i]
		}
	}
	return groups
}

func main() {
	fmt.Printf("%q\n", address.FindAllString(mail, -1))
	fmt.Println(address.FindStringIndex(mail), address.FindAllStringIndex(mail, 2), address.MatchString("nobody"))
	fmt.Println(named(date, mail), date.SubexpIndex("month"), date.NumSubexp(), named(date, "no"))
	for _, m := range header.FindAllStringSubmatch(mail, -1) {
		fmt.Printf("%s=%q ", m[1], m[2][:min(10, len(m[2]))])
	}
	fmt.Println()
	for _, m := range link.FindAllStringSubmatchIndex(mail, -1) {
		fmt.Print(m, " ")
	}
	fmt.Printf("%q\n", link.FindStringSubmatch(mail))

	// Replacing with templates, literally, and by functions.
	fmt.Println(date.ReplaceAllString("on 2024-03-15", "${day}.$month.$1"), date.ReplaceAllLiteralString("on 2024-03-15", "$1"))
	fmt.Println(regexp.MustCompile(`\b[a-z]`).ReplaceAllStringFunc("the quick brown", strings.ToUpper))
	fmt.Println(string(date.ExpandString(nil, "$year/$month ($0)", mail, date.FindStringSubmatchIndex(mail))))
	snake := regexp.MustCompile(`([a-z0-9])([A-Z])`)
	fmt.Println(strings.ToLower(snake.ReplaceAllString("someHTTPServerName2Go", "${1}_$2")), snake.ReplaceAllString("aB", "$1x$2"))
	fmt.Println(regexp.MustCompile(`a*`).ReplaceAllString("baaac", "-"), regexp.MustCompile(`(a)(b)?`).ReplaceAllString("ab a", "[$2|$1]"))

	fmt.Printf("%q\n", regexp.MustCompile(`\s*[,;]\s*`).Split("a , b;c,,d", -1))
	fmt.Printf("%q %q\n", regexp.MustCompile(``).Split("abc", -1), regexp.MustCompile(`x`).Split("1x2x3", 2))

	// Greedy and lazy, flags, classes, anchors, alternatives.
	for _, c := range []struct{ pattern, text string }{
		{`<.+>`, "<a><b>"}, {`<.+?>`, "<a><b>"}, {`(?i)go+`, "GoOO"}, {`(?s)a.b`, "a\nb"}, {`a.b`, "a\nb"}, {`^\p{Lu}\p{Ll}*$`, "Ärger"},
		{`[^[:alpha:]]+`, "ab12cd"}, {`(a|ab)(c|bcd)`, "abcd"}, {`\Aab\z`, "ab\n"}, {`(?:x{2,3}){2}`, "xxxxx"}, {`\x41\.\Q.*\E`, "A..*"}, {`[\d-]+\bk`, "12-3k"},
	} {
		fmt.Printf("%s:%q ", c.pattern, regexp.MustCompile(c.pattern).FindString(c.text))
	}
	fmt.Println()
	posix := regexp.MustCompilePOSIX(`(a|ab)(c|bcd)?`)
	fmt.Printf("%q %q\n", posix.FindString("abcd"), regexp.MustCompile(`(a|ab)(c|bcd)?`).FindString("abcd"))

	rules := []rule{{"", regexp.MustCompile(`^\s+`)}, {"num", regexp.MustCompile(`^\d+(\.\d+)?`)}, {"id", regexp.MustCompile(`^\pL\w*`)}, {"op", regexp.MustCompile(`^(:=|[-+*/()])`)}}
	fmt.Println(lex(rules, "area := 3.14*(r + 10)"))
	fmt.Println(lex(rules, "x ? y"))

	for _, p := range []string{`a(b`, `*a`, `a{5,2}`, `[z-a]`, `(?<n>x)(?<n>y)`, `\8`, `a**`, `(?=x)`} {
		_, err := regexp.Compile(p)
		var se *syntax.Error
		errors.As(err, &se)
		if err != nil {
			fmt.Print(se.Code, " in ", se.Expr, "; ")
		}
	}
	fmt.Println()
	fmt.Println(regexp.QuoteMeta("1+1=2? [yes]"), address, link.String() == fmt.Sprint(link))
	prefix, whole := regexp.MustCompile(`abc+d`).LiteralPrefix()
	fmt.Println(prefix, whole, regexp.MustCompile(`(\w)(\w)`).FindAllString("abcde", -1))
	words := regexp.MustCompile(`\w+`).FindAllString("to be or not to be", -1)
	slices.Sort(words)
	fmt.Println(slices.Compact(words), string(regexp.MustCompile(`[aeiou]`).ReplaceAll([]byte("vowels"), []byte("*"))))
	func() {
		defer func() { fmt.Println(recover()) }()
		regexp.MustCompile(`(`)
	}()
}
