package weights

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// Torch reads the tensors of the file at path, which torch.save wrote, by name: those of a state dict, or of dicts and lists
// within each other, whose names are joined by dots.
func Torch(path string) (map[string]*eager.Tensor, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	return DecodeTorch(path, b)
}

// DecodeTorch is Torch from memory. The name is used in errors only.
func DecodeTorch(name string, data []byte) (map[string]*eager.Tensor, error) {
	tensors, err := decodeTorch(data)
	if err != nil {
		return nil, fmt.Errorf("weights: %s: %w", name, err)
	}
	return tensors, nil
}

func decodeTorch(data []byte) (map[string]*eager.Tensor, error) {
	if bytes.HasPrefix(data, []byte("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")) {
		return nil, fmt.Errorf("it has the format of PyTorch before 1.6: load and save it once with a newer one")
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("it is no file of torch.save: %w", err)
	}
	r := &reader{files: map[string]*zip.File{}, order: binary.LittleEndian, read: map[string][]byte{}}
	var program *zip.File
	for _, f := range archive.File {
		_, within, _ := strings.Cut(f.Name, "/") // the first part is the name that the file had
		r.files[within] = f
		if within == "data.pkl" {
			if program != nil {
				return nil, fmt.Errorf("it has data.pkl twice")
			}
			program = f
		}
	}
	if program == nil {
		return nil, fmt.Errorf("it has no data.pkl: it is no file of torch.save")
	}
	if f := r.files["byteorder"]; f != nil {
		b, err := entry(f)
		if err != nil {
			return nil, fmt.Errorf("byteorder: %w", err)
		}
		if strings.TrimSpace(string(b)) == "big" {
			r.order = binary.BigEndian
		}
	}
	b, err := entry(program)
	if err != nil {
		return nil, fmt.Errorf("data.pkl: %w", err)
	}
	root, err := unpickle(b, r)
	if err != nil {
		return nil, fmt.Errorf("data.pkl, %w", err)
	}
	tensors := map[string]*eager.Tensor{}
	left := 1 << 20
	if err := collect(root, "", tensors, 0, &left); err != nil {
		return nil, err
	}
	return tensors, nil
}

// collect finds the tensors in what a pickle made.
func collect(v any, name string, to map[string]*eager.Tensor, depth int, left *int) error {
	if *left--; depth > 64 || *left < 0 {
		return fmt.Errorf("it has too many things within each other, at %.100q", name)
	}
	at := func(key any) string {
		if name == "" {
			return fmt.Sprint(key)
		}
		return fmt.Sprint(name, ".", key)
	}
	switch v := v.(type) {
	case *eager.Tensor:
		if name == "" {
			name = "tensor"
		}
		if to[name] != nil {
			return fmt.Errorf("it has the tensor %q twice", name)
		}
		to[name] = v
	case *dict:
		for _, e := range v.entries {
			switch e.key.(type) {
			case string, int64:
				if err := collect(e.value, at(e.key), to, depth+1, left); err != nil {
					return err
				}
			}
		}
	case *list:
		for i, e := range v.items {
			if err := collect(e, at(i), to, depth+1, left); err != nil {
				return err
			}
		}
	case tuple:
		for i, e := range v {
			if err := collect(e, at(i), to, depth+1, left); err != nil {
				return err
			}
		}
	}
	return nil
}

// reader makes tensors of what a pickle says about them.
type reader struct {
	files map[string]*zip.File
	order binary.ByteOrder
	read  map[string][]byte
}

// storage is a file of numbers.
type storage struct {
	kind kind
	key  string
}

// global is a name of a module; see allowed.
type global string

// allowed are the names that a pickle may say.
var allowed = map[global]kind{
	"collections.OrderedDict": "", "torch._utils._rebuild_tensor_v2": "", "torch._utils._rebuild_parameter": "",
	"torch.FloatStorage": f32, "torch.DoubleStorage": f64, "torch.HalfStorage": f16, "torch.BFloat16Storage": bf16, "torch.LongStorage": i64,
	"torch.IntStorage": i32, "torch.ShortStorage": i16, "torch.CharStorage": i8, "torch.ByteStorage": u8, "torch.BoolStorage": b8,
}

