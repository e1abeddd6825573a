package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Unmarshal reads a model from protobuf bytes. Fields that this package does
// not know are passed over; bytes that are no ONNX model give an error that
// names the message and the offset within it.
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
			return m.Graph.unmarshal(f.bytes)
		case 8:
			return m.opset(f.bytes)
		case 14:
			var p Property
			err := fields(f.bytes, "StringStringEntryProto", func(f field) error {
				switch f.num {
				case 1:
					p.Key = f.string()
				case 2:
					p.Value = f.string()
				}
				return nil
			})
			m.Metadata = append(m.Metadata, p)
			return err
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

func (m *Model) opset(b []byte) error {
	domain, version := "", int64(0)
	err := fields(b, "OperatorSetIdProto", func(f field) error {
		switch f.num {
		case 1:
			domain = f.string()
		case 2:
			version = f.int()
		}
		return nil
	})
	if domain == "" || domain == "ai.onnx" {
		m.Opset = version
	}
	return err
}

func (g *Graph) unmarshal(b []byte) error {
	return fields(b, "GraphProto", func(f field) error {
		switch f.num {
		case 1:
			var n Node
			if err := n.unmarshal(f.bytes); err != nil {
				return fmt.Errorf("node %d: %w", len(g.Nodes), err)
			}
			g.Nodes = append(g.Nodes, n)
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
		}
		return nil
	})
}

func (n *Node) unmarshal(b []byte) error {
	return fields(b, "NodeProto", func(f field) error {
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
			var a Attribute
			if err := a.unmarshal(f.bytes); err != nil {
				return fmt.Errorf("attribute %q: %w", a.Name, err)
			}
			n.Attrs = append(n.Attrs, a)
		case 6:
			n.Doc = f.string()
		}
		return nil
	})
}

func (a *Attribute) unmarshal(b []byte) error {
	var floats []float32
	var ints []int64
	var single any
	kind := int64(0)
	err := fields(b, "AttributeProto", func(f field) error {
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
			return t.unmarshal(f.bytes)
		case 7:
			var err error
			floats, err = f.floats(floats)
			return err
		case 8:
			var err error
			ints, err = f.ints(ints)
			return err
		case 20:
			kind = f.int()
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case kind == attrFloats:
		a.Value = floats
	case kind == attrInts:
		a.Value = ints
	case single != nil:
		a.Value = single
	case kind == attrInt:
		a.Value = int64(0)
	case kind == attrFloat:
		a.Value = float32(0)
	case kind == attrString:
		a.Value = ""
	default:
		return fmt.Errorf("its type %d is not supported", kind)
	}
	return nil
}

func (t *Tensor) unmarshal(b []byte) error {
	var floats []float32
	var ints, ints32 []int64
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
		case 7:
			ints, err = f.ints(ints)
		case 8:
			t.Name = f.string()
		case 9:
			t.Raw = f.bytes
		case 14:
			if f.int() != 0 {
				err = fmt.Errorf("its data is in another file, which is not supported")
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if t.Raw == nil {
		for _, v := range floats {
			t.Raw = binary.LittleEndian.AppendUint32(t.Raw, math.Float32bits(v))
		}
		for _, v := range ints {
			t.Raw = binary.LittleEndian.AppendUint64(t.Raw, uint64(v))
		}
		for _, v := range ints32 {
			t.Raw = append(t.Raw, byte(v))
		}
	}
	return t.check()
}

// check holds the number of bytes against the shape.
func (t *Tensor) check() error {
	n := int64(1)
	for _, d := range t.Dims {
		if d < 0 || d > math.MaxInt32 || (d > 0 && n > math.MaxInt32/d) {
			return fmt.Errorf("its shape %v is not possible", t.Dims)
		}
		n *= d
	}
	size := t.Type.Size()
	if size == 0 {
		return fmt.Errorf("its element type %d is not supported: want float, double, int64, uint8 or bool", t.Type)
	}
	if int64(len(t.Raw)) != n*int64(size) {
		return fmt.Errorf("it has %d bytes, want %d for the shape %v", len(t.Raw), n*int64(size), t.Dims)
	}
	return nil
}

func (v *ValueInfo) unmarshal(b []byte) error {
	return fields(b, "ValueInfoProto", func(f field) error {
		switch f.num {
		case 1:
			v.Name = f.string()
		case 2:
			return fields(f.bytes, "TypeProto", func(f field) error {
				if f.num != 1 {
					return nil
				}
				return fields(f.bytes, "TypeProto.Tensor", func(f field) error {
					switch f.num {
					case 1:
						v.Type = ElemType(f.int())
					case 2:
						return v.shape(f.bytes)
					}
					return nil
				})
			})
		}
		return nil
	})
}

func (v *ValueInfo) shape(b []byte) error {
	return fields(b, "TensorShapeProto", func(f field) error {
		if f.num != 1 {
			return nil
		}
		var d Dim
		err := fields(f.bytes, "Dimension", func(f field) error {
			switch f.num {
			case 1:
				d.Size = f.int()
			case 2:
				d.Name = f.string()
			}
			return nil
		})
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
		at := whole - len(b)
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
		if err := use(f); err != nil {
			return fmt.Errorf("%s: %w", message, err)
		}
	}
	return nil
}
