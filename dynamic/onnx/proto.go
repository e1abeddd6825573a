package onnx

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// The messages of onnx.proto that this package writes and reads, with the
// field numbers of the specification. They are written by hand because
// generated code for ONNX registers itself globally, and two modules that both
// carry it cannot live in one program.

// Model is ONNX's ModelProto. What its messages hold beyond their fields here
// is kept as it was read, and written again.
type Model struct {
	IRVersion int64
	Producer  string
	Version   string // of the producer
	Doc       string
	Opset     int64    // of the default domain
	Others    []Domain // the operator sets besides
	Graph     Graph
	Functions []Function
	Metadata  []Property

	rest []byte // fields that are not known
}

// Domain is the version of an operator set that is not the default one.
type Domain struct {
	Name    string
	Version int64
}

// Function is ONNX's FunctionProto: an operator that is made of others.
type Function struct {
	Domain, Name string
	In, Out      []string
	Attrs        []string    // names, which must be given
	Defaults     []Attribute // what may be left out
	Nodes        []Node
	Opset        int64 // of the default domain, 0 for that of the model

	rest []byte
}

// Property is one entry of a model's metadata.
type Property struct{ Key, Value string }

// Graph is ONNX's GraphProto: nodes in an order in which they can run.
type Graph struct {
	Name         string
	Nodes        []Node
	Initializers []Tensor
	Inputs       []ValueInfo
	Outputs      []ValueInfo

	rest []byte
}

// Node is ONNX's NodeProto.
type Node struct {
	Name, Kind string // Kind is ONNX's op_type
	Domain     string // of the operator; "" is the default one
	In, Out    []string
	Attrs      []Attribute
	Doc        string

	rest []byte
}

// Attribute is ONNX's AttributeProto; Value is an int64, float32, string,
// []int64, []float32, []string, *Tensor or *Graph, and nil for what is none of
// these or named by Ref.
type Attribute struct {
	Name  string
	Value any
	Ref   string // inside a function: the attribute of the function that is meant

	kind int64 // as read, where Value is nil
	rest []byte
}

// Tensor is ONNX's TensorProto with its numbers as little-endian bytes.
type Tensor struct {
	Name     string
	Type     ElemType
	Dims     []int64
	Raw      []byte
	Strings  []string   // instead of Raw
	External []Property // where the numbers are, instead of Raw: location, offset, length

	rest []byte
}

// ValueInfo is the name, type and shape of a graph's input or output.
type ValueInfo struct {
	Name     string
	Type     ElemType // 0 when it is no tensor, or is not said
	Dims     []Dim
	AnyShape bool // Dims say nothing

	other []byte // the type of what is no tensor
	rest  []byte
}

// Dim is one axis: a size, or a named axis that is free.
type Dim struct {
	Size int64
	Name string // not empty: free; "?" for one without a name
}

// The kinds of attribute, as AttributeProto.AttributeType numbers them.
const (
	attrFloat  = 1
	attrInt    = 2
	attrString = 3
	attrTensor = 4
	attrGraph  = 5
	attrFloats = 6
	attrInts   = 7
	attrTexts  = 8
)

// Marshal writes the model as protobuf bytes.
func (m *Model) Marshal() []byte {
	var b []byte
	b = appendInt(b, 1, m.IRVersion)
	b = appendString(b, 2, m.Producer)
	b = appendString(b, 3, m.Version)
	b = appendString(b, 6, m.Doc)
	b = appendBytes(b, 7, m.Graph.marshal())
	b = appendBytes(b, 8, appendInt(nil, 2, m.Opset))
	for _, d := range m.Others {
		b = appendBytes(b, 8, appendInt(appendString(nil, 1, d.Name), 2, d.Version))
	}
	for _, p := range m.Metadata {
		b = appendBytes(b, 14, p.marshal())
	}
	for i := range m.Functions {
		b = appendBytes(b, 25, m.Functions[i].marshal())
	}
	return append(b, m.rest...)
}

func (p Property) marshal() []byte { return appendString(appendString(nil, 1, p.Key), 2, p.Value) }

func (f *Function) marshal() []byte {
	b := appendString(nil, 1, f.Name)
	for _, s := range f.In {
		b = appendBytes(b, 4, []byte(s))
	}
	for _, s := range f.Out {
		b = appendBytes(b, 5, []byte(s))
	}
	for _, s := range f.Attrs {
		b = appendBytes(b, 6, []byte(s))
	}
	for i := range f.Nodes {
		b = appendBytes(b, 7, f.Nodes[i].marshal())
	}
	if f.Opset != 0 {
		b = appendBytes(b, 9, appendInt(nil, 2, f.Opset))
	}
	b = appendString(b, 10, f.Domain)
	for i := range f.Defaults {
		b = appendBytes(b, 11, f.Defaults[i].marshal())
	}
	return append(b, f.rest...)
}

