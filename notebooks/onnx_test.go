package notebooks_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tapir-go/tapir/dynamic/onnx"
	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/data"
	"github.com/tapir-go/tapir/install/outside"
)

// The model that notebook 05 exports gives the same answers in ONNX Runtime as
// in the engine: 1,000 test digits in batches of 1, 7 and 64.
func TestTheExportedDigitsNetGivesTheSameInONNXRuntime(t *testing.T) {
	python := outside.Python(t, "check")
	dir := t.TempDir()
	cmd := exec.Command(outside.Tapir(t), "run", copyOf(t, exportNotebook(t)))
	cmd.Env = append(os.Environ(), "TMPDIR="+dir, "TMP="+dir, "TEMP="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the notebook fails: %v\n%s", err, out)
	}
	file := filepath.Join(dir, "tapir-digits.onnx")
	model, err := onnx.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	_, test, err := data.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	x := test.X.Slice(0, 0, 1000) // (1000,1,28,28)
	y, err := model.Run([]*eager.Tensor{x})
	if err != nil {
		t.Fatal(err)
	}
	want, classes := y[0].Float32s(), y[0].ArgMax(1).Ints()

	images := filepath.Join(dir, "images.bin")
	if err := os.WriteFile(images, floatBytes(x.Float32s()), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, batch := range []int{1, 7, 64} {
		out := filepath.Join(dir, fmt.Sprintf("out%d.bin", batch))
		text, err := exec.Command(python, filepath.Join("testdata", "digits.py"), file, images, fmt.Sprint(batch), out).CombinedOutput()
		if err != nil {
			t.Fatalf("batches of %d: %v\n%s", batch, err, text)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		got := eager.FromFloat32(floats(b), 1000, 10)
		largest := 0.0
		for i, v := range got.Float32s() {
			largest = max(largest, math.Abs(float64(v)-float64(want[i])))
		}
		differ := 0
		for i, c := range got.ArgMax(1).Ints() {
			if c != classes[i] {
				differ++
			}
		}
		t.Logf("batches of %d: largest difference %.3g, %d classes differ", batch, largest, differ)
		// Probabilities are at most 1; logits of about 20 are behind them, whose rounding of 2e-6 is their relative error.
		if largest > 1e-5 || differ > 0 {
			t.Errorf("batches of %d: largest difference %.3g, want at most 1e-5; %d classes differ, want none", batch, largest, differ)
		}
	}
}

// exportNotebook is the notebook that exports the digits net.
func exportNotebook(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob("05-*.ipynb")
	if err != nil || len(found) != 1 {
		t.Fatalf("want one notebook 05-*.ipynb, got %v %v", found, err)
	}
	return found[0]
}

func floatBytes(v []float32) []byte {
	var b []byte
	for _, f := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	}
	return b
}

func floats(b []byte) []float32 {
	v := make([]float32, len(b)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return v
}
