package cell

import (
	"strings"
	"testing"
)

// TestSyntaxMistakes holds that what people write who come from elsewhere gets one error in plain words, with the way out.
func TestSyntaxMistakes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"func f(x int) int {\n\tif x > 0 {\n\t\treturn 1\n\treturn 2\n}", "2:11 { is never closed"},
		{"for i := 0; i < 3; i++\n{\n\tx += i\n}", "1:23 { must stand on the same line as for [write { at the end of this line]"},
		{"if x := 3; x > 2\n{\n}", "1:17 { must stand on the same line as if [write { at the end of this line]"},
		{"if (x > 3)\n\tf(x)", "1:11 what if governs must stand in braces [write if (x > 3) { and close it with }]"},
		{"if x {\n}\nelse {\n}", "3:1 else must stand on the same line as the } before it [write } else {]"},
		{"x := [1, 2, 3]", "1:6 a list is written with its type before it [write []int{1, 2, 3}]"},
		{"x := [\"a\", \"b\"]", "1:6 a list is written with its type before it [write []string{\"a\", \"b\"}]"},
		{"var a [3]int = {1, 2, 3}", "1:16 a list is written with its type before it [write [3]int{1, 2, 3}]"},
		{"m := {\"a\": 1}", "1:6 a list is written with its type before it [write map[string]T{\"a\": 1}]"},
		{"x = = 3", "1:5 unexpected = after = [= assigns, == compares]"},
		{"if x === 3 {\n}", "1:6 === is no operator of Go [write ==]"},
		{"if x <> 3 {\n}", "1:6 <> is no operator of Go [write !=]"},
		{"if x > 3 and y > 2 {\n}", "1:10 and is no operator of Go [write &&]"},
		{"if x = 5 {\n}", "1:4 x = 5 is an assignment, not a condition [= assigns, == compares]"},
		{"if x > 3 then {\n}", "1:10 unexpected then [write { right after the condition]"},
		{"f(1,,2)", "1:5 a value is missing after ,"},
		{"x := 1 +", "1:9 a value is missing after +"},
		{"f(\"a\" \"b\")", "1:7 missing , between \"a\" and \"b\""},
		{"f(\"hello)\nf(\"bye\")", "1:3 the text that begins here has no closing quote [a text over several lines stands in back quotes: `]"},
		{"f('hello')", "1:3 single quotes are for one character [a text stands in double quotes: \"hello\"]"},
		{"while x < 3 {\n\tx++\n}", "1:1 while is no word of Go [Go's loops all begin with for: for x < 3 {]"},
		{"for i in range(10) {\n}", "1:7 unexpected in [write for i := range 10 {]"},
		{"for x in xs {\n}", "1:7 unexpected in [write for _, x := range xs {]"},
		{"foreach x in xs {\n}", "1:1 foreach is no word of Go [Go's loops all begin with for: for _, x := range xs {]"},
		{"def f(x):\n\treturn x", "1:1 def is no word of Go [functions begin with func, and parameters have types: func name(x int) int {]"},
		{"let x = 5", "1:1 let is no word of Go [write x := 5]"},
		{"int x = 5", "1:5 the type comes after the name [write var x int = 5]"},
		{"double x = 5", "1:8 the type comes after the name [write var x float64 = 5]"},
		{"var x int := 5", "1:11 unexpected := after var [write var x int = 5, or x := 5]"},
		{"class A {\n}", "1:1 class is no word of Go [declare a type: type Name struct { ... }, and methods as func (x Name) Method() { ... }]"},
		{"try { f() } catch { }", "1:13 catch is no word of Go [Go has no exceptions: functions return an error, and panics are caught with recover in a deferred function]"},
		{"try {\n\tf()\n} catch {\n}", "1:1 try is no word of Go [Go has no exceptions: functions return an error, and panics are caught with recover in a deferred function]"},
		{"f := lambda x: x", "1:6 lambda is no word of Go [a function without a name is written func(x int) int { return x }]"},
		{"g := (x) => x + 1", "1:10 => is no operator of Go [a function without a name is written func(x int) int { return x }]"},
		{"from a import b", "1:1 from is no word of Go [packages import themselves when they are used, or with import \"name\"]"},
		{"print \"hello\"", "1:7 unexpected \"hello\" after print [a call has parentheses: fmt.Println(\"hello\")]"},
		{"fmt.Println \"hello\", x", "1:13 unexpected \"hello\" after Println [a call has parentheses: fmt.Println(\"hello\", x)]"},
		{"defer f", "1:8 defer wants a call [write defer f(), with the arguments between the parentheses]"},
		{"y = x++ + 1", "1:6 x++ is a statement: it has no value [write it on a line of its own]"},
		{"x := if y > 3 { 1 } else { 2 }", "1:6 if is a statement: it has no value [declare the variable first, and assign to it inside of the if]"},
		{"x ? 1 : 2", "1:3 unexpected ? [Go has no a ? b : c; write if and else]"},
		{"x = 5 # five", "1:7 unexpected # [comments begin with //]"},
		{"f(“a”)", "1:3 unexpected “ [texts stand in plain quotes: \"]"},
		{"x := 08", "1:7 invalid digit '8' in octal literal [a number that begins with 0 is octal]"},
		{"/* a", "1:1 the comment that begins here does not end [it ends with */]"},
		{"m := map[string]int{\n\t\"a\": 1,\n\t\"b\": 2\n}", "3:8 missing , at the end of the line [in a list over several lines each line ends with a comma, the last one too]"},
		{"type P struct {\n\tX int,\n\tY int\n}", "2:7 unexpected , after a field [fields end with the line, without a comma]"},
		{"switch x {\ncase 2 f()\n}", "2:7 missing : after case 2"},
		{"func f(a int, b) {\n}", "1:16 a parameter has no type, or no name [write each as name type: func f(a int, b string)]"},
		{"f(\"a\"\ng()\n}", "1:2 ( is never closed [} of line 3 comes before its )]"},
		{"for {\n}\n}", "3:1 unexpected }: nothing before it is open"},
		{"foo bar baz", "1:5 unexpected bar after foo"},
		{"func (", "1:6 ( is never closed"},
		{"func f() {\n\ta = = 1\n\tb = = 2\n}", "2:6 unexpected = after = [= assigns, == compares]"},
		{"a = = 1\nb := (2\nc", "2:6 ( is never closed"},
	} {
		_, ps := cut(c.text)
		if got := words(ps); got != c.want {
			t.Errorf("%q\n got  %s\n want %s", c.text, got, c.want)
		}
	}
}

func words(ps []Problem) string {
	var all []string
	for _, p := range ps {
		s := strings.TrimPrefix(p.Error(), "cell 1, line ")
		s = strings.Replace(s, ", column ", ":", 1)
		s = strings.Replace(s, ": ", " ", 1)
		if p.Hint != "" {
			s = strings.TrimSuffix(s, " ("+p.Hint+")") + " [" + p.Hint + "]"
		}
		all = append(all, s)
	}
	return strings.Join(all, " | ")
}
