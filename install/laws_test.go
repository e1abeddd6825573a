package install_test

import (
	"bytes"
	"fmt"
	"go/build"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/install/outside"
)

const module = "github.com/tapir-go/tapir"

// mayImport says for each directory of Go files which others of ours it may import. A pattern that ends in "/..." is
// for a directory and all below it; the first line that matches a directory counts. Tests may also import
// install/outside, and what line tests adds.
var mayImport = []struct {
	dir    string
	others string
	tests  string
}{
	{"eager/internal/local", "", ""},
	{"eager/internal/simd/...", "", "eager/internal/simd/..."},
	{"eager/internal/pool/...", "", ""},
	{"eager/internal/array/...", "eager/internal/simd eager/internal/pool", ""},
	{"eager", "eager/internal/...", ""},
	{"eager/probe", "eager/internal/...", ""},
	{"eager/safetensors", "eager", ""},
	{"eager/weights", "eager", ""},
	{"eager/nn", "eager eager/safetensors", ""},
	{"eager/optim", "eager", "eager/nn eager/data eager/safetensors"},
	{"eager/data", "eager", ""},
	{"dynamic", "eager", "eager/nn"},
	{"dynamic/lift", "dynamic eager", "eager/nn"},
	{"dynamic/onnx", "dynamic dynamic/lift eager", "eager/nn"},
	{"dynamic/gosrc", "dynamic dynamic/onnx eager", "eager/nn"},
	{"dynamic/rl", "eager eager/nn eager/optim", ""},
	{"dynamic/gan", "eager eager/nn eager/optim", "eager/data"},
	{"viz", "", ""},
	{"viz/graph", "viz dynamic eager", "eager/nn"},
	{"viz/monitor", "viz", ""},
	{"kernel/wire", "", ""},
	{"kernel/rtype", "", ""},
	{"kernel/socket", "", ""},
	{"kernel/cell", "", ""},
	{"kernel/session", "kernel/cell kernel/rtype", "kernel/symbols"},
	{"kernel/session/gotree", "", "kernel/session kernel/symbols"}, // tests alone
	{"kernel/assist", "kernel/cell kernel/session", "kernel/symbols"},
	{"kernel/plain", "kernel/cell", "kernel/session kernel/symbols"},
	{"kernel/notebook", "kernel/session", ""},
	{"kernel", "kernel/wire kernel/socket kernel/cell kernel/session kernel/assist kernel/notebook", "kernel/symbols"},
	{"kernel/symbols/...", "kernel/session kernel/symbols/... eager eager/safetensors eager/weights eager/nn eager/optim eager/data dynamic dynamic/... viz viz/...", ""},
	{"notebooks", "", "..."},
	{"install", "", ""},
	{"install/bench", "install eager eager/nn eager/optim eager/probe kernel/session", "kernel/symbols"},
	{"install/outside", "install", ""},
	{"install/tapir", "...", ""},
}

// matches tells whether a directory is one of those that a list of patterns means.
func matches(dir, patterns string) bool {
	for p := range strings.FieldsSeq(patterns) {
		below, all := strings.CutSuffix(p, "...")
		if p == dir || all && (strings.HasPrefix(dir+"/", below)) {
			return true
		}
	}
	return false
}

// TestMatches holds the reading of the table: a law that matches nothing, or everything, is none.
func TestMatches(t *testing.T) {
	for _, c := range []struct {
		dir, patterns string
		want          bool
	}{
		{"eager", "eager", true}, {"eager/nn", "eager", false}, {"eager/nn", "eager/...", true}, {"eager", "eager/...", true},
		{"eagerly", "eager/...", false}, {"viz", "eager dynamic", false}, {"viz", "", false}, {"anything/at/all", "...", true},
	} {
		if got := matches(c.dir, c.patterns); got != c.want {
			t.Errorf("%s in %q: %v", c.dir, c.patterns, got)
		}
	}
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := outside.Root()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// source is a Go file of the module.
type source struct {
	path string // from the module's root, with slashes
	text []byte
}

// sources are the Go files of the module, whatever their build tags.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	top := root(t)
	err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); name != top && (base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, name)
		all = append(all, source{filepath.ToSlash(rel), text})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("only %d Go files found below %s", len(all), top)
	}
	return all
}

func (s source) generated() bool {
	head, _, _ := bytes.Cut(s.text, []byte("\npackage "))
	for line := range bytes.Lines(head) {
		if bytes.HasPrefix(line, []byte("// Code generated ")) && bytes.HasSuffix(bytes.TrimSpace(line), []byte(" DO NOT EDIT.")) {
			return true
		}
	}
	return false
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

func TestImportsGoDownTheTable(t *testing.T) {
	missing := map[string]bool{}
	for _, s := range sources(t) {
		dir := path.Dir(s.path)
		line := slices.IndexFunc(mayImport, func(l struct{ dir, others, tests string }) bool { return matches(dir, l.dir) })
		if line < 0 {
			if !missing[dir] {
				t.Errorf("package %s is not in the table of install/laws_test.go: add its line first, and to the design", dir)
			}
			missing[dir] = true
			continue
		}
		allowed := mayImport[line].others
		if s.test() {
			allowed += " install/outside " + dir + " " + mayImport[line].tests
		}
		f, err := parser.ParseFile(token.NewFileSet(), s.path, s.text, parser.ImportsOnly)
		if err != nil {
			t.Errorf("%s: %v", s.path, err)
			continue
		}
		for _, i := range f.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			of, ours := strings.CutPrefix(name, module+"/")
			if ours && !matches(of, allowed) {
				t.Errorf("%s imports %s; %s may import of ours: %s", s.path, of, dir, strings.TrimSpace(allowed))
			}
		}
	}
}

