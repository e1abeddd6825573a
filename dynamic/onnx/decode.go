package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// deepest is how many graphs within graphs a model may have.
const deepest = 32

// Unmarshal reads a model from protobuf bytes. Fields that this package does
// not know are kept and written again; bytes that are no ONNX model give an
// error that names the message and the offset within it.
func Unmarshal(b []byte) (*Model, error) {
	m := &Model{}
	err := fields(b, "ModelProto", func(f field) error {
		switch f.num {
		case 1:
			m.IRVersion = f.int()
		case 2:
			m.Producer = f.string()
		case 3:
			m.Version = f.string()
		case 6:
			m.Doc = f.string()
		case 7:
			return m.Graph.unmarshal(f.bytes, 0)
		case 8:
			d, err := domain(f.bytes)
			if d.Name == "" || d.Name == "ai.onnx" {
				m.Opset = d.Version
			} else {
				m.Others = append(m.Others, d)
			}
			return err
		case 14:
			p, err := property(f.bytes)
			m.Metadata = append(m.Metadata, p)
			return err
		case 25:
			var fn Function
			if err := fn.unmarshal(f.bytes); err != nil {
				return fmt.Errorf("function %q: %w", fn.Name, err)
			}
			m.Functions = append(m.Functions, fn)
		default:
			m.rest = append(m.rest, f.whole...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	if m.IRVersion == 0 && len(m.Graph.Nodes) == 0 {
		return nil, fmt.Errorf("onnx: these %d bytes hold no ONNX model: no ir_version and no graph", len(b))
	}
	return m, nil
}

func domain(b []byte) (d Domain, err error) {
	err = fields(b, "OperatorSetIdProto", func(f field) error {
		switch f.num {
		case 1:
			d.Name = f.string()
		case 2:
			d.Version = f.int()
		}
		return nil
	})
	return d, err
}

func property(b []byte) (p Property, err error) {
	err = fields(b, "StringStringEntryProto", func(f field) error {
		switch f.num {
		case 1:
			p.Key = f.string()
		case 2:
			p.Value = f.string()
		}
		return nil
	})
	return p, err
}

func (fn *Function) unmarshal(b []byte) error {
	return fields(b, "FunctionProto", func(f field) error {
		switch f.num {
		case 1:
			fn.Name = f.string()
		case 4:
			fn.In = append(fn.In, f.string())
		case 5:
			fn.Out = append(fn.Out, f.string())
		case 6:
			fn.Attrs = append(fn.Attrs, f.string())
		case 7:
			return readNode(&fn.Nodes, f.bytes, 1)
		case 9:
			d, err := domain(f.bytes)
			if d.Name == "" || d.Name == "ai.onnx" {
				fn.Opset = d.Version
			} else {
				fn.rest = append(fn.rest, f.whole...)
			}
			return err
		case 10:
			fn.Domain = f.string()
		case 11:
			return readAttribute(&fn.Defaults, f.bytes, 1)
		default:
			fn.rest = append(fn.rest, f.whole...)
		}
		return nil
	})
}

func (g *Graph) unmarshal(b []byte, depth int) error {
	if depth > deepest {
		return fmt.Errorf("graphs are nested more than %d deep", deepest)
	}
	return fields(b, "GraphProto", func(f field) error {
		switch f.num {
		case 1:
			return readNode(&g.Nodes, f.bytes, depth)
		case 2:
			g.Name = f.string()
		case 5:
			var t Tensor
			if err := t.unmarshal(f.bytes); err != nil {
				return fmt.Errorf("initializer %d %q: %w", len(g.Initializers), t.Name, err)
			}
			g.Initializers = append(g.Initializers, t)
		case 11, 12:
			var v ValueInfo
			if err := v.unmarshal(f.bytes); err != nil {
				return err
			}
			if f.num == 11 {
				g.Inputs = append(g.Inputs, v)
			} else {
				g.Outputs = append(g.Outputs, v)
			}
		default:
			g.rest = append(g.rest, f.whole...)
		}
		return nil
	})
}

func readNode(to *[]Node, b []byte, depth int) error {
	var n Node
	err := fields(b, "NodeProto", func(f field) error {
		switch f.num {
		case 1:
			n.In = append(n.In, f.string())
		case 2:
			n.Out = append(n.Out, f.string())
		case 3:
			n.Name = f.string()
		case 4:
			n.Kind = f.string()
		case 5:
			return readAttribute(&n.Attrs, f.bytes, depth)
		case 6:
			n.Doc = f.string()
		case 7:
			n.Domain = f.string()
		default:
			n.rest = append(n.rest, f.whole...)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("node %d: %w", len(*to), err)
	}
	*to = append(*to, n)
	return nil
}

func readAttribute(to *[]Attribute, b []byte, depth int) error {
	var a Attribute
	if err := a.unmarshal(b, depth); err != nil {
		return fmt.Errorf("attribute %q: %w", a.Name, err)
	}
	*to = append(*to, a)
	return nil
}

func (a *Attribute) unmarshal(b []byte, depth int) error {
	var floats []float32
	var ints []int64
	var texts []string
	var single any
	err := fields(b, "AttributeProto", func(f field) (err error) {
		switch f.num {
		case 1:
			a.Name = f.string()
		case 2:
			single = math.Float32frombits(uint32(f.value))
		case 3:
			single = f.int()
		case 4:
			single = f.string()
		case 5:
			t := &Tensor{}
			single = t
			err = t.unmarshal(f.bytes)
		case 6:
			g := &Graph{}
			single = g
			err = g.unmarshal(f.bytes, depth+1)
		case 7:
			floats, err = f.floats(floats)
		case 8:
			ints, err = f.ints(ints)
		case 9:
			texts = append(texts, f.string())
		case 20:
			a.kind = f.int()
		case 21:
			a.Ref = f.string()
		default:
			a.rest = append(a.rest, f.whole...)
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case a.Ref != "":
		return nil
	case a.kind == attrFloats || a.kind == 0 && floats != nil:
		a.Value = floats
	case a.kind == attrInts || a.kind == 0 && ints != nil:
		a.Value = ints
	case a.kind == attrTexts || a.kind == 0 && texts != nil:
		a.Value = texts
	case single != nil:
		a.Value = single
	case a.kind == attrInt:
		a.Value = int64(0)
	case a.kind == attrFloat:
		a.Value = float32(0)
	case a.kind == attrString:
		a.Value = ""
	case a.kind == 0:
		return fmt.Errorf("it has neither a type nor a value")
	}
	return nil
}

func (t *Tensor) unmarshal(b []byte) error {
	var floats []float32
	var ints, ints32 []int64
	var doubles []byte
	external := false
	err := fields(b, "TensorProto", func(f field) (err error) {
		switch f.num {
		case 1:
			t.Dims, err = f.ints(t.Dims)
		case 2:
			t.Type = ElemType(f.int())
		case 4:
			floats, err = f.floats(floats)
		case 5:
			ints32, err = f.ints(ints32)
		case 6:
			t.Strings = append(t.Strings, f.string())
		case 7, 11:
			ints, err = f.ints(ints)
		case 8:
			t.Name = f.string()
		case 9:
			t.Raw = f.bytes
		case 10:
			if f.kind == protowire.BytesType {
				doubles = append(doubles, f.bytes...)
			} else {
				doubles = binary.LittleEndian.AppendUint64(doubles, f.value)
			}
		case 13:
			var p Property
			p, err = property(f.bytes)
			t.External = append(t.External, p)
		case 14:
			external = f.int() == 1
		default:
			t.rest = append(t.rest, f.whole...)
		}
		return err
	})
	if err != nil {
		return err
	}
	if !external {
		t.External = nil
	}
	if t.Raw == nil {
		t.Raw = t.typed(floats, ints, ints32, doubles)
	}
	return t.check()
}

// typed is the numbers of the lists of a message, as bytes.
func (t *Tensor) typed(floats []float32, ints, ints32 []int64, doubles []byte) (raw []byte) {
	for _, v := range floats {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	size := t.Type.Size()
	for _, v := range append(ints, ints32...) {
		raw = append(raw, binary.LittleEndian.AppendUint64(nil, uint64(v))[:size]...)
	}
	return append(raw, doubles...)
}

// count is the number of elements that the shape holds.
func (t *Tensor) count() (int64, error) {
	n := int64(1)
	for _, d := range t.Dims {
		if d < 0 || d > math.MaxInt32 || (d > 0 && n > math.MaxInt32/d) {
			return 0, fmt.Errorf("its shape %v is not possible", t.Dims)
		}
		n *= d
	}
	return n, nil
}

// check holds the number of bytes against the shape.
func (t *Tensor) check() error {
	n, err := t.count()
	if err != nil {
		return err
	}
	size := t.Type.Size()
	switch {
	case t.Type == String:
		if int64(len(t.Strings)) != n {
			return fmt.Errorf("it has %d strings, want %d for the shape %v", len(t.Strings), n, t.Dims)
		}
	case t.External != nil || size == 0: // looked at where it is used
	case int64(len(t.Raw)) != n*int64(size):
		return fmt.Errorf("it has %d bytes, want %d for the shape %v", len(t.Raw), n*int64(size), t.Dims)
	}
	return nil
}

func (v *ValueInfo) unmarshal(b []byte) error {
	v.AnyShape = true
	return fields(b, "ValueInfoProto", func(f field) error {
		switch f.num {
		case 1:
			v.Name = f.string()
		case 2:
			v.other = f.bytes
			return fields(f.bytes, "TypeProto", func(f field) error {
				if f.num != 1 {
					return nil
				}
				return fields(f.bytes, "TypeProto.Tensor", func(f field) error {
					switch f.num {
					case 1:
						v.Type = ElemType(f.int())
					case 2:
						v.AnyShape = false
						return v.shape(f.bytes)
					}
					return nil
				})
			})
		default:
			v.rest = append(v.rest, f.whole...)
		}
		return nil
	})
}

func (v *ValueInfo) shape(b []byte) error {
	return fields(b, "TensorShapeProto", func(f field) error {
		if f.num != 1 {
			return nil
		}
		d := Dim{Name: "?"}
		err := fields(f.bytes, "Dimension", func(f field) error {
			switch f.num {
			case 1:
				d = Dim{Size: f.int()}
			case 2:
				if f.string() != "" {
					d.Name = f.string()
				}
			}
			return nil
		})
		if d.Name == "" && d.Size < 0 {
			d.Name = "?"
		}
		v.Dims = append(v.Dims, d)
		return err
	})
}

// field is one field of a message: value for numbers, bytes for the rest.
type field struct {
	num   protowire.Number
	kind  protowire.Type
	value uint64
	bytes []byte
	whole []byte // tag included
}

func (f field) int() int64     { return int64(f.value) }
func (f field) string() string { return string(f.bytes) }

// ints appends the numbers of a repeated field, packed or not.
func (f field) ints(to []int64) ([]int64, error) {
	if f.kind != protowire.BytesType {
		return append(to, f.int()), nil
	}
	for b := f.bytes; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		to, b = append(to, int64(v)), b[n:]
	}
	return to, nil
}

func (f field) floats(to []float32) ([]float32, error) {
	if f.kind != protowire.BytesType {
		return append(to, math.Float32frombits(uint32(f.value))), nil
	}
	if len(f.bytes)%4 != 0 {
		return nil, fmt.Errorf("%d bytes do not hold whole floats", len(f.bytes))
	}
	for b := f.bytes; len(b) > 0; b = b[4:] {
		to = append(to, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return to, nil
}

// fields hands each field of a message to use.
func fields(b []byte, message string, use func(field) error) error {
	whole := len(b)
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return fmt.Errorf("%s, byte %d: %w", message, whole-len(b), protowire.ParseError(n))
		}
		f := field{num: num, kind: kind}
		at, start := whole-len(b), b
		b = b[n:]
		switch kind {
		case protowire.VarintType:
			f.value, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b)
			f.value = uint64(v)
		case protowire.Fixed64Type:
			f.value, n = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(num, kind, b)
		}
		if n < 0 {
			return fmt.Errorf("%s, field %d at byte %d: %w", message, num, at, protowire.ParseError(n))
		}
		b = b[n:]
		f.whole = start[:len(start)-len(b)]
		if err := use(f); err != nil {
			return fmt.Errorf("%s: %w", message, err)
		}
	}
	return nil
}
