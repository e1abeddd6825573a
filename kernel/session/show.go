package session

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"image/png"
	"reflect"
	"strings"
	"unicode/utf8"
)

// longest is the number of characters of a value's text that are shown.
const longest = 20_000

// show is what the last expression of a cell is handed to.
func show(xs ...any) {
	t := current()
	if t == nil {
		return
	}
	b := bundleOf(xs)
	t.run.mu.Lock()
	t.run.value = b
	t.run.mu.Unlock()
}

func bundleOf(xs []any) map[string]any {
	if len(xs) == 1 {
		return bundle(xs[0])
	}
	var parts []string
	for _, x := range xs {
		text, _ := bundle(x)["text/plain"].(string)
		parts = append(parts, text)
	}
	return map[string]any{"text/plain": strings.Join(parts, ", ")}
}

// bundle is a value as MIME types: richly if its type says how, plainly else.
func bundle(x any) map[string]any {
	m := rich(x)
	if m == nil {
		m = map[string]any{}
	}
	if _, ok := m["text/plain"]; !ok {
		m["text/plain"] = cut(text(x))
	}
	return m
}

func rich(x any) map[string]any {
	if isNil(x) {
		return nil
	}
	switch x := x.(type) {
	case interface{ MIME() map[string]any }:
		return x.MIME()
	case interface{ HTML() string }:
		return map[string]any{"text/html": x.HTML()}
	case interface{ SVG() string }:
		return map[string]any{"image/svg+xml": x.SVG()}
	case image.Image:
		var b bytes.Buffer
		if r := x.Bounds(); r.Empty() || png.Encode(&b, x) != nil {
			return nil
		}
		size := x.Bounds().Size()
		return map[string]any{"image/png": b.Bytes(), "text/plain": fmt.Sprintf("%T %dx%d", x, size.X, size.Y)}
	}
	if h := table(x); h != "" {
		return map[string]any{"text/html": h}
	}
	return nil
}

// table is a [][]string as HTML: its first row is the head.
func table(x any) string {
	rows, ok := x.([][]string)
	if !ok || len(rows) < 2 || len(rows) > 200 {
		return ""
	}
	var b strings.Builder
	b.WriteString("<table>")
	for i, r := range rows {
		tag := "td"
		if i == 0 {
			tag = "th"
		}
		b.WriteString("<tr>")
		for _, c := range r {
			b.WriteString("<" + tag + ">" + html.EscapeString(c) + "</" + tag + ">")
		}
		b.WriteString("</tr>")
	}
	return b.String() + "</table>"
}

func isNil(x any) bool {
	if x == nil {
		return true
	}
	switch v := reflect.ValueOf(x); v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan, reflect.Interface:
		return v.IsNil()
	}
	return false
}

// text is a value as Go text: as its type prints itself, else with the names of types and fields.
func text(x any) string {
	switch x := x.(type) {
	case nil:
		return "<nil>"
	case string:
		return x
	case error:
		if isNil(x) {
			return "<nil>"
		}
		return x.Error()
	case fmt.Stringer:
		if isNil(x) {
			return "<nil>"
		}
		return x.String()
	case fmt.Formatter:
		return fmt.Sprint(x)
	}
	v := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Func:
		return typeName(v.Type())
	case reflect.Slice, reflect.Array:
		if v.Len() > 1000 {
			return fmt.Sprintf("%s of %d: %s ...", typeName(v.Type()), v.Len(), strings.TrimSuffix(fmt.Sprintf("%+v", v.Slice(0, 100)), "]"))
		}
	case reflect.Struct:
		if v.Type().Name() != "" {
			return typeName(v.Type()) + fmt.Sprintf("%+v", x)
		}
	case reflect.Pointer:
		if v.Elem().IsValid() && v.Elem().Kind() == reflect.Struct && v.Elem().Type().Name() != "" {
			return "&" + typeName(v.Elem().Type()) + strings.TrimPrefix(fmt.Sprintf("%+v", x), "&")
		}
	}
	return fmt.Sprintf("%+v", x)
}

// typeName is the name of a type, without the package where a cell declares it.
func typeName(t reflect.Type) string { return strings.ReplaceAll(t.String(), "main.", "") }

// cut shortens a text that is too long to read.
func cut(s string) string {
	if len(s) <= longest {
		return s
	}
	n := longest
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return fmt.Sprintf("%s\n... (%d more bytes)", s[:n], len(s)-n)
}
