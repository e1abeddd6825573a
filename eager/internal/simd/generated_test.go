package simd

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestGeneratedFilesAreFresh runs the generator and compares. It needs avo, which only the generator's module requires:
// where that cannot be had it is skipped, unless CI=true.
func TestGeneratedFilesAreFresh(t *testing.T) {
	run := func(arg ...string) ([]byte, error) {
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
		defer stop()
		c := exec.CommandContext(ctx, "go", arg...)
		c.Env = append(os.Environ(), "GOWORK=off", "GOOS=", "GOARCH=")
		return c.CombinedOutput()
	}
	if out, err := run("-C", "gen", "mod", "download"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("cannot get avo: %v\n%s", err, out)
		}
		t.Skipf("cannot get avo (no network?): %v\n%s", err, out)
	}
	dir := t.TempDir()
	if out, err := run("-C", "gen", "run", ".", "-dir", dir); err != nil {
		t.Fatalf("the generator fails: %v\n%s", err, out)
	}
	fresh, err := filepath.Glob(filepath.Join(dir, "*_a*64.*"))
	if err != nil || len(fresh) == 0 {
		t.Fatalf("the generator wrote %v, %v", fresh, err)
	}
	made := map[string]bool{}
	for _, f := range fresh {
		want, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		made[filepath.Base(f)] = true
		if got, err := os.ReadFile(filepath.Base(f)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale: run go generate ./eager/internal/simd", filepath.Base(f))
		}
	}
	here, err := filepath.Glob("*_a*64.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range here {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(string(text), "// Code generated") && !made[f] {
			t.Errorf("%s is not generated any more: remove it", f)
		}
	}
}
