package eager

// Emitter is what an op needs from an exporter. Ops describe themselves in operators of ONNX, opset 17, always with explicit
// attributes; a writer of another format reads those.
//
// An exporter walks the recorded calls in order, keeps a Value for every tensor it has seen, and calls op.Export for each call:
//
//	name := op.Export(e, event.At, values of event.In, value of event.Out)
//
// Export may write several nodes. It must not use sizes of in and out as constants where another batch size would need others;
// Shape is there for the rank, and for sizes that the attributes fix anyway.
type Emitter interface {
	// Node writes one operator with one result and returns the result's name. An input "" is one left out.
	Node(kind string, in []string, attrs []Attr) string
	// Nodes writes one operator with several results and returns their names.
	Nodes(kind string, in []string, attrs []Attr, results int) []string
	// Const writes a constant and returns its name.
	Const(t *Tensor) string
}

// Attr is a named attribute of an operator. Value is an int (INT), a float64 (FLOAT, stored as float32), a string (STRING), an
// []int (INTS), a []float64 (FLOATS), a DType (INT, the format's own number for the kind), or a *Tensor (TENSOR).
// In the list of Op.Attrs it may be anything else, to be printed with %v.
type Attr struct {
	Name  string
	Value any
}

// Value is a tensor as an exporter knows it: its name in the file, and what it was in the recorded run.
type Value struct {
	Name  string
	Shape Shape
	DType DType
}

// names is the names of values.
func names(in []Value) []string {
	s := make([]string, len(in))
	for i, v := range in {
		s[i] = v.Name
	}
	return s
}

// onnx is an op that is one ONNX operator with the same arguments and no attributes.
func onnx(kind string) func(Emitter, none, []Value, Value) string {
	return func(e Emitter, _ none, in []Value, _ Value) string { return e.Node(kind, names(in), nil) }
}

// axesConst is a list of axes or sizes as ONNX wants them: an int64 tensor of one axis.
func axesConst(e Emitter, v ...int) string { return e.Const(FromInts(v, len(v))) }

// like is v as a scalar constant of the kind of x.
func like(e Emitter, x Value, v float64) string { return e.Const(number(x.DType, v)) }
