package data

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

//go:embed iris.csv
var irisTable []byte

// Iris is the table of 150 iris flowers of Fisher (1936): X (150,4) are length and width of sepal and petal in cm,
// labels the species: setosa, versicolor, virginica, 50 of each, in this order.
func Iris() *Set {
	s, err := ReadCSV("iris.csv", bytes.NewReader(irisTable), "species")
	if err != nil {
		panic("internal error: the iris table in this program: " + err.Error())
	}
	return s
}

// CSV reads a table of numbers from a file with a first line of column names. The column that is named by label holds
// the classes, as any text; they are numbered as they first occur. With label "" all columns are inputs.
// It fails with file, line and column where a number is wanted and something else stands.
func CSV(path, label string) (*Set, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading a table: %w", err)
	}
	defer func() { _ = f.Close() }()
	return ReadCSV(path, f, label)
}

// ReadCSV is CSV from a reader; the name is used in errors only.
func ReadCSV(name string, r io.Reader, label string) (*Set, error) {
	reader := csv.NewReader(r)
	reader.TrimLeadingSpace = true
	header, err := reader.Read()
	if err == io.EOF {
		return nil, fmt.Errorf("%s: the file is empty: want a first line of column names", name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	labelColumn := -1
	if label != "" {
		if labelColumn = slices.Index(header, label); labelColumn < 0 {
			return nil, fmt.Errorf("%s: there is no column %q; the columns are %s", name, label, strings.Join(header, ", "))
		}
	}
	s := &Set{}
	for i, column := range header {
		if i != labelColumn {
			s.Columns = append(s.Columns, column)
		}
	}
	if len(s.Columns) == 0 {
		return nil, fmt.Errorf("%s: there is no column of inputs beside %q", name, label)
	}
	classes := map[string]int{}
	var values []float64
	rows := 0
	for ; ; rows++ {
		record, err := reader.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for i, field := range record {
			if i == labelColumn {
				class, known := classes[field]
				if !known {
					class = len(s.Classes)
					classes[field] = class
					s.Classes = append(s.Classes, field)
				}
				s.Labels = append(s.Labels, class)
				continue
			}
			v, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
			if err != nil {
				line, _ := reader.FieldPos(i)
				return nil, fmt.Errorf("%s: line %d, column %q: %q is not a number", name, line, header[i], field)
			}
			values = append(values, v)
		}
	}
	if rows == 0 {
		return nil, fmt.Errorf("%s: there are no rows below the column names", name)
	}
	s.X = eager.New(values, rows, len(s.Columns))
	return s, nil
}
