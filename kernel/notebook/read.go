package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ReadFile reads the notebook in the file of that name. The error names the file, the place in it and what is wrong.
func ReadFile(name string) (*Notebook, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading a notebook: %w", err)
	}
	n, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return n, nil
}

// Parse reads a notebook of nbformat 4 from its JSON text. The error names the place, as "cell 3 (code): outputs[0]:
// data", counting cells from 1, and what is wrong there.
func Parse(data []byte) (n *Notebook, err error) {
	if !utf8.Valid(data) {
		return nil, errors.New("not a notebook: the file is not UTF-8 text")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, fmt.Errorf("not a notebook: %w", syntax(data, err))
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("not a notebook: %s: something follows the end of the JSON object", position(data, d.InputOffset()))
	}
	defer func() {
		if wrong, ok := recover().(*wrong); ok {
			n, err = nil, wrong
		}
	}()
	top, ok := tree.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("not a notebook: want a JSON object, have %s", kind(tree))
	}
	return notebook(object{fields: top}), nil
}

// syntax is an error of the JSON decoder with line and column.
func syntax(data []byte, err error) error {
	var s *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: the JSON text ends too early: the file is cut off", position(data, int64(len(data))))
	case errors.As(err, &s):
		return fmt.Errorf("%s: %w", position(data, s.Offset), err)
	}
	return err
}

