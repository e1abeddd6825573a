package symbols

import (
	"archive/zip"
	"bytes"
	_ "embed" // the data files
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"sync"

	"github.com/tapir-go/tapir/kernel/session"
)

//go:embed std.zip
var stdData []byte

//go:embed own.zip
var ownData []byte

// tables has the function that makes the symbols of each package; the generated files fill it.
var tables = map[string]func() map[string]reflect.Value{}

// Table is everything that a cell may import. Nothing is unpacked before it is asked for.
func Table() session.Table { return &table{docs: map[string]map[string]string{}} }

type table struct {
	open  sync.Once
	files map[string]*zip.File
	names map[string]string

	mu   sync.Mutex
	docs map[string]map[string]string
}

func (t *table) load() {
	t.open.Do(func() {
		t.files = map[string]*zip.File{}
		t.names = map[string]string{}
		for _, data := range [][]byte{ownData, stdData} {
			z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				panic("internal error: embedded tables: " + err.Error())
			}
			for _, f := range z.File {
				t.files[f.Name] = f
			}
			var index []struct{ Path, Name string }
			if err := json.Unmarshal(t.file("index"), &index); err != nil {
				panic("internal error: embedded index: " + err.Error())
			}
			for _, p := range index {
				if tables[p.Path] != nil {
					t.names[p.Path] = p.Name
				}
			}
		}
	})
}

func (t *table) file(name string) []byte {
	f := t.files[name]
	if f == nil {
		return nil
	}
	r, err := f.Open()
	if err != nil {
		panic("internal error: embedded " + name + ": " + err.Error())
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		panic("internal error: embedded " + name + ": " + err.Error())
	}
	return b
}

func (t *table) Packages() map[string]string {
	t.load()
	return t.names
}

func (t *table) Symbols(path string) map[string]reflect.Value {
	if f := tables[path]; f != nil {
		return f()
	}
	return nil
}

func (t *table) Export(path string) []byte {
	t.load()
	return t.file("export/" + path)
}

func (t *table) Source(path string) map[string]string {
	t.load()
	var out map[string]string
	for name := range t.files {
		if f, ok := strings.CutPrefix(name, "source/"+path+"/"); ok && !strings.Contains(f, "/") {
			if out == nil {
				out = map[string]string{}
			}
			out[f] = string(t.file(name))
		}
	}
	return out
}

func (t *table) Doc(path, name string) string {
	t.load()
	t.mu.Lock()
	defer t.mu.Unlock()
	d, ok := t.docs[path]
	if !ok {
		d = map[string]string{}
		if b := t.file("doc/" + path); b != nil {
			if err := json.Unmarshal(b, &d); err != nil {
				panic("internal error: embedded documentation of " + path + ": " + err.Error())
			}
		}
		t.docs[path] = d
	}
	return d[name]
}
