package symbols_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/kernel/symbols/internal/generate"
)

// root is the directory of the module.
const root = "../.."

// TestTheTablesOfOurPackagesAreFresh makes the own_ files again and compares them with those here.
func TestTheTablesOfOurPackagesAreFresh(t *testing.T) {
	files, err := generate.Files(root, false)
	if err != nil {
		t.Fatal(err)
	}
	sameAsHere(t, files, "own")
}

// TestTheTablesOfTheStandardLibraryAreFresh does the same for the std_ files, which hold for one version of Go.
func TestTheTablesOfTheStandardLibraryAreFresh(t *testing.T) {
	if testing.Short() {
		t.Skip("go list of the whole standard library takes seconds")
	}
	z, err := zip.OpenReader("std.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if v := runtime.Version(); v != z.Comment {
		t.Skipf("the tables are those of %s, this is %s", z.Comment, v)
	}
	pkgs, err := generate.Load(root, true)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, p := range pkgs {
		if files[p.FileName()], err = generate.Symbols(p); err != nil {
			t.Fatal(err)
		}
	}
	if files["std.zip"], err = generate.Data(pkgs); err != nil {
		t.Fatal(err)
	}
	sameAsHere(t, files, "std")
}

// TestADataFileComesOutTheSameTwice holds that the data of packages depends on nothing but the packages.
func TestADataFileComesOutTheSameTwice(t *testing.T) {
	var made [2][]byte
	for i := range made {
		pkgs, err := generate.Load(root, false)
		if err != nil {
			t.Fatal(err)
		}
		if made[i], err = generate.Data(pkgs); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(made[0], made[1]) {
		t.Error("own.zip made twice is not the same")
	}
}

// sameAsHere compares generated files with those of this directory whose names begin with prefix.
func sameAsHere(t *testing.T, files map[string][]byte, prefix string) {
	t.Helper()
	const mend = "; run go generate ./kernel/symbols"
	if len(files) < 2 {
		t.Fatalf("only %d files were made", len(files))
	}
	have, err := filepath.Glob(prefix + "_*_.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range have {
		if files[name] == nil {
			t.Errorf("%s is of a package that is gone%s", name, mend)
		}
	}
	for name, want := range files {
		got, err := os.ReadFile(name)
		switch {
		case err != nil:
			t.Errorf("%v%s", err, mend)
		case strings.HasSuffix(name, ".zip"):
			if d := difference(t, got, want); d != "" {
				t.Errorf("%s: %s is stale%s", name, d, mend)
			}
		case !bytes.Equal(got, want):
			t.Errorf("%s is stale%s", name, mend)
		}
	}
}

// difference is the first entry in which two zip files differ, "" if there is none. How they are packed does not count:
// that may change with the version of Go.
func difference(t *testing.T, a, b []byte) string {
	t.Helper()
	as, bs := entries(t, a), entries(t, b)
	for name := range as {
		if _, ok := bs[name]; !ok {
			return name
		}
	}
	for name, text := range bs {
		if old, ok := as[name]; !ok || old != text {
			return name
		}
	}
	return ""
}

func entries(t *testing.T, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(text)
	}
	return out
}
