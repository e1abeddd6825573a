package safetensors_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/safetensors"
	"github.com/tapir-go/tapir/install/outside"
)

// some are tensors of every dtype, and of unusual shapes.
func some() map[string]*eager.Tensor {
	return map[string]*eager.Tensor{
		"f32":          eager.FromFloat32([]float32{1, -2.5, float32(math.Inf(1)), math.SmallestNonzeroFloat32, 0, 3e38}, 2, 3),
		"f64":          eager.FromFloat64([]float64{math.Pi, math.Copysign(0, -1), math.MaxFloat64}, 3),
		"i64":          eager.FromInt64([]int64{math.MinInt64, math.MaxInt64, -1, 0}, 2, 1, 2),
		"u8":           eager.FromUint8([]uint8{0, 1, 127, 128, 255}, 5),
		"bool":         eager.FromBool([]bool{true, false, true}, 3),
		"scalar":       eager.Scalar(7),
		"nothing":      eager.Zeros(2, 0, 3),
		"0.weight":     eager.New([]float64{1, 2, 3, 4, 5, 6}, 2, 3).T(),
		"a \"b\" <é> ": eager.Ones(1),
	}
}

// bits are the numbers of x in a form that == compares exactly.
func bits(x *eager.Tensor) []uint64 {
	var out []uint64
	if x.DType() == eager.Int64 {
		for _, v := range x.Ints() {
			out = append(out, uint64(v))
		}
		return out
	}
	for _, v := range x.Values() {
		out = append(out, math.Float64bits(v))
	}
	return out
}

func TestLoadGivesWhatSaveGot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	want := some()
	if err := safetensors.Save(path, want, map[string]string{"epoch": "3", "<&>": "\n"}); err != nil {
		t.Fatal(err)
	}
	got, metadata, err := safetensors.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Errorf("%d tensors came back of %d", len(got), len(want))
	}
	for name, w := range want {
		g := got[name]
		if g == nil {
			t.Errorf("%q is gone", name)
			continue
		}
		if g.DType() != w.DType() || !slices.Equal(g.Shape(), w.Shape()) || !slices.Equal(bits(g), bits(w)) {
			t.Errorf("%q: got %v%v %v, want %v%v %v", name, g.DType(), g.Shape(), g.Values(), w.DType(), w.Shape(), w.Values())
		}
	}
	if len(metadata) != 2 || metadata["epoch"] != "3" || metadata["<&>"] != "\n" {
		t.Errorf("metadata came back as %q", metadata)
	}
}

func TestEqualTensorsGiveEqualBytes(t *testing.T) {
	dir := t.TempDir()
	var files [2][]byte
	for i := range files {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := safetensors.Save(path, some(), map[string]string{"b": "1", "a": "2"}); err != nil {
			t.Fatal(err)
		}
		files[i], _ = os.ReadFile(path)
	}
	if !slices.Equal(files[0], files[1]) {
		t.Error("two files of the same tensors differ")
	}
	if n := binary.LittleEndian.Uint64(files[0]); n%8 != 0 {
		t.Errorf("the header has %d bytes, not a multiple of 8", n)
	}
}

func TestEmptyMapsAreAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none")
	if err := safetensors.Save(path, nil, nil); err != nil {
		t.Fatal(err)
	}
	tensors, metadata, err := safetensors.Load(path)
	if err != nil || len(tensors) != 0 || metadata == nil || len(metadata) != 0 {
		t.Errorf("got %v, %v, %v", tensors, metadata, err)
	}
}

func TestAFailedSaveLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	if err := safetensors.Save(path, map[string]*eager.Tensor{"a": eager.Ones(3)}, nil); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]map[string]*eager.Tensor{
		"nil":      {"a": nil},
		"reserved": {"__metadata__": eager.Ones(1)},
		"utf8":     {"\xff": eager.Ones(1)},
	} {
		var e *safetensors.Error
		if err := safetensors.Save(path, bad, nil); !errors.As(err, &e) || e.File != path {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if err := safetensors.Save(filepath.Join(dir, "no", "such"), nil, nil); err == nil || !strings.Contains(err.Error(), "such") {
		t.Errorf("a missing directory: error %v", err)
	}
	// What breaks in the middle of writing: a tensor whose memory is gone.
	var gone *eager.Tensor
	eager.Scope(func() { gone = eager.Ones(100_000).Shift(1) })
	err := safetensors.Save(path, map[string]*eager.Tensor{"a": gone}, nil)
	got, _, loadErr := safetensors.Load(path)
	if err == nil || !strings.Contains(err.Error(), path) || loadErr != nil || got["a"].Size() != 3 {
		t.Errorf("after a failed save (%v) the file holds %v, %v", err, got, loadErr)
	}
	files, _ := os.ReadDir(dir)
	if len(files) != 1 {
		t.Errorf("a failed save left %v", files)
	}
}

// file is a file with that header and that many bytes of numbers.
func file(header string, numbers int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	return append(b, make([]byte, numbers)...)
}

func TestFilesThatLieAreRefused(t *testing.T) {
	f32 := func(name, shape, offsets string) string {
		return fmt.Sprintf(`"%s":{"dtype":"F32","shape":[%s],"data_offsets":[%s]}`, name, shape, offsets)
	}
	for _, c := range []struct {
		name   string
		data   []byte
		tensor string
		text   string
	}{
		{"empty", nil, "", "0 bytes"},
		{"seven bytes", make([]byte, 7), "", "7 bytes"},
		{"header longer than the file", append(binary.LittleEndian.AppendUint64(nil, 1000), '{', '}'), "", "truncated"},
		{"header of exabytes", append(binary.LittleEndian.AppendUint64(nil, 1<<63), '{', '}'), "", "at most"},
		{"no object", file(`[]`, 0), "", "begin with {"},
		{"not JSON", file(`{"a":`, 0), "a", "EOF"},
		{"not closed", file(`{"__metadata__":{}`, 0), "", "not JSON"},
		{"text after the object", file(`{} x`, 0), "", "goes on"},
		{"not UTF-8", file("{\"\xff\":1}", 0), "", "UTF-8"},
		{"twice", file(`{`+f32("a", "1", "0,4")+`,`+f32("a", "1", "4,8")+`}`, 8), "", "twice"},
		{"metadata of numbers", file(`{"__metadata__":{"a":1}}`, 0), "", "strings"},
		{"no shape", file(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4), "a", "no shape"},
		{"negative shape", file(`{`+f32("a", "-1", "0,4")+`}`, 4), "a", "cannot be read"},
		{"fraction as shape", file(`{`+f32("a", "1.5", "0,4")+`}`, 4), "a", "cannot be read"},
		{"one offset", file(`{`+f32("a", "1", "4")+`}`, 4), "a", "want 2"},
		{"offsets backwards", file(`{`+f32("a", "1", "4,0")+`}`, 4), "a", "outside"},
		{"cut off", file(`{`+f32("a", "2", "0,8")+`}`, 7), "a", "truncated"},
		{"shape and bytes differ", file(`{`+f32("a", "3", "0,8")+`}`, 8), "a", "takes 12 bytes"},
		{"overflow", file(`{`+f32("a", "4294967296,4294967296,4294967296", "0,8")+`}`, 8), "a", "any memory"},
		{"overlap", file(`{`+f32("a", "2", "0,8")+`,`+f32("b", "1", "4,8")+`}`, 8), "b", "overlap"},
		{"same bytes twice", file(`{`+f32("a", "1", "0,4")+`,`+f32("b", "1", "0,4")+`}`, 4), "b", "overlap"},
		{"hole", file(`{`+f32("a", "1", "0,4")+`,`+f32("b", "1", "8,12")+`}`, 12), "b", "no tensor"},
		{"hole at the start", file(`{`+f32("a", "1", "4,8")+`}`, 8), "a", "no tensor"},
		{"rest", file(`{`+f32("a", "1", "0,4")+`}`, 5), "", "1 bytes after"},
		{"unknown dtype", file(`{"a":{"dtype":"F8_E5M2","shape":[1],"data_offsets":[0,1]}}`, 1), "a", "F8_E5M2"},
		{"bool of 2", append(file(`{"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}`, 0), 2), "a", "0 or 1"},
		{"U64 too large", append(file(`{"a":{"dtype":"U64","shape":[1],"data_offsets":[0,8]}}`, 0), 255, 255, 255, 255, 255, 255, 255, 255), "a", "more than an i64"},
	} {
		path := filepath.Join(t.TempDir(), "bad.safetensors")
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		tensors, _, err := safetensors.Load(path)
		var e *safetensors.Error
		switch {
		case !errors.As(err, &e):
			t.Errorf("%s: tensors %v, error %v", c.name, tensors, err)
		case tensors != nil, e.File != path, e.Tensor != c.tensor, !strings.Contains(e.Text, c.text), e.Offset < 0, e.Offset > int64(len(c.data)):
			t.Errorf("%s: error %v (tensor %q, offset %d), want tensor %q and text with %q", c.name, e, e.Tensor, e.Offset, c.tensor, c.text)
		}
	}
}

func TestEveryTruncationIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := safetensors.Save(path, some(), nil); err != nil {
		t.Fatal(err)
	}
	whole, _ := os.ReadFile(path)
	for n := range whole {
		if tensors, _, err := safetensors.Decode("x", whole[:n]); err == nil || tensors != nil {
			t.Fatalf("the first %d of %d bytes were accepted", n, len(whole))
		}
	}
}

func TestAMissingFileIsNamed(t *testing.T) {
	_, _, err := safetensors.Load("no-such.safetensors")
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "no-such.safetensors") {
		t.Errorf("error %v", err)
	}
	if _, _, err := safetensors.Load(t.TempDir()); err == nil {
		t.Error("a directory was loaded")
	}
}