func TestEveryLineOfTheTableIsOfAPackage(t *testing.T) {
	for _, l := range mayImport {
		dir := strings.TrimSuffix(l.dir, "/...")
		if info, err := os.Stat(filepath.Join(root(t), filepath.FromSlash(dir))); err != nil || !info.IsDir() {
			t.Errorf("the table has a line for %s, which is no package", dir)
		}
	}
}

func TestTheTopLevelIsFixed(t *testing.T) {
	allowed := "go.mod go.sum README.md LICENSE .gitignore .git .ci kernel eager dynamic viz notebooks install"
	git := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard")
	git.Dir = root(t)
	out, err := git.Output()
	if err != nil {
		t.Skipf("needs a git checkout: %v", err)
	}
	for file := range strings.Lines(string(out)) {
		top, _, _ := strings.Cut(strings.TrimSpace(file), "/")
		if !slices.Contains(strings.Fields(allowed), top) {
			t.Errorf("%s is at the top level, which has only %s", top, allowed)
		}
	}
}

func TestFilesFitASitting(t *testing.T) {
	const most = 700
	for _, s := range sources(t) {
		if lines := bytes.Count(s.text, []byte("\n")); lines > most && !s.generated() {
			t.Errorf("%s has %d lines, more than %d: cut it in two", s.path, lines, most)
		}
	}
}

func TestFilesAreFormatted(t *testing.T) {
	for _, s := range sources(t) {
		want, err := format.Source(s.text)
		if err != nil {
			t.Errorf("%s: %v", s.path, err)
		} else if !bytes.Equal(s.text, want) {
			t.Errorf("%s is not formatted: gofmt -w %s", s.path, s.path)
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	dirs := map[string]bool{}
	for _, s := range sources(t) {
		if !s.test() {
			dirs[path.Dir(s.path)] = true
		}
	}
	for dir := range dirs {
		p, err := build.ImportDir(filepath.Join(root(t), filepath.FromSlash(dir)), 0)
		if err != nil || p.Name == "main" && strings.Contains(dir, "/internal/") {
			continue // no package for this machine, or a generator
		}
		want := "Package " + p.Name + " "
		if p.Name == "main" {
			want = "Command "
		}
		if !strings.HasPrefix(p.Doc, want) {
			t.Errorf("%s: the package comment begins with %q, want %q", dir, p.Doc, want)
		}
	}
}

func TestEveryPackageHasAnExample(t *testing.T) {
	shown := map[string]bool{"notebooks": true} // its notebooks are the examples
	dirs := map[string]bool{}
	for _, s := range sources(t) {
		dir := path.Dir(s.path)
		switch {
		case strings.Contains(dir+"/", "/internal/"):
		case !s.test():
			dirs[dir] = true
		case bytes.Contains(s.text, []byte("\nfunc Example")):
			shown[dir] = true
		}
	}
	for dir := range dirs {
		if !shown[dir] {
			t.Errorf("%s has no Example: write the one that a newcomer would type first", dir)
		}
	}
}

func TestNothingIsLeftForLater(t *testing.T) {
	for _, s := range sources(t) {
		if s.generated() || s.path == "install/laws_test.go" {
			continue
		}
		for i, line := range strings.Split(string(s.text), "\n") {
			for _, word := range []string{"TODO", "FIXME", "XXX:", "HACK:"} {
				if strings.Contains(line, "// "+word) || strings.Contains(line, word+":") || strings.Contains(line, word+"(") {
					t.Errorf("%s:%d: %s", s.path, i+1, strings.TrimSpace(line))
				}
			}
		}
	}
}

// goCommand runs the go command in the module's root and fails the test with what it printed.
func goCommand(t *testing.T, env []string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s go %s: %v\n%s", strings.Join(env, " "), strings.Join(args, " "), err, out)
	}
}

func TestBuildsForEverySystem(t *testing.T) {
	for _, c := range []struct{ system, arch, cgo string }{
		{"linux", "amd64", "0"}, {"linux", "arm64", "0"}, {"darwin", "arm64", "0"}, {"windows", "amd64", "0"},
	} {
		t.Run(fmt.Sprintf("%s-%s-cgo%s", c.system, c.arch, c.cgo), func(t *testing.T) {
			goCommand(t, []string{"GOOS=" + c.system, "GOARCH=" + c.arch, "CGO_ENABLED=" + c.cgo}, "build", "./...")
		})
	}
}

func TestVetIsClean(t *testing.T) { goCommand(t, nil, "vet", "./...") }

func TestStaticcheckIsClean(t *testing.T) {
	const tool = "honnef.co/go/tools/cmd/staticcheck@v0.8.2"
	if out, err := exec.Command("go", "run", tool, "-version").CombinedOutput(); err != nil {
		if outside.CI() {
			t.Fatalf("go run %s: %v\n%s", tool, err, out)
		}
		t.Skipf("staticcheck cannot be had here: %v\n%s", err, out)
	}
	goCommand(t, nil, "run", tool, "./...")
}
