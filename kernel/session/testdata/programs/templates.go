// Text templates: methods, pipelines, functions, nested definitions, and errors.

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"text/template"
)

type money int

func (m money) String() string            { return fmt.Sprintf("%d.%02d", int(m)/100, int(m)%100) }
func (m money) In(currency string) string { return m.String() + " " + currency }

type item struct {
	Name  string
	Price money
	Count int
	Tags  []string
}

func (i item) Total() money { return i.Price * money(i.Count) }
func (i *item) Secret() string {
	return "only on the pointer"
}

type customer struct {
	First, Last string
	Vip         bool
	Address     map[string]string
}

func (c customer) FullName(formal bool) string {
	if formal {
		return "Dr. " + c.Last
	}
	return c.First + " " + c.Last
}

type invoice struct {
	*customer
	Number int
	Items  []item
}

func (v invoice) Sum() (total money) {
	for _, i := range v.Items {
		total += i.Total()
	}
	return
}

func (v invoice) Item(n int) (item, error) {
	if n < 0 || n >= len(v.Items) {
		return item{}, fmt.Errorf("there is no item %d", n)
	}
	return v.Items[n], nil
}

const letter = `{{define "line"}}{{.Count | printf "%3d"}} x {{printf "%-10s" .Name}} {{.Price}} = {{.Total}}{{end -}}
{{- /* a comment */ -}}
Invoice {{.Number}} for {{.FullName .Vip}}{{with .Address}}, {{.city}}{{else}} (no address){{end}}
{{range $i, $it := .Items}}{{add $i 1}}. {{template "line" $it}}{{if .Tags}} [{{join .Tags ", "}}]{{end}}
{{else}}nothing was bought
{{end -}}
Sum: {{.Sum.In "EUR"}}{{if and .Vip (gt (len .Items) 1)}}, thanks!{{else if .Vip}}, thank you{{end}}
`

const odds = `{{- $n := 0 -}}
{{range $i, $w := split "alpha beta gamma delta epsilon" " "}}
	{{- if eq $w "delta"}}{{break}}{{end}}
	{{- if eq $i 1}}{{continue}}{{end}}
	{{- $n = add $n (len $w)}}{{$i}}={{upper $w}}({{index $w 0}}) {{end}}total {{$n}}
{{index .m "k" 1}} {{len .m}} {{slice .s 1 3}} {{.s | html | printf "%q"}} {{not true}} {{or "" 0 "last"}} {{and 1 "two" 3}}
{{print 1 2 "a" "b"}} {{println "x"}}{{js "it's"}} {{urlquery "a b&c"}} {{lt 1 2}} {{eq .n 1 2 3}} {{ne "a" "b"}} {{le 2.5 2.5}}
{{with $x := .n}}{{$x}}{{end}} {{.f.Call}} {{call .g 20 1}} {{range 3}}<{{.}}>{{end}} {{range $k, $v := .map}}{{$k}}:{{$v}} {{end}}
`

type caller struct{}

func (caller) Call() string { return "called" }

func main() {
	funcs := template.FuncMap{
		"add":   func(a, b int) int { return a + b },
		"join":  strings.Join,
		"upper": strings.ToUpper,
		"split": strings.Split,
		"fail":  func() (string, error) { return "", errors.New("on purpose") },
	}
	t := template.Must(template.New("letter").Funcs(funcs).Parse(letter))
	invoices := []invoice{
		{&customer{"Ann", "Lee", true, map[string]string{"city": "Bern"}}, 1, []item{{"pen", 250, 4, []string{"blue", "fine"}}, {"paper", 1999, 1, nil}}},
		{&customer{"Bob", "Ray", false, nil}, 2, nil},
		{&customer{First: "Cy", Last: "Poe", Vip: true}, 3, []item{{Name: "ink", Price: 5, Count: 1}}},
	}
	for _, v := range invoices {
		if err := t.Execute(os.Stdout, v); err != nil {
			fmt.Println(err)
		}
	}
	err := t.ExecuteTemplate(os.Stdout, "line", &invoices[0].Items[1])
	fmt.Println(err)

	data := map[string]any{
		"m": map[string][]int{"k": {1, 2}}, "s": "<héllo>", "n": 3, "f": caller{},
		"g": func(a, b int) int { return a * b }, "map": map[string]money{"b": 2, "a": 150},
	}
	if err := template.Must(template.New("odds").Funcs(funcs).Parse(odds)).Execute(os.Stdout, data); err != nil {
		fmt.Println(err)
	}

	for i, text := range []string{
		"{{.Missing}}", "{{.Item 9}}", "{{(.Item 0).Name}} {{.Item 1 | printf \"%v\"}}", "{{fail}}", "{{template \"none\"}}",
		"{{.Number.X}}", "{{index .Items 5}}", "{{if}}", "{{range .Items}}", "{{nofunc 1}}", "{{.Number | add}}",
	} {
		t, err := template.New(fmt.Sprint("t", i)).Funcs(funcs).Parse(text)
		if err == nil {
			var b strings.Builder
			err = t.Execute(&b, invoices[0])
			fmt.Printf("%q ", b.String())
		}
		var execError template.ExecError
		fmt.Println(errors.As(err, &execError), err)
	}
	page := template.Must(template.New("page").Parse(`[{{block "body" .}}default {{.}}{{end}}]`))
	other := template.Must(template.Must(page.Clone()).Parse(`{{define "body"}}own {{len .}}{{end}}`))
	page.Execute(os.Stdout, "x")
	other.Execute(os.Stdout, "xyz")
	fmt.Println(other.Lookup("body") != nil, len(other.Templates()))
	custom := template.Must(template.New("c").Delims("<<", ">>").Option("missingkey=error").Parse("<<.a>> {{.a}} <<.b>>"))
	fmt.Println(custom.Execute(os.Stdout, map[string]int{"a": 1}))
}
