package onnx_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tapir-go/tapir/dynamic/onnx"
	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/install/outside"
)

// runtimeCase is one run for testdata/check.py.
type runtimeCase struct {
	Model   string       `json:"model"`
	Inputs  []tensorFile `json:"inputs"`
	Outputs []tensorFile `json:"outputs"`
}

type tensorFile struct {
	File  string `json:"file"`
	DType string `json:"dtype"`
	Shape []int  `json:"shape"`
}

type runtimeResult struct {
	Error   string  `json:"error"`
	Largest float64 `json:"largest"`
	Same    bool    `json:"same"`
}

// tensorFiles writes tensors as raw numbers for Python.
func tensorFiles(t *testing.T, xs []*eager.Tensor) (files []tensorFile) {
	t.Helper()
	for _, x := range xs {
		f, err := os.CreateTemp(t.TempDir(), "*.bin")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(onnx.Raw(x)); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		name := map[eager.DType]string{
			eager.Float32: "float32", eager.Float64: "float64", eager.Int64: "int64", eager.Uint8: "uint8", eager.Bool: "bool",
		}[x.DType()]
		files = append(files, tensorFile{f.Name(), name, append([]int{}, x.Shape()...)})
	}
	return files
}

// inRuntime runs the cases in ONNX Runtime, all in one process.
func inRuntime(t *testing.T, cases []runtimeCase) []runtimeResult {
	t.Helper()
	python := outside.Python(t, "check")
	list := filepath.Join(t.TempDir(), "cases.json")
	b, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(list, b, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, filepath.Join("testdata", "check.py"), list)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("check.py: %v", err)
	}
	var results []runtimeResult
	if err := json.Unmarshal(out, &results); err != nil {
		t.Fatalf("check.py printed %q: %v", out, err)
	}
	if len(results) != len(cases) {
		t.Fatalf("check.py gave %d results for %d cases", len(results), len(cases))
	}
	return results
}
