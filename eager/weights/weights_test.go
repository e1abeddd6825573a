package weights_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/weights"
)

func text(x *eager.Tensor) string {
	if x == nil {
		return "nothing"
	}
	return fmt.Sprint(x.DType(), x.Shape(), x.Values())
}

// What PyTorch saved is what NumPy says that it is: every kind of numbers, views with strides and offsets, parameters, and
// dicts, lists and tuples within each other. testdata/make.py made both files.
func TestTorchAndNumPyAgree(t *testing.T) {
	torch, err := weights.Torch(filepath.Join("testdata", "state.pt"))
	if err != nil {
		t.Fatal(err)
	}
	numpy, err := weights.NPZ(filepath.Join("testdata", "state.npz"))
	if err != nil {
		t.Fatal(err)
	}
	if len(numpy) != 7+2+10+5+2 {
		t.Errorf("%d arrays: %v", len(numpy), slices.Sorted(maps.Keys(numpy)))
	}
	if got, want := slices.Sorted(maps.Keys(torch)), slices.Sorted(maps.Keys(numpy)); !slices.Equal(got, want) {
		t.Fatalf("the names are %v, want %v", got, want)
	}
	for name, want := range numpy {
		if text(torch[name]) != text(want) {
			t.Errorf("%s is %s, want %s", name, text(torch[name]), text(want))
		}
	}
}

func TestKindsOfNumPy(t *testing.T) {
	got, err := weights.NPZ(filepath.Join("testdata", "kinds.npz"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"big": "f32 (2,3) [0 1 2 3 4 5]", "short": "i64 (6) [0 1 2 3 4 5]", "columns": "f64 (2,3) [0 1 2 3 4 5]", "u16": "i64 (1) [65535]",
		"u32": "i64 (1) [4.294967295e+09]", "scalar": "f32 () [1.5]", "empty": "f64 (0,2) []",
	} {
		if text(got[name]) != want {
			t.Errorf("%s is %s, want %s", name, text(got[name]), want)
		}
	}
}

// No code of a file runs, and what is not supported is said.
func TestRefusals(t *testing.T) {
	for file, want := range map[string]string{
		"bad.pt": "system\", which is none of the names", "old.pt": "before 1.6", "state.npz": "no data.pkl", "make.py": "no file of torch.save", "missing.pt": "missing.pt",
	} {
		if _, err := weights.Torch(filepath.Join("testdata", file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error that says %q", file, err, want)
		}
	}
	for file, want := range map[string]string{"objects.npz": "'|O'", "state.pt": "is no array", "make.py": "no .npz file"} {
		if _, err := weights.NPZ(filepath.Join("testdata", file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error that says %q", file, err, want)
		}
	}
	if _, err := os.Stat("ran"); !os.IsNotExist(err) {
		t.Error("the code of bad.pt ran")
	}
}

// A file that is cut anywhere, or has any byte changed, gives an error or tensors, and never a panic.
func TestBrokenFilesGiveErrors(t *testing.T) {
	for _, c := range []struct {
		file   string
		decode func(name string, b []byte) (map[string]*eager.Tensor, error)
	}{{"state.pt", weights.DecodeTorch}, {"kinds.npz", weights.DecodeNPZ}} {
		b, err := os.ReadFile(filepath.Join("testdata", c.file))
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(b); n += 37 {
			if _, err := c.decode("cut", b[:n]); err == nil {
				t.Errorf("%s: the first %d bytes are a file", c.file, n)
			}
			changed := slices.Clone(b)
			changed[n] ^= 0x41
			_, _ = c.decode("changed", changed)
		}
	}
}

func fuzz(f *testing.F, files []string, decode func(name string, b []byte) (map[string]*eager.Tensor, error)) {
	for _, file := range files {
		b, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { _, _ = decode("fuzz", b) })
}

func FuzzTorch(f *testing.F) { fuzz(f, []string{"state.pt", "bad.pt"}, weights.DecodeTorch) }

func FuzzNPZ(f *testing.F) { fuzz(f, []string{"kinds.npz", "objects.npz"}, weights.DecodeNPZ) }

func ExampleTorch() {
	state, err := weights.Torch("testdata/state.pt")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(state["model.3.weight"].Shape(), state["views.2"].Item())
	// Output: (3,8) 2.5
}
