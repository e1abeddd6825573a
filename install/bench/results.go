package bench

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/tapir-go/tapir/install"
)

// Results are raw samples of rows, and what they were taken with.
type Results struct {
	About []string            // lines on machine, versions and command of the last run
	Rows  map[string][]Series // by Row.ID
}

// Series is what one way of doing a row's work took.
type Series struct {
	Way     Way
	Scope   bool
	Date    string    // when it was measured
	Samples []float64 // seconds an iteration, or bytes
	Apart   float64   // how far its results are from Tapir's, as a part of the largest; -1: not compared
	Failed  string    // not "": why there are no samples
	Skipped bool      // the peer is not there, and Failed says why
}

// head names the columns of the file of raw samples.
var head = []string{"row", "worker", "work", "threads", "steps", "scope", "date", "apart", "what", "value"}

// WriteCSV writes the raw samples, a line each.
func (r *Results) WriteCSV(out io.Writer) error {
	w := csv.NewWriter(out)
	lines := [][]string{head}
	for _, a := range r.About {
		lines = append(lines, []string{"", "", "", "", "", "", "", "", "about", a})
	}
	for _, row := range Rows() {
		for _, s := range r.Rows[row.ID()] {
			line := func(what, value string) {
				lines = append(lines, []string{row.ID(), s.Way.Worker, s.Way.Work, strconv.Itoa(s.Way.Threads), strconv.Itoa(s.Way.Steps),
					strconv.FormatBool(s.Scope), s.Date, number(s.Apart), what, value})
			}
			if s.Failed != "" {
				line(map[bool]string{false: "failed", true: "skipped"}[s.Skipped], s.Failed)
			}
			for _, v := range s.Samples {
				line("sample", number(v))
			}
		}
	}
	return w.WriteAll(lines)
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 7, 64) }

// ReadCSV reads what WriteCSV wrote. Rows that the table does not have any more are left out.
func ReadCSV(in io.Reader) (*Results, error) {
	r := csv.NewReader(in)
	r.FieldsPerRecord = len(head)
	lines, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading raw samples: %w", err)
	}
	if len(lines) == 0 || !slices.Equal(lines[0], head) {
		return nil, errors.New("reading raw samples: this is no file of them")
	}
	known := map[string]bool{}
	for _, row := range Rows() {
		known[row.ID()] = true
	}
	res := &Results{Rows: map[string][]Series{}}
	for i, l := range lines[1:] {
		what, value := l[8], l[9]
		if what == "about" {
			res.About = append(res.About, value)
			continue
		}
		if !known[l[0]] {
			continue
		}
		threads, err1 := strconv.Atoi(l[3])
		steps, err2 := strconv.Atoi(l[4])
		scope, err3 := strconv.ParseBool(l[5])
		apart, err4 := strconv.ParseFloat(l[7], 64)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			return nil, fmt.Errorf("reading raw samples: line %d: %w", i+2, err)
		}
		s := Series{Way: Way{l[1], l[2], threads, steps}, Scope: scope, Date: l[6], Apart: apart}
		all := res.Rows[l[0]]
		at := slices.IndexFunc(all, func(o Series) bool { return o.Way == s.Way && o.Scope == s.Scope })
		if at < 0 {
			all, at = append(all, s), len(all)
		}
		switch what {
		case "failed", "skipped":
			all[at].Failed, all[at].Skipped = value, what == "skipped"
		case "sample":
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return nil, fmt.Errorf("reading raw samples: line %d: %w", i+2, err)
			}
			all[at].Samples = append(all[at].Samples, v)
		default:
			return nil, fmt.Errorf("reading raw samples: line %d: what is %q?", i+2, what)
		}
		res.Rows[l[0]] = all
	}
	return res, nil
}

// Load reads raw samples from a file; there are none if it is not there.
func Load(name string) (*Results, error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return &Results{Rows: map[string][]Series{}}, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := ReadCSV(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// Save writes the table to a file and the raw samples to another.
func (r *Results) Save(markdown, raw string) error {
	var text, lines bytes.Buffer
	r.Markdown(&text, filepath.Base(raw))
	if err := r.WriteCSV(&lines); err != nil {
		return err
	}
	return errors.Join(install.WriteFile(raw, lines.Bytes(), 0o644), install.WriteFile(markdown, text.Bytes(), 0o644))
}

// today is the date that series get.
func today() string { return time.Now().UTC().Format(time.DateOnly) }

// quantile is the part q (0 to 1) of the way through sorted values, between two of them in proportion.
func quantile(values []float64, q float64) float64 {
	v := slices.Sorted(slices.Values(values))
	at := q * float64(len(v)-1)
	i := min(int(at), len(v)-1)
	j := min(i+1, len(v)-1)
	return v[i] + (v[j]-v[i])*(at-float64(i))
}

func median(values []float64) float64 { return quantile(values, 0.5) }