// persistent is what a persistent id stands for: ("storage", type, file, device, numbers).
func (r *reader) persistent(id any) (any, error) {
	t, ok := id.(tuple)
	if !ok || len(t) < 5 || t[0] != "storage" {
		return nil, fmt.Errorf("the id %.100v is not that of a storage", id)
	}
	g, _ := t[1].(global)
	key, ok := t[2].(string)
	if allowed[g] == "" || !ok {
		return nil, fmt.Errorf("the storage %v of type %v is not supported", t[2], t[1])
	}
	return storage{allowed[g], key}, nil
}

// call does what a function of the allowed names does.
func (r *reader) call(f any, args any) (any, error) {
	t, ok := args.(tuple)
	if !ok {
		return nil, fmt.Errorf("%v is called with %T", f, args)
	}
	switch f {
	case global("collections.OrderedDict"):
		if len(t) == 0 {
			return &dict{}, nil
		}
	case global("torch._utils._rebuild_parameter"):
		if len(t) > 0 {
			if x, ok := t[0].(*eager.Tensor); ok {
				return x, nil
			}
		}
	case global("torch._utils._rebuild_tensor_v2"):
		if len(t) < 4 {
			break
		}
		s, ok := t[0].(storage)
		offset, ok2 := t[1].(int64)
		shape, ok3 := ints(t[2])
		stride, ok4 := ints(t[3])
		if ok && ok2 && ok3 && ok4 && len(shape) == len(stride) {
			return r.tensor(s, offset, shape, stride)
		}
	}
	return nil, fmt.Errorf("%v is called with %d arguments that it does not take", f, len(t))
}

func ints(v any) ([]int, bool) {
	t, ok := v.(tuple)
	out := make([]int, len(t))
	for i, e := range t {
		n, isInt := e.(int64)
		ok = ok && isInt
		out[i] = int(n)
	}
	return out, ok
}

// tensor picks the numbers of a view out of a storage.
func (r *reader) tensor(s storage, offset int64, shape, stride []int) (*eager.Tensor, error) {
	b, ok := r.read[s.key]
	if !ok {
		f := r.files["data/"+s.key]
		if f == nil {
			return nil, fmt.Errorf("the numbers data/%s are not there", s.key)
		}
		var err error
		if b, err = entry(f); err != nil {
			return nil, fmt.Errorf("data/%s: %w", s.key, err)
		}
		r.read[s.key] = b
	}
	n, err := count(shape)
	if err != nil {
		return nil, err
	}
	size := s.kind.size()
	have := int64(len(b) / size)
	last, packed, next := offset, true, 1
	for i := len(shape) - 1; i >= 0; i-- {
		if stride[i] < 0 || stride[i] > most {
			return nil, fmt.Errorf("the strides %v are not possible", stride)
		}
		last += int64(max(shape[i]-1, 0)) * int64(stride[i])
		packed = packed && (shape[i] == 1 || stride[i] == next)
		next *= shape[i]
	}
	switch {
	case n == 0:
		return tensor(s.kind, r.order, nil, shape), nil
	case offset < 0 || last < 0 || last >= have || int64(n) > have:
		return nil, fmt.Errorf("shape %v and strides %v from %d on in data/%s, which has %d numbers", shape, stride, offset, s.key, have)
	case packed:
		return tensor(s.kind, r.order, b[int(offset)*size:(int(offset)+n)*size], shape), nil
	}
	picked := make([]byte, 0, n*size)
	place := make([]int, len(shape))
	for range n {
		at := int(offset)
		for a, i := range place {
			at += i * stride[a]
		}
		picked = append(picked, b[at*size:(at+1)*size]...)
		for a := len(place) - 1; a >= 0; a-- {
			if place[a]++; place[a] < shape[a] {
				break
			}
			place[a] = 0
		}
	}
	return tensor(s.kind, r.order, picked, shape), nil
}
