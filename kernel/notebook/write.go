package notebook

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// WriteFile writes the notebook to the file of that name: a temporary file is written, synced and renamed, so that
// the file is never half a notebook. It fails as the file system does, or when a value has no JSON form.
func (n *Notebook) WriteFile(name string) (err error) {
	data, err := n.Format()
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("writing a notebook: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("writing %s: %w", name, err)
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// Format is the notebook as JSON, byte for byte as Jupyter writes it: keys sorted, indented by one, texts as lists
// of lines, a newline at the end. It fails when an output's value has no JSON form.
func (n *Notebook) Format() ([]byte, error) {
	tree := maps.Clone(n.rest)
	if tree == nil {
		tree = map[string]any{}
	}
	taken := map[string]bool{}
	for _, c := range n.Cells {
		taken[c.ID] = true
	}
	var cells []any
	for i, c := range n.Cells {
		t, err := c.tree()
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w", i+1, err)
		}
		if n.Minor >= 5 && c.ID == "" {
			id := fmt.Sprintf("cell-%d", i+1)
			for taken[id] {
				id += "x"
			}
			taken[id] = true
			t["id"] = id
		}
		cells = append(cells, t)
	}
	tree["cells"] = cells
	tree["metadata"] = n.Metadata
	tree["nbformat"] = 4
	tree["nbformat_minor"] = n.Minor
	plain, err := plainJSON(tree)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	writeJSON(&b, plain, "\n")
	b.WriteByte('\n')
	return []byte(b.String()), nil
}

func (c *Cell) tree() (map[string]any, error) {
	t := map[string]any{}
	for name, v := range c.rest {
		if name == "attachments" {
			v = splitAttachments(v)
		}
		t[name] = v
	}
	t["cell_type"] = c.Type
	t["metadata"] = c.Metadata
	t["source"] = splitLines(c.Source)
	if c.ID != "" {
		t["id"] = c.ID
	}
	if c.Type != "code" {
		return t, nil
	}
	t["execution_count"] = number(c.Count)
	outputs := []any{}
	for i, o := range c.Outputs {
		u, err := o.tree()
		if err != nil {
			return nil, fmt.Errorf("output %d: %w", i+1, err)
		}
		outputs = append(outputs, u)
	}
	t["outputs"] = outputs
	return t, nil
}

func (o *Output) tree() (map[string]any, error) {
	t := maps.Clone(o.rest)
	if t == nil {
		t = map[string]any{}
	}
	t["output_type"] = o.Type
	switch o.Type {
	case "stream":
		t["name"], t["text"] = o.Name, splitLines(o.Text)
	case "error":
		t["ename"], t["evalue"], t["traceback"] = o.ErrorName, o.Error, append([]string{}, o.Traceback...)
	case "execute_result":
		t["execution_count"] = number(o.Count)
		fallthrough
	default:
		data, err := Bundle(o.Data)
		if err != nil {
			return nil, err
		}
		t["data"], t["metadata"] = splitBundle(data), o.Metadata
	}
	return t, nil
}

// Bundle is a MIME bundle as messages and notebooks carry it: bytes become base64 text (and text where the type is
// one: text/*, image/svg+xml), other values what JSON makes of them. It fails for a value that has no JSON form.
func Bundle(bundle map[string]any) (map[string]any, error) {
	plain := make(map[string]any, len(bundle))
	for mime, v := range bundle {
		switch v := v.(type) {
		case string:
			plain[mime] = v
		case []byte:
			if strings.HasPrefix(mime, "text/") || splitTypes[mime] {
				plain[mime] = string(v)
			} else {
				plain[mime] = base64.StdEncoding.EncodeToString(v)
			}
		default:
			p, err := plainJSON(v)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", mime, err)
			}
			plain[mime] = p
		}
	}
	return plain, nil
}

// number is a count, or null where it is 0.
func number(count int) any {
	if count == 0 {
		return nil
	}
	return count
}

