// JSON without types: streams of values, tokens, numbers kept exact, and paths through any document.

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const document = `{
	"store": {
		"books": [
			{"title": "Sayings", "price": 8.95, "tags": ["old", "short"]},
			{"title": "Moby \"Dick\"", "price": 22.99, "tags": []},
			{"title": "Caf\u00e9 \ud83d\ude00", "price": null, "stock": 12345678901234567890}
		],
		"open": true
	}
}`

// lookup follows a path like store.books.1.title.
func lookup(v any, path string) (any, error) {
	for i, step := range strings.Split(path, ".") {
		switch node := v.(type) {
		case map[string]any:
			next, ok := node[step]
			if !ok {
				return nil, fmt.Errorf("step %d: no field %q, there are %q", i, step, slices.Sorted(maps.Keys(node)))
			}
			v = next
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n < 0 || n >= len(node) {
				return nil, fmt.Errorf("step %d: %q is no index below %d", i, step, len(node))
			}
			v = node[n]
		default:
			return nil, fmt.Errorf("step %d: cannot enter %T", i, v)
		}
	}
	return v, nil
}

// flatten visits the leaves of a document in a fixed order.
func flatten(v any, path string, visit func(path string, leaf any)) {
	switch node := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(node)) {
			flatten(node[k], path+"/"+k, visit)
		}
	case []any:
		for i, e := range node {
			flatten(e, fmt.Sprintf("%s[%d]", path, i), visit)
		}
	default:
		visit(path, v)
	}
}

// outline writes a document from its tokens alone.
func outline(r io.Reader) string {
	dec := json.NewDecoder(r)
	dec.UseNumber()
	var b strings.Builder
	depth := 0
	for {
		t, err := dec.Token()
		if err != nil {
			fmt.Fprintf(&b, "%v at depth %d", err, depth)
			return b.String()
		}
		switch t := t.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				depth++
			} else {
				depth--
			}
			b.WriteString(t.String())
		case json.Number:
			fmt.Fprintf(&b, "n%s ", t)
		case string:
			fmt.Fprintf(&b, "%q ", t)
		case nil, bool:
			fmt.Fprintf(&b, "%v ", t)
		}
		if !dec.More() {
			b.WriteByte('.')
		}
	}
}

func merge(dst, src map[string]any) {
	for k, v := range src {
		a, ok1 := dst[k].(map[string]any)
		b, ok2 := v.(map[string]any)
		switch {
		case v == nil:
			delete(dst, k)
		case ok1 && ok2:
			merge(a, b)
		default:
			dst[k] = v
		}
	}
}

func main() {
	var v any
	if err := json.Unmarshal([]byte(document), &v); err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range []string{"store.books.0.price", "store.books.1.title", "store.books.2.title", "store.open", "store.books.0.tags", "store.books.7", "store.shelf", "store.open.x"} {
		found, err := lookup(v, path)
		fmt.Printf("%s: %v (%T) %v\n", path, found, found, err)
	}
	flatten(v, "", func(path string, leaf any) { fmt.Printf("%s=%v ", path, leaf) })
	fmt.Println()

	fmt.Println(outline(strings.NewReader(`{"a": [1, 2.50, {"b": null}], "c": "d"} true`)))
	fmt.Println(outline(strings.NewReader(`[1, }`)))

	dec := json.NewDecoder(strings.NewReader(document))
	dec.UseNumber()
	dec.Decode(&v)
	n, _ := lookup(v, "store.books.2.stock")
	number := n.(json.Number)
	_, err := number.Int64()
	f, _ := number.Float64()
	fmt.Println(number, err, f)

	// A stream of values, one after the other.
	stream := json.NewDecoder(strings.NewReader("{\"op\":\"add\",\"x\":[1,2,3]}\n{\"op\":\"mul\",\"x\":[4,5]} {\"op\":\"?\",\"y\":0}"))
	stream.DisallowUnknownFields()
	for stream.More() {
		var cmd struct {
			Op string
			X  []int
		}
		if err := stream.Decode(&cmd); err != nil {
			fmt.Println("stop:", err, stream.InputOffset())
			break
		}
		result := map[string]int{"add": 0, "mul": 1}[cmd.Op]
		for _, x := range cmd.X {
			if cmd.Op == "add" {
				result += x
			} else {
				result *= x
			}
		}
		fmt.Println(cmd.Op, cmd.X, result)
	}

	var settings, patch map[string]any
	json.Unmarshal([]byte(`{"ui":{"dark":false,"zoom":1,"font":{"size":10}},"user":"ann"}`), &settings)
	json.Unmarshal([]byte(`{"ui":{"dark":true,"font":{"name":"Mono"},"zoom":null},"lang":["de","en"]}`), &patch)
	merge(settings, patch)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent(">", "  ")
	settings["html"] = "<b>&"
	enc.Encode(settings)
	fmt.Print(out.String())
	out.Reset()
	fmt.Println(json.Compact(&out, []byte("{ \"a\" : [ 1 , 2 ] }")), out.String(), json.Valid([]byte("{'a':1}")), json.Valid([]byte("[]")))
	out.Reset()
	json.HTMLEscape(&out, []byte(`{"x":"<a>"}`))
	json.Indent(&out, []byte(`{"k":[{},[]]}`), "", "\t")
	fmt.Println(out.String())
}
