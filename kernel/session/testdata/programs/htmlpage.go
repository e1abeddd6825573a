// An HTML page from a template: what is inserted is escaped by where it stands.

package main

import (
	"fmt"
	"html"
	"html/template"
	"os"
	"strings"
)

type author struct {
	Name string
	Home string
}

func (a author) String() string { return a.Name + " <author>" }

type post struct {
	Title   string
	By      author
	Body    template.HTML
	Tags    []string
	Likes   int
	Options map[string]any
}

// Slug is the title as part of an address.
func (p post) Slug() string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r == ' ':
			return '-'
		}
		return -1
	}, strings.ToLower(p.Title))
}

const page = `<!DOCTYPE html>
<title>{{.Site}}</title>
{{range .Posts -}}
<article id="{{.Slug}}">
<h2 title='{{.Title}}'>{{.Title}}</h2>
<p>by <a href="{{.By.Home}}">{{.By}}</a> <a href="/tag?q={{index .Tags 0}}&n={{.Likes}}">{{join .Tags}}</a></p>
{{.Body}}
<script>var p = {title: {{.Title}}, options: {{.Options}}, likes: {{.Likes}}};</script>
<style>h2 { width: {{.Likes}}px; color: {{index .Tags 0}} }</style>
<button onclick="say({{.By.Name}})">{{if gt .Likes 100}}&hearts;{{else}}{{.Likes}}{{end}}</button>
</article>
{{end -}}
<footer>{{template "foot" .Site}}</footer>
`

func main() {
	funcs := template.FuncMap{"join": func(s []string) string { return strings.Join(s, " & ") }}
	t := template.Must(template.New("page").Funcs(funcs).Parse(page))
	template.Must(t.New("foot").Parse(`(c) {{.}} {{/* hidden */}}`))
	data := struct {
		Site  string
		Posts []post
	}{"Tips & <Tricks>", []post{
		{"It's <b>bold</b>", author{"O'Hara \"Pat\"", "https://example.org/?a=1&b=2"}, "<p>trusted <i>text</i></p>", []string{"red", "a<b"}, 7, map[string]any{"x": []int{1, 2}, "y": "</script>"}},
		{"Plain title 2", author{"Eve", "javascript:alert(1)"}, "", []string{"x y/z"}, 250, nil},
	}}
	if err := t.Execute(os.Stdout, data); err != nil {
		fmt.Println(err)
	}

	for _, typed := range []any{template.HTMLEscapeString("<a href='x'>"), template.JSEscapeString("it's </b>"), template.URLQueryEscaper("a b", 1),
		html.EscapeString("\"5\" > 4 & 3"), html.UnescapeString("&lt;&eacute;&#39;&#x4e16;&amp;amp;&nosuch;")} {
		fmt.Println(typed)
	}
	trusted := template.Must(template.New("t").Parse("<a href=\"{{.U}}\" {{.A}}>{{.H}}</a><b>{{.S}}</b>\n"))
	err := trusted.Execute(os.Stdout, map[string]any{
		"U": template.URL("javascript:ok()"), "A": template.HTMLAttr("data-n=\"1\""), "H": template.HTML("<i>&</i>"), "S": []string{"<", ">"},
	})
	fmt.Println(err)
	_, err = template.New("bad").Parse("{{if .X}}<a href=\"{{end}}\">")
	fmt.Println(err)
	bad := template.Must(template.New("bad").Parse("{{if .X}}<a href=\"{{end}}x"))
	fmt.Println(bad.Execute(os.Stdout, map[string]bool{"X": true}))
}