var splitTypes = map[string]bool{"application/javascript": true, "image/svg+xml": true}

func splitBundle(bundle map[string]any) map[string]any {
	split := make(map[string]any, len(bundle))
	for mime, v := range bundle {
		if text, ok := v.(string); ok && (strings.HasPrefix(mime, "text/") || splitTypes[mime]) {
			v = splitLines(text)
		}
		split[mime] = v
	}
	return split
}

func splitAttachments(v any) any {
	files, ok := v.(map[string]any)
	if !ok {
		return v
	}
	split := make(map[string]any, len(files))
	for name, file := range files {
		if bundle, ok := file.(map[string]any); ok {
			file = splitBundle(bundle)
		}
		split[name] = file
	}
	return split
}

// splitLines cuts a text after each line end, which is what Python takes for one: besides \n also \r, \v, \f, the
// separators U+001C to U+001E, U+0085, U+2028 and U+2029.
func splitLines(text string) []any {
	lines := []any{}
	start := 0
	for i, r := range text {
		switch r {
		case '\r':
			if strings.HasPrefix(text[i+1:], "\n") {
				continue
			}
			fallthrough
		case '\n', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
			end := i + len(string(r))
			lines = append(lines, text[start:end])
			start = end
		}
	}
	if start < len(text) {
		lines = append(lines, text[start:])
	}
	return lines
}

// plainJSON is a value made of maps, lists, strings, numbers, booleans and nil only.
func plainJSON(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string, json.Number, int:
		return v, nil
	case map[string]any:
		m := make(map[string]any, len(v))
		for key, item := range v {
			p, err := plainJSON(item)
			if err != nil {
				return nil, err
			}
			m[key] = p
		}
		return m, nil
	case []any:
		l := make([]any, len(v))
		for i, item := range v {
			p, err := plainJSON(item)
			if err != nil {
				return nil, err
			}
			l[i] = p
		}
		return l, nil
	}
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("a %T has no JSON form: %w", v, err)
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	var plain any
	if err := d.Decode(&plain); err != nil {
		return nil, fmt.Errorf("internal error: JSON of a %T: %w", v, err)
	}
	return plain, nil
}

// writeJSON writes a plain value as Python's json.dumps does with indent=1, sort_keys=True and ensure_ascii=False.
// newline is a newline and the indentation so far.
func writeJSON(b *strings.Builder, v any, newline string) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			b.WriteString("{}")
			return
		}
		sep := "{"
		for _, key := range slices.Sorted(maps.Keys(v)) {
			b.WriteString(sep + newline + " ")
			writeString(b, key)
			b.WriteString(": ")
			writeJSON(b, v[key], newline+" ")
			sep = ","
		}
		b.WriteString(newline + "}")
	case []any:
		if len(v) == 0 {
			b.WriteString("[]")
			return
		}
		sep := "["
		for _, item := range v {
			b.WriteString(sep + newline + " ")
			writeJSON(b, item, newline+" ")
			sep = ","
		}
		b.WriteString(newline + "]")
	case string:
		writeString(b, v)
	case nil:
		b.WriteString("null")
	case json.Number:
		b.WriteString(spelled(v.String()))
	default: // bool, int
		fmt.Fprint(b, v)
	}
}

// spelled is a number as Python spells it: whole numbers as they are, others as repr does.
func spelled(number string) string {
	if !strings.ContainsAny(number, ".eE") {
		return number
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return number
	}
	if small := math.Abs(f); f != 0 && (small < 1e-4 || small >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	number = strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(number, ".") {
		number += ".0"
	}
	return number
}

func writeString(b *strings.Builder, s string) {
	const escapes = "\"\"\\\\\bb\ff\nn\rr\tt"
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		if i := strings.IndexRune(escapes, r); i >= 0 && i%2 == 0 {
			b.WriteByte('\\')
			b.WriteByte(escapes[i+1])
		} else if r < 0x20 {
			fmt.Fprintf(b, "\\u%04x", r)
		} else {
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}