func position(data []byte, offset int64) string {
	before := data[:min(offset, int64(len(data)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n') - 1
	return fmt.Sprintf("line %d, column %d", line, max(column, 1))
}

// wrong is what is wrong with a notebook and where. The readers below panic with it, and Parse returns it.
type wrong struct{ where, what string }

func (w *wrong) Error() string { return strings.TrimPrefix(w.where+": "+w.what, ": ") }

// object is a JSON object and where it is. Fields that have been taken are no longer in it, so that what
// is left is what nobody knows.
type object struct {
	where  string
	fields map[string]any
}

func (o object) at(name string) string {
	if o.where == "" {
		return name
	}
	return o.where + ": " + name
}

func (o object) fail(name, what string, args ...any) {
	panic(&wrong{o.at(name), fmt.Sprintf(what, args...)})
}

// take takes a field of type T out of the object. A missing one fails, unless it may be missing.
func take[T any](o object, name string, optional bool, want string) (v T) {
	value, there := o.fields[name]
	if !there {
		if !optional {
			o.fail(name, "is missing (want %s)", want)
		}
		return v
	}
	delete(o.fields, name)
	v, ok := value.(T)
	if !ok {
		o.fail(name, "is %s, want %s", kind(value), want)
	}
	return v
}

func (o object) text(name string) string { return take[string](o, name, false, "a string") }

func (o object) object(name string, optional bool) map[string]any {
	v := take[map[string]any](o, name, optional, "an object")
	if v == nil {
		v = map[string]any{}
	}
	return v
}

// lines takes a text that is a string or a list of strings.
func (o object) lines(name string) string {
	list, ok := o.fields[name].([]any)
	if !ok {
		return take[string](o, name, false, "a string or a list of strings")
	}
	delete(o.fields, name)
	text, ok := join(list)
	if !ok {
		o.fail(name, "has an item that is not a string")
	}
	return text
}

func join(list []any) (string, bool) {
	var b strings.Builder
	for _, v := range list {
		s, ok := v.(string)
		if !ok {
			return "", false
		}
		b.WriteString(s)
	}
	return b.String(), true
}

// count takes a whole number from 0 on, or null, which is 0.
func (o object) count(name string, optional bool) int {
	if v, there := o.fields[name]; there && v == nil {
		delete(o.fields, name)
		return 0
	}
	number := take[json.Number](o, name, optional, "a whole number")
	if number == "" {
		return 0
	}
	i, err := strconv.Atoi(number.String())
	if err != nil || i < 0 {
		o.fail(name, "is %s, want a whole number from 0 on", number)
	}
	return i
}

// list takes a list and gives each item, an object, to read.
func (o object) list(name, item string, read func(object)) {
	for i, v := range take[[]any](o, name, false, "a list") {
		where := o.at(fmt.Sprintf("%s[%d]", name, i))
		if item != "" {
			where = fmt.Sprintf("%s %d", item, i+1)
		}
		fields, ok := v.(map[string]any)
		if !ok {
			panic(&wrong{where, "is " + kind(v) + ", want an object"})
		}
		read(object{where, fields})
	}
}

// rest is what nobody has taken.
func (o object) rest() map[string]any { return maps.Clone(o.fields) }

func notebook(o object) *Notebook {
	if _, ok := o.fields["worksheets"]; ok {
		o.fail("worksheets", "belongs to notebooks older than nbformat 4: open and save the file in JupyterLab first")
	}
	if major := o.count("nbformat", false); major != 4 {
		o.fail("nbformat", "is %d, want 4: open and save the file in a JupyterLab that reads it", major)
	}
	n := &Notebook{Minor: o.count("nbformat_minor", false)}
	n.Metadata = o.object("metadata", false)
	for _, name := range []string{"orig_nbformat", "orig_nbformat_minor", "signature"} {
		delete(n.Metadata, name)
	}
	seen := map[string]string{}
	o.list("cells", "cell", func(o object) {
		c := cell(o)
		if first := seen[c.ID]; first != "" && c.ID != "" {
			o.fail("id", "%q is the id of %s too", c.ID, first)
		}
		seen[c.ID] = o.where
		n.Cells = append(n.Cells, c)
	})
	n.rest = o.rest()
	return n
}

func cell(o object) *Cell {
	c := &Cell{Type: o.text("cell_type")}
	switch c.Type {
	case "code", "markdown", "raw":
		o.where += " (" + c.Type + ")"
	default:
		o.fail("cell_type", "is %q, want \"code\", \"markdown\" or \"raw\"", c.Type)
	}
	c.ID = take[string](o, "id", true, "a string")
	c.Source = o.lines("source")
	c.Metadata = o.object("metadata", false)
	delete(c.Metadata, "trusted")
	if tags, ok := c.Metadata["tags"]; ok {
		if _, ok := tags.([]any); !ok {
			o.fail("metadata: tags", "is %s, want a list", kind(tags))
		}
	}
	if files, ok := o.fields["attachments"].(map[string]any); ok {
		for _, file := range files {
			if bundle, ok := file.(map[string]any); ok {
				rejoin(bundle)
			}
		}
	}
	if c.Type == "code" {
		c.Count = o.count("execution_count", true)
		o.list("outputs", "", func(o object) { c.Outputs = append(c.Outputs, output(o)) })
	}
	c.rest = o.rest()
	return c
}

func output(o object) *Output {
	p := &Output{Type: o.text("output_type")}
	switch p.Type {
	case "stream":
		p.Name, p.Text = o.text("name"), o.lines("text")
	case "display_data", "execute_result":
		p.Data, p.Metadata = o.object("data", false), o.object("metadata", true)
		rejoin(p.Data)
		if p.Type == "execute_result" {
			p.Count = o.count("execution_count", true)
		}
	case "error":
		p.ErrorName, p.Error = o.text("ename"), o.text("evalue")
		for i, v := range take[[]any](o, "traceback", false, "a list of strings") {
			line, ok := v.(string)
			if !ok {
				o.fail(fmt.Sprintf("traceback[%d]", i), "is %s, want a string", kind(v))
			}
			p.Traceback = append(p.Traceback, line)
		}
	default:
		o.fail("output_type", "is %q, want \"stream\", \"display_data\", \"execute_result\" or \"error\"", p.Type)
	}
	p.rest = o.rest()
	return p
}

// rejoin joins the texts of a MIME bundle that are kept as lists of lines.
func rejoin(bundle map[string]any) {
	for mime, v := range bundle {
		if list, ok := v.([]any); ok && !jsonMIME(mime) {
			if text, ok := join(list); ok {
				bundle[mime] = text
			}
		}
	}
}

// jsonMIME tells whether the values of a MIME type are JSON and not text.
func jsonMIME(mime string) bool {
	return mime == "application/json" || strings.HasPrefix(mime, "application/") && strings.HasSuffix(mime, "+json")
}

// kind names a JSON value's type for people.
func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(v)
	case json.Number:
		return "the number " + v.String()
	case string:
		return "a string"
	case []any:
		return "a list"
	default:
		return "an object"
	}
}
