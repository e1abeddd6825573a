package kernel_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tapir-go/tapir/install/outside"
)

// jupyter runs a script of testdata with a Jupyter that knows the kernels "tapir", built from this module, and "python3".
// Everything but the script's standard output goes to the test's log if the test fails.
func jupyter(t testing.TB, script string, args ...string) []byte {
	t.Helper()
	python, tapir := outside.Python(t, "lab"), outside.Tapir(t)
	dir := t.TempDir()
	spec := filepath.Join(dir, "kernels", "tapir")
	if err := os.MkdirAll(spec, 0o755); err != nil {
		t.Fatal(err)
	}
	file := fmt.Sprintf(`{"argv":[%q,"kernel","{connection_file}"],"display_name":"Go (Tapir)","language":"go","interrupt_mode":"message"}`, tapir)
	if err := os.WriteFile(filepath.Join(spec, "kernel.json"), []byte(file), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, append([]string{filepath.Join("testdata", script)}, args...)...)
	cmd.Env = append(os.Environ(), "JUPYTER_PATH="+dir, "JUPYTER_RUNTIME_DIR="+filepath.Join(dir, "runtime"),
		"JUPYTER_CONFIG_DIR="+filepath.Join(dir, "config"), "IPYTHONDIR="+filepath.Join(dir, "ipython"), "TAPIR_CACHE="+filepath.Join(dir, "cache"))
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s\n%s", script, err, log.Bytes(), out.Bytes())
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s says:\n%s", script, log.Bytes())
		}
	})
	return out.Bytes()
}

func TestPublicSuitePassesWithNothingSkipped(t *testing.T) {
	var got struct {
		There, Ran                int
		Skipped, Failed, Unfilled []string
	}
	if err := json.Unmarshal(jupyter(t, "conformance.py"), &got); err != nil {
		t.Fatal(err)
	}
	if got.Ran < 13 || got.Ran != got.There {
		t.Errorf("%d tests ran, want %d, and at least 13", got.Ran, got.There)
	}
	for _, s := range got.Skipped {
		t.Errorf("skipped: %s", s)
	}
	for _, f := range got.Failed {
		t.Errorf("failed: %s", f)
	}
	for _, u := range got.Unfilled {
		t.Errorf("no value for the suite's %s", u)
	}
	t.Logf("%d of %d tests of jupyter_kernel_test pass", got.Ran-len(got.Failed)-len(got.Skipped), got.There)
}

// maxIdle is how much memory a kernel that has nothing to do may hold, in MiB.
const maxIdle = 60

// TestKernelIsFasterThanIPython compares what a client waits for with ipykernel's, in the same run and in turn. It has no limits in
// milliseconds: those would measure the machine.
func TestKernelIsFasterThanIPython(t *testing.T) {
	if testing.Short() {
		t.Skip("starts ten kernels")
	}
	var rounds map[string][]map[string]float64
	if err := json.Unmarshal(jupyter(t, "measure.py", "5", "20", "tapir", "python3"), &rounds); err != nil {
		t.Fatal(err)
	}
	median := func(kernel, what string) float64 {
		var v []float64
		for _, r := range rounds[kernel] {
			v = append(v, r[what])
		}
		slices.Sort(v)
		return v[len(v)/2]
	}
	for what, unit := range map[string]string{"start": "ms", "reply": "ms", "idle": "MiB"} {
		ours, theirs := median("tapir", what), median("python3", what)
		t.Logf("%s: %.2f %s, ipykernel %.2f %s, ratio %.3f", what, ours, unit, theirs, unit, ours/theirs)
		if what != "idle" && ours > theirs {
			t.Errorf("%s: ratio to ipykernel is %.3f, want at most 1", what, ours/theirs)
		}
	}
	if idle := median("tapir", "idle"); idle > maxIdle {
		t.Errorf("an idle kernel holds %.1f MiB, want at most %d", idle, maxIdle)
	}
}

func TestKernelBehavesUnderJupyterClient(t *testing.T) {
	t.Logf("%s", jupyter(t, "behaviour.py"))
}
