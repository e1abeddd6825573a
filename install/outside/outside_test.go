package outside

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestListsOfPythonPackagesAreComplete(t *testing.T) {
	for _, set := range []string{"lab", "check"} {
		t.Run(set, func(t *testing.T) {
			out, err := exec.Command(Python(t, set), "-m", "pip", "check", "--disable-pip-version-check").CombinedOutput()
			if err != nil {
				t.Errorf("pip check: %v\n%s", err, out)
			}
		})
	}
}

func TestPythonIsMadeOnce(t *testing.T) {
	first, err := os.Stat(Python(t, "check"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.Stat(Python(t, "check"))
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(first, second) {
		t.Error("two calls gave two environments")
	}
}

func TestPackagesImport(t *testing.T) {
	for set, modules := range map[string]string{
		"lab":   "jupyterlab, jupyter_client, nbclient, nbformat, ipykernel, jupyter_kernel_test, pytest",
		"check": "onnx, onnxruntime, gymnasium, numpy, safetensors.numpy",
	} {
		out, err := exec.Command(Python(t, set), "-c", "import "+modules).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", set, err, out)
		}
	}
}

func TestChromiumRuns(t *testing.T) {
	out, err := exec.Command(Chromium(t), "--version").Output()
	if err != nil || !strings.Contains(string(out), "Chrom") {
		t.Errorf("--version: %v: %s", err, out)
	}
}

func ExampleRoot() {
	root, err := Root()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = os.Stat(filepath.Join(root, "go.mod"))
	fmt.Println(err)
	// Output: <nil>
}
