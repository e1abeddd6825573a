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

// Model is ONNX's ModelProto.
type Model struct {
	IRVersion int64
	Producer  string
	Version   string // of the producer
	Doc       string
	Opset     int64 // of the default domain
	Graph     Graph
	Metadata  []Property
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
}

// Node is ONNX's NodeProto.
type Node struct {
	Name, Kind string // Kind is ONNX's op_type
	In, Out    []string
	Attrs      []Attribute
	Doc        string
}

// Attribute is ONNX's AttributeProto; Value is an int64, float32, string,
// []int64, []float32, *Tensor or *Graph.
type Attribute struct {
	Name  string
	Value any
}

// Tensor is ONNX's TensorProto with its numbers as little-endian bytes.
type Tensor struct {
	Name string
	Type ElemType
	Dims []int64
	Raw  []byte
}

// ElemType is ONNX's TensorProto.DataType.
type ElemType int32

// The element types that the engine has.
const (
	Float  ElemType = 1
	Uint8  ElemType = 2
	Int64  ElemType = 7
	Bool   ElemType = 9
	Double ElemType = 11
)

// Size is the number of bytes of one element, 0 for a type that is not known.
func (t ElemType) Size() int {
	switch t {
	case Float:
		return 4
	case Uint8, Bool:
		return 1
	case Int64, Double:
		return 8
	}
	return 0
}

// ValueInfo is the name, type and shape of a graph's input or output.
type ValueInfo struct {
	Name string
	Type ElemType
	Dims []Dim
}

// Dim is one axis: a size, or a named axis that is free.
type Dim struct {
	Size int64
	Name string // not empty: free
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
	for _, p := range m.Metadata {
		b = appendBytes(b, 14, appendString(appendString(nil, 1, p.Key), 2, p.Value))
	}
	return b
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
	return b
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
	return appendString(b, 6, n.Doc)
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
	case *Graph:
		b = appendBytes(b, 6, v.marshal())
		kind = attrGraph
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
	default:
		panic(fmt.Sprintf("internal error: attribute %q has the type %T", a.Name, a.Value))
	}
	return appendInt(b, 20, kind)
}

func (t *Tensor) marshal() []byte {
	var b []byte
	for _, d := range t.Dims {
		b = protowire.AppendTag(b, 1, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(d))
	}
	b = appendInt(b, 2, int64(t.Type))
	b = appendString(b, 8, t.Name)
	return appendBytes(b, 9, t.Raw)
}

func (v *ValueInfo) marshal() []byte {
	var shape []byte
	for _, d := range v.Dims {
		var dim []byte
		if d.Name != "" {
			dim = appendString(dim, 2, d.Name)
		} else {
			dim = protowire.AppendTag(dim, 1, protowire.VarintType)
			dim = protowire.AppendVarint(dim, uint64(d.Size))
		}
		shape = appendBytes(shape, 1, dim)
	}
	tensor := appendBytes(appendInt(nil, 1, int64(v.Type)), 2, shape)
	return appendBytes(appendString(nil, 1, v.Name), 2, appendBytes(nil, 1, tensor))
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
