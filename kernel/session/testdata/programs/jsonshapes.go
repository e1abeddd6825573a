// JSON of own types: tags, custom marshalers at every depth, embedding, interfaces, errors.

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

type color struct{ r, g, b uint8 }

func (c color) MarshalJSON() ([]byte, error) {
	return json.Marshal(fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b))
}

func (c *color) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	if _, err := fmt.Sscanf(s, "#%02x%02x%02x", &c.r, &c.g, &c.b); err != nil {
		return fmt.Errorf("color %q: %w", s, err)
	}
	return nil
}

// A level is text in JSON, also as a key of a map.
type level int

var levelNames = []string{"low", "mid", "high"}

func (l level) MarshalText() ([]byte, error) {
	if int(l) >= len(levelNames) {
		return nil, fmt.Errorf("level %d out of range", int(l))
	}
	return []byte(levelNames[l]), nil
}

func (l *level) UnmarshalText(text []byte) error {
	for i, name := range levelNames {
		if name == string(text) {
			*l = level(i)
			return nil
		}
	}
	return errors.New("no level " + string(text))
}

type base struct {
	ID      int       `json:"id"`
	Created time.Time `json:"created,omitzero"`
}

type shape struct {
	base
	Name    string            `json:"name"`
	Fill    color             `json:"fill"`
	Border  *color            `json:"border,omitempty"`
	Level   level             `json:"level"`
	Weights map[level]float64 `json:"weights,omitempty"`
	Tags    []string          `json:"tags"`
	Parts   []shape           `json:"parts,omitempty"`
	Note    string            `json:",omitempty"`
	Count   int64             `json:"count,string"`
	Any     any               `json:"any"`
	Raw     json.RawMessage   `json:"raw,omitempty"`
	Hidden  string            `json:"-"`
	Dash    bool              `json:"-,"`
	private int
}

// A drawing holds shapes behind an interface and chooses the type by the field kind.
type figure interface{ Area() float64 }
type square struct{ Side float64 }
type disc struct{ Radius float64 }

func (s square) Area() float64 { return s.Side * s.Side }
func (d *disc) Area() float64  { return 3 * d.Radius * d.Radius }

type drawing struct{ figures []figure }

func (d drawing) MarshalJSON() ([]byte, error) {
	type tagged struct {
		Kind string
		Data figure
	}
	out := []tagged{}
	for _, f := range d.figures {
		out = append(out, tagged{strings.TrimLeft(fmt.Sprintf("%T", f), "*main."), f})
	}
	return json.Marshal(out)
}

func (d *drawing) UnmarshalJSON(data []byte) error {
	var in []struct {
		Kind string
		Data json.RawMessage
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	for _, t := range in {
		switch t.Kind {
		case "square":
			var s square
			if err := json.Unmarshal(t.Data, &s); err != nil {
				return err
			}
			d.figures = append(d.figures, s)
		case "disc":
			s := new(disc)
			if err := json.Unmarshal(t.Data, s); err != nil {
				return err
			}
			d.figures = append(d.figures, s)
		default:
			return fmt.Errorf("unknown kind %q", t.Kind)
		}
	}
	return nil
}

func show(v any) {
	b, err := json.Marshal(v)
	fmt.Println(string(b), err)
}

func main() {
	s := shape{
		base: base{ID: 7}, Name: "<leaf>", Fill: color{255, 128, 0}, Level: 1,
		Weights: map[level]float64{2: 0.5, 0: 1e-9}, Count: 1 << 60, Any: []any{color{1, 2, 3}, level(2), nil},
		Parts: []shape{{Name: "stem", Border: &color{9, 9, 9}, Raw: json.RawMessage(`{"x": [1, 2]}`), Tags: []string{}}}, Hidden: "h", private: 1,
	}
	b, err := json.MarshalIndent(s, "", " ")
	fmt.Println(string(b), err)

	var back shape
	err = json.Unmarshal(b, &back)
	fmt.Println(err, back.ID, back.Name, back.Fill, back.Level, back.Weights[2], back.Count, back.Any, *back.Parts[0].Border, string(back.Parts[0].Raw))

	d := drawing{[]figure{square{2}, &disc{1.5}}}
	show(d)
	var d2 drawing
	err = json.Unmarshal([]byte(`[{"Kind":"disc","Data":{"radius":2}},{"Kind":"square","Data":{"Side":3}}]`), &d2)
	fmt.Println(err, len(d2.figures), d2.figures[0].Area(), d2.figures[1].Area())
	fmt.Println(json.Unmarshal([]byte(`[{"Kind":"cube"}]`), &d2))

	// What goes wrong says where.
	var target struct {
		A int
		B struct{ C []uint8 }
		D color
		E level
	}
	for _, text := range []string{`{"A":"x"}`, `{"B":{"C":[1,300]}}`, `{"D":"red"}`, `{"E":"top"}`, `{"A":1,}`, `{"A":1`, `[1]`, `{"A":1.5}`, `{"a":3,"E":"high"}`} {
		err := json.Unmarshal([]byte(text), &target)
		var syntax *json.SyntaxError
		var wrong *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax):
			fmt.Println("syntax at", syntax.Offset, err)
		case errors.As(err, &wrong):
			fmt.Println("type of", wrong.Field, wrong.Value, err)
		default:
			fmt.Println(err, target.A, target.E)
		}
	}
	show(level(9))
	show(map[string]any{"f": func() {}})
	show([]any{1.0, 1e21, "é<&>\u2028", []byte("hi"), [2]bool{}, map[int]string{2: "b", 1: "a"}, struct{}{}, (*int)(nil)})
}