func TestNarrowDtypesAreWidened(t *testing.T) {
	data := func(dtype string, n int, raw ...byte) []byte {
		return append(file(fmt.Sprintf(`{"a":{"dtype":"%s","shape":[%d],"data_offsets":[0,%d]}}`, dtype, n, len(raw)), 0), raw...)
	}
	for _, c := range []struct {
		data []byte
		kind eager.DType
		want []float64
	}{
		{data("F16", 6, 0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b, 0x00, 0x7c, 0x55, 0x35), eager.Float32,
			[]float64{1, -2, 0x1p-24, 65504, math.Inf(1), 0.333251953125}},
		{data("BF16", 2, 0x80, 0x3f, 0x49, 0xc0), eager.Float32, []float64{1, -3.140625}},
		{data("I8", 2, 0x80, 0x7f), eager.Int64, []float64{-128, 127}},
		{data("I16", 1, 0x00, 0x80), eager.Int64, []float64{-32768}},
		{data("U16", 1, 0x00, 0x80), eager.Int64, []float64{32768}},
		{data("I32", 1, 0, 0, 0, 0x80), eager.Int64, []float64{-1 << 31}},
		{data("U32", 1, 0, 0, 0, 0x80), eager.Int64, []float64{1 << 31}},
		{data("U64", 1, 5, 0, 0, 0, 0, 0, 0, 0), eager.Int64, []float64{5}},
	} {
		got, _, err := safetensors.Decode("x", c.data)
		if err != nil {
			t.Errorf("%s: %v", c.data, err)
			continue
		}
		if a := got["a"]; a.DType() != c.kind || !slices.Equal(a.Values(), c.want) {
			t.Errorf("%q: got %v %v, want %v %v", c.data, a.DType(), a.Values(), c.kind, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	path := filepath.Join(f.TempDir(), "x")
	if err := safetensors.Save(path, some(), map[string]string{"a": "b"}); err != nil {
		f.Fatal(err)
	}
	good, _ := os.ReadFile(path)
	f.Add(good)
	f.Add(file(`{"a":{"dtype":"F32","shape":[2,0,9],"data_offsets":[0,0]},"b":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}`, 3))
	f.Add(file(`{"__metadata__":{"x":"y"},"a":{"dtype":"BF16","shape":[],"data_offsets":[0,2]}}  `, 2))
	f.Fuzz(func(t *testing.T, data []byte) {
		tensors, _, err := safetensors.Decode("fuzzed", data)
		var e *safetensors.Error
		if err != nil && (!errors.As(err, &e) || tensors != nil) {
			t.Fatalf("tensors %v, error %v (%T)", tensors, err, err)
		}
		total := 0
		for _, x := range tensors {
			total += x.Size()
		}
		if total > len(data) {
			t.Fatalf("%d numbers came out of %d bytes", total, len(data))
		}
	})
}

// TestPythonAgrees has the reference implementation read our file and write one for us.
func TestPythonAgrees(t *testing.T) {
	python := outside.Python(t, "check")
	dir := t.TempDir()
	if err := safetensors.Save(filepath.Join(dir, "ours"), some(), map[string]string{"made": "here"}); err != nil {
		t.Fatal(err)
	}
	script := `
import sys, numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file
dir = sys.argv[1]
want = {
    "f32": np.array([[1, -2.5, np.inf], [np.float32(1e-45), 0, 3e38]], np.float32),
    "f64": np.array([np.pi, -0.0, np.finfo(np.float64).max]),
    "i64": np.array([[[-2**63, 2**63-1]], [[-1, 0]]]),
    "u8": np.array([0, 1, 127, 128, 255], np.uint8),
    "bool": np.array([True, False, True]),
    "scalar": np.array(7, np.float32),
    "nothing": np.zeros((2, 0, 3), np.float32),
    "0.weight": np.arange(1, 7, dtype=np.float32).reshape(2, 3).T,
    'a "b" <é> ': np.ones(1, np.float32),
}
with safe_open(dir + "/ours", "np") as f:
    assert f.metadata() == {"made": "here"}, f.metadata()
    assert set(f.keys()) == set(want), f.keys()
    for name, w in want.items():
        g = f.get_tensor(name)
        assert g.dtype == w.dtype and g.shape == w.shape and g.tobytes() == np.ascontiguousarray(w).tobytes(), (name, g, w)
more = {"f16": np.array([0.5, -65504, 6e-8], np.float16), "i32": np.array([[-7, 2**31-1]], np.int32)}
save_file({k: np.array(v, order="C") for k, v in (want | more).items()}, dir + "/theirs", {"made": "there"})
`
	if out, err := exec.Command(python, "-c", script, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got, metadata, err := safetensors.Load(filepath.Join(dir, "theirs"))
	if err != nil {
		t.Fatal(err)
	}
	if metadata["made"] != "there" {
		t.Errorf("metadata %v", metadata)
	}
	want := some()
	want["f16"] = eager.FromFloat32([]float32{0.5, -65504, 0x1p-24}, 3)
	want["i32"] = eager.FromInt64([]int64{-7, 1<<31 - 1}, 1, 2)
	for name, w := range want {
		g := got[name]
		if g == nil || g.DType() != w.DType() || !slices.Equal(g.Shape(), w.Shape()) || !slices.Equal(bits(g), bits(w)) {
			t.Errorf("%q: got %v, want %v", name, g, w)
		}
	}
}