func (g *Graph) marshal() []byte {
	var b []byte
	for i := range g.Nodes {
		b = appendBytes(b, 1, g.Nodes[i].marshal())
	}
	b = appendString(b, 2, g.Name)
	for i := range g.Initializers {
		b = appendBytes(b, 5, g.Initializers[i].marshal())
	}
	for i := range g.Inputs {
		b = appendBytes(b, 11, g.Inputs[i].marshal())
	}
	for i := range g.Outputs {
		b = appendBytes(b, 12, g.Outputs[i].marshal())
	}
	return append(b, g.rest...)
}

func (n *Node) marshal() []byte {
	var b []byte
	for _, s := range n.In {
		b = appendBytes(b, 1, []byte(s)) // an empty name stands for an input left out
	}
	for _, s := range n.Out {
		b = appendBytes(b, 2, []byte(s))
	}
	b = appendString(b, 3, n.Name)
	b = appendString(b, 4, n.Kind)
	for i := range n.Attrs {
		b = appendBytes(b, 5, n.Attrs[i].marshal())
	}
	b = appendString(b, 6, n.Doc)
	return append(appendString(b, 7, n.Domain), n.rest...)
}

func (a *Attribute) marshal() []byte {
	b := appendString(nil, 1, a.Name)
	kind := int64(0)
	switch v := a.Value.(type) {
	case float32:
		b = protowire.AppendTag(b, 2, protowire.Fixed32Type)
		b = protowire.AppendFixed32(b, math.Float32bits(v))
		kind = attrFloat
	case int64:
		b = protowire.AppendTag(b, 3, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(v))
		kind = attrInt
	case string:
		b = appendBytes(b, 4, []byte(v))
		kind = attrString
	case *Tensor:
		b = appendBytes(b, 5, v.marshal())
		kind = attrTensor
	case []float32:
		for _, f := range v {
			b = protowire.AppendTag(b, 7, protowire.Fixed32Type)
			b = protowire.AppendFixed32(b, math.Float32bits(f))
		}
		kind = attrFloats
	case []int64:
		for _, i := range v {
			b = protowire.AppendTag(b, 8, protowire.VarintType)
			b = protowire.AppendVarint(b, uint64(i))
		}
		kind = attrInts
	case []string:
		for _, s := range v {
			b = appendBytes(b, 9, []byte(s))
		}
		kind = attrTexts
	case *Graph:
		b = appendBytes(b, 6, v.marshal())
		kind = attrGraph
	case nil:
		kind = a.kind
	default:
		panic(fmt.Sprintf("internal error: attribute %q has the type %T", a.Name, a.Value))
	}
	b = appendInt(b, 20, kind)
	return append(appendString(b, 21, a.Ref), a.rest...)
}

func (t *Tensor) marshal() []byte {
	var b []byte
	for _, d := range t.Dims {
		b = protowire.AppendTag(b, 1, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(d))
	}
	b = appendInt(b, 2, int64(t.Type))
	for _, s := range t.Strings {
		b = appendBytes(b, 6, []byte(s))
	}
	b = appendString(b, 8, t.Name)
	switch {
	case t.External != nil:
		for _, p := range t.External {
			b = appendBytes(b, 13, p.marshal())
		}
		b = appendInt(b, 14, 1)
	case t.Type != String:
		b = appendBytes(b, 9, t.Raw)
	}
	return append(b, t.rest...)
}

func (v *ValueInfo) marshal() []byte {
	b := appendString(nil, 1, v.Name)
	if v.Type == 0 {
		if v.other != nil {
			b = appendBytes(b, 2, v.other)
		}
		return append(b, v.rest...)
	}
	var shape []byte
	for _, d := range v.Dims {
		var dim []byte
		switch d.Name {
		case "?":
		case "":
			dim = protowire.AppendTag(dim, 1, protowire.VarintType)
			dim = protowire.AppendVarint(dim, uint64(d.Size))
		default:
			dim = appendString(dim, 2, d.Name)
		}
		shape = appendBytes(shape, 1, dim)
	}
	tensor := appendInt(nil, 1, int64(v.Type))
	if !v.AnyShape {
		tensor = appendBytes(tensor, 2, shape)
	}
	return append(appendBytes(b, 2, appendBytes(nil, 1, tensor)), v.rest...)
}

func appendInt(b []byte, field protowire.Number, v int64) []byte {
	if v == 0 {
		return b
	}
	b = protowire.AppendTag(b, field, protowire.VarintType)
	return protowire.AppendVarint(b, uint64(v))
}

func appendString(b []byte, field protowire.Number, s string) []byte {
	if s == "" {
		return b
	}
	return appendBytes(b, field, []byte(s))
}

func appendBytes(b []byte, field protowire.Number, v []byte) []byte {
	b = protowire.AppendTag(b, field, protowire.BytesType)
	return protowire.AppendBytes(b, v)
}
