package notebook_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/kernel/notebook"
)

const head = `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[`

func TestABadNotebookSaysWhatAndWhere(t *testing.T) {
	code := func(rest string) string {
		return head + `{"cell_type":"code","id":"a","metadata":{},"source":"1","execution_count":null,` + rest + `}]}`
	}
	for _, c := range []struct{ name, json, want string }{
		{"empty", "", "not a notebook: the file is empty"},
		{"binary", "\xff\xfe", "not a notebook: the file is not UTF-8 text"},
		{"not JSON", "{\n \"cells\": x}", "not a notebook: line 2, column 11: invalid character 'x' looking for beginning of value"},
		{"cut off", `{"cells": [`, "not a notebook: line 1, column 11: the JSON text ends too early: the file is cut off"},
		{"two objects", `{} {}`, "something follows the end of the JSON object"},
		{"a list", `[]`, "not a notebook: want a JSON object, have a list"},
		{"another JSON file", `{"name":"x"}`, "nbformat: is missing (want a whole number)"},
		{"nbformat 3", `{"nbformat":3,"nbformat_minor":0,"metadata":{},"worksheets":[]}`, "worksheets: belongs to notebooks older than nbformat 4: open and save the file in JupyterLab first"},
		{"nbformat 5", `{"nbformat":5}`, "nbformat: is 5, want 4"},
		{"nbformat text", `{"nbformat":"4"}`, "nbformat: is a string, want a whole number"},
		{"no cells", `{"nbformat":4,"nbformat_minor":5,"metadata":{}}`, "cells: is missing (want a list)"},
		{"cells an object", `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":{}}`, "cells: is an object, want a list"},
		{"a cell a number", head + `1]}`, "cell 1: is the number 1, want an object"},
		{"cell type", head + `{"cell_type":"python"}]}`, `cell 1: cell_type: is "python", want "code", "markdown" or "raw"`},
		{"no source", head + `{"cell_type":"markdown","metadata":{}}]}`, "cell 1 (markdown): source: is missing (want a string or a list of strings)"},
		{"source numbers", head + `{"cell_type":"raw","metadata":{},"source":["a",1]}]}`, "cell 1 (raw): source: has an item that is not a string"},
		{"same id", head + `{"cell_type":"raw","id":"a","metadata":{},"source":""},{"cell_type":"raw","id":"a","metadata":{},"source":""}]}`,
			`cell 2: id: "a" is the id of cell 1 too`},
		{"tags", head + `{"cell_type":"raw","metadata":{"tags":"x"},"source":""}]}`, "cell 1 (raw): metadata: tags: is a string, want a list"},
		{"no outputs", code(`"x":1`), "cell 1 (code): outputs: is missing (want a list)"},
		{"count", strings.Replace(code(`"outputs":[]`), "null", "-3", 1), "cell 1 (code): execution_count: is -3, want a whole number from 0 on"},
		{"output type", code(`"outputs":[{"output_type":"pyout"}]`), `cell 1 (code): outputs[0]: output_type: is "pyout", want "stream"`},
		{"stream name", code(`"outputs":[{"output_type":"stream","text":"x"}]`), "cell 1 (code): outputs[0]: name: is missing (want a string)"},
		{"data", code(`"outputs":[{"output_type":"display_data","data":[],"metadata":{}}]`), "cell 1 (code): outputs[0]: data: is a list, want an object"},
		{"traceback", code(`"outputs":[{"output_type":"error","ename":"e","evalue":"v","traceback":[null]}]`), "cell 1 (code): outputs[0]: traceback[0]: is null, want a string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := notebook.Parse([]byte(c.json))
			if err == nil {
				t.Fatalf("no error; read %+v", n)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
		})
	}
}

func TestTheErrorNamesTheFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "bad.ipynb")
	if _, err := notebook.ReadFile(name); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("a missing file: %v", err)
	}
	if err := os.WriteFile(name, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := notebook.ReadFile(name); err == nil || !strings.Contains(err.Error(), name+": not a notebook: line 1") {
		t.Errorf("a bad file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"testdata/kinds.ipynb", "testdata/old.ipynb"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := notebook.Parse(data)
		if err != nil {
			if n != nil || err.Error() == "" {
				t.Errorf("an error that is none: %v, %v", n, err)
			}
			return
		}
		once, err := n.Format()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := notebook.Parse(once)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, once)
		}
		twice, err := again.Format()
		if err != nil || string(once) != string(twice) {
			t.Errorf("written twice and different: %v\n%s\n%s", err, once, twice)
		}
	})
}
