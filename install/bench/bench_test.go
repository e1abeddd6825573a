package bench

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/symbols"
)

// TestMain is Tapir's worker where a test starts one.
func TestMain(m *testing.M) {
	if os.Getenv("TAPIR_BENCH_TEST") != "worker" {
		os.Exit(m.Run())
	}
	if err := Serve(os.Stdin, os.Stdout, "test", newCells); err != nil {
		os.Exit(1)
	}
}

type screen struct{}

func (screen) Stream(int, string, []byte)                {}
func (screen) Display(int, map[string]any, string, bool) {}
func (screen) Clear(int, bool)                           {}

func newCells() (Cells, error) {
	return session.New(session.Options{Screen: screen{}, Table: symbols.Table()})
}

func options(t *testing.T) Options {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TAPIR_BENCH_TEST", "worker")
	return Options{Tapir: []string{self}, Peers: []string{}, Samples: 3, Time: time.Millisecond, Command: "test", Progress: io.Discard}
}

// Tapir's worker is held against itself: processes, protocol, comparison, samples and the table.
func TestWorkersAreMeasuredBesideEachOther(t *testing.T) {
	way := func(work string) []Way { return []Way{{Worker: "tapir", Work: work, Threads: 1}} }
	rows := []Row{
		{Name: "same", Threads: 1, Work: "sgemm 16 8 4", Within: 1e-6, Scope: true, Rivals: []Rival{{Name: "itself", Ways: way("scope:sgemm 16 8 4"), Bar: 0.01}}},
		{Name: "other numbers", Threads: 1, Work: "add 4 4", Within: 1e-6, Rivals: []Rival{{Name: "mul", Ways: way("mul 4 4")}}},
		{Name: "other shape", Threads: 1, Work: "add 4 4", Within: 1e-6, Rivals: []Rival{{Name: "more", Ways: way("add 4 5")}}},
		{Name: "unknown", Threads: 1, Work: "add 4 4", Rivals: []Rival{{Name: "nothing", Ways: way("nothing")}}},
		{Name: "left out", Threads: 1, Work: "add 4 4", Rivals: []Rival{torch(1, 1, "add 4 4")}},
		{Name: "cell", Threads: 1, Work: "cell", Within: 1e-6, Loop: 20, Rivals: []Rival{{Name: "from Go", Ways: way("tiny")}}},
		{Name: "memory", Threads: 1, Work: "tiny", Steps: 5, Rivals: []Rival{{Name: "fewer", Ways: []Way{{"tapir", "tiny", 1, 2}}, Bar: 0.1}}},
	}
	res := &Results{Rows: map[string][]Series{}}
	if err := Run(t.Context(), rows, options(t), res); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "error: the results are", "error: result 1: 20 numbers against 16", `there is no work "nothing"`, "skipped: not asked for", "", ""} {
		series := res.Rows[rows[i].ID()]
		o := against(rows[i], series, rows[i].Rivals[0])
		if want != "" {
			if !strings.Contains(o.problems, want) || !math.IsNaN(o.ratio) {
				t.Errorf("%s: ratio %v, %q, want %q", rows[i].Name, o.ratio, o.problems, want)
			}
			continue
		}
		if o.problems != "" || !(o.ratio > 0) || o.apart > rows[i].Within || (rows[i].Steps == 0) != (o.apart >= 0) {
			t.Errorf("%s: ratio %v, apart %v, %q", rows[i].Name, o.ratio, o.apart, o.problems)
		}
		count := 3
		if rows[i].Steps > 0 {
			count = 1
		}
		for _, s := range series {
			if len(s.Samples) != count || slices.Min(s.Samples) <= 0 {
				t.Errorf("%s: samples %v, want %d above 0", rows[i].Name, s.Samples, count)
			}
		}
	}
	if len(res.About) < 4 {
		t.Errorf("about the run there is only %q", res.About)
	}
}

func TestAWorkerThatEndsLosesItsRowAlone(t *testing.T) {
	in, _ := io.Pipe()
	w := newClient(closer{io.Discard}, in, func() error { return nil })
	w.tail.text = []byte("out of\nmemory")
	in.CloseWithError(errors.New("gone"))
	_, err := w.run(3)
	var lost lostError
	if !errors.As(err, &lost) || !strings.Contains(err.Error(), "run 3: the worker has ended") || !strings.HasSuffix(err.Error(), "out of memory") {
		t.Errorf("got %v", err)
	}
}

type closer struct{ io.Writer }

func (closer) Close() error { return nil }

func TestRequestsThatMeanNothingAreErrors(t *testing.T) {
	var out bytes.Buffer
	in := "check\nmake\nmake sgemm x\nmake add 1\nmake what\nrun 1\nmake small\nrun 0\nrun\njump\nrun 2\nclear\nrun 2\n"
	if err := Serve(strings.NewReader(in), &out, "test", newCells); err != nil {
		t.Fatal(err)
	}
	want := []string{"error", "error", "error", "error", "error", "error", "ok", "error", "error", "error", "ok", "ok", "error"}
	var got []string
	for line := range strings.Lines(out.String()) {
		got = append(got, strings.Fields(line)[0])
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// Every row's work is one that its workers know, and rows can be told apart.
func TestRowsAreOfWorkThatWorkersKnow(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range Rows() {
		if seen[row.ID()] {
			t.Errorf("there are two rows %q", row.ID())
		}
		seen[row.ID()] = true
		if len(row.Rivals) == 0 {
			t.Errorf("%s has no rival", row.ID())
		}
		for _, s := range row.ways() {
			name, _, _ := strings.Cut(s.Way.Work, " ")
			switch s.Way.Worker {
			case "tapir":
				if _, ok := makers[name]; !ok && name != "cell" {
					t.Errorf("%s: Tapir's worker does not know %q", row.ID(), name)
				}
			case "torch", "openblas":
				if !bytes.Contains(pythonWorker, []byte(`"`+name+`":`)) {
					t.Errorf("%s: worker.py does not know %q", row.ID(), name)
				}
			default:
				if _, err := peerFiles.ReadFile("peers/" + s.Way.Worker + "/main.go.txt"); err != nil {
					t.Errorf("%s: %v", row.ID(), err)
				}
			}
		}
	}
}

func TestWorkersGetTheirThreadsAndNothingThatSlowsThem(t *testing.T) {
	got := environment([]string{"PATH=/bin", "OPENBLAS_CORETYPE=Haswell", "OPENBLAS_L2_SIZE=1", "OMP_PROC_BIND=true", "GOGC=off"}, 2)
	want := []string{"PATH=/bin", "GOMAXPROCS=2", "OMP_NUM_THREADS=2", "MKL_NUM_THREADS=2", "OPENBLAS_NUM_THREADS=2", "TAPIR_BENCH_THREADS=2"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestQuantilesLieBetweenSamples(t *testing.T) {
	for _, c := range []struct {
		values []float64
		q      float64
		want   float64
	}{
		{[]float64{3}, 0.25, 3}, {[]float64{3, 1}, 0.5, 2}, {[]float64{5, 1, 3}, 0.5, 3}, {[]float64{5, 1, 3}, 0.25, 2},
		{[]float64{4, 3, 2, 1}, 0, 1}, {[]float64{4, 3, 2, 1}, 1, 4}, {[]float64{4, 3, 2, 1}, 0.75, 3.25},
	} {
		if got := quantile(c.values, c.q); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("quantile %v of %v is %v, want %v", c.q, c.values, got, c.want)
		}
	}
}

func TestDifferencesAreThoseOfTheWorstResult(t *testing.T) {
	got, err := difference([][]float64{{100, 1}, {0, 0}, {0.5}}, [][]float64{{100, 2}, {0, 0}, {0.45}})
	if err != nil || math.Abs(got-0.1) > 1e-12 {
		t.Errorf("got %v, %v, want 0.1", got, err)
	}
	if got, err := difference([][]float64{{math.NaN()}}, [][]float64{{math.NaN()}}); err == nil {
		t.Errorf("NaN passes as %v", got)
	}
	if got, err := difference([][]float64{{1}}, nil); err == nil {
		t.Errorf("no result passes as %v", got)
	}
}

// results is made up: what Tapir and PyTorch took for rows of each kind.
func madeUp() *Results {
	r := &Results{About: []string{"CPU: one", "a \"quoted\", line"}, Rows: map[string][]Series{}}
	for i, row := range Rows() {
		all := row.ways()
		for k := range all {
			all[k].Date, all[k].Apart = "2026-11-26", float64(k)*1e-7
			switch {
			case all[k].Way.Worker == "gonum":
				all[k].Failed, all[k].Skipped = "it does | not build", true
			case i == 3 && k == 1:
				all[k].Failed = "the results are apart"
			default:
				all[k].Samples = []float64{1e-3 * float64(k+1), 2e-3 * float64(k+1), 4e-3 * float64(k+1)}
			}
		}
		r.Rows[row.ID()] = all
	}
	return r
}

func TestRawSamplesComeBackFromTheirFile(t *testing.T) {
	want := madeUp()
	var b bytes.Buffer
	if err := want.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	got, err := ReadCSV(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("what comes back differs:\n%+v\nwant\n%+v", got, want)
	}
	for _, bad := range []string{"", "a,b\n", strings.Replace(b.String(), ",sample,", ",simple,", 1), strings.Replace(b.String(), ",false,", ",maybe,", 1)} {
		if _, err := ReadCSV(strings.NewReader(bad)); err == nil {
			t.Errorf("no error for %.60q", bad)
		}
	}
}

func TestTheTableSaysWhatHoldsAndWhy(t *testing.T) {
	var b bytes.Buffer
	madeUp().Markdown(&b, "raw.csv")
	text := b.String()
	for _, want := range []string{
		"- CPU: one\n", "[raw.csv](raw.csv)", "- measured: 2026-11-26\n",
		"| SGEMM n = 256 | 1 | 2 ms | PyTorch | 4 ms | 2.00 | 2.00-2.00 | 0.95 | yes |  | 1e-07 |\n",
		"|  |  | 2 ms | FMA peak | 8 ms | 4.00 | 4.00-4.00 | 0.85 | yes |",
		"| SGEMM n = 2048 | 1 | 2 ms | PyTorch | error: the results are apart | | | 0.95 | | | |\n",
		"| add 64 K | 1 | 2 ms | PyTorch | 6 ms | 3.00 | 3.00-3.00 | 1 | yes | 1.50 | 2e-07 |\n",
		"| add of 4 elements | 1 | 2 ms | PyTorch | 6 ms | 3.00 | 3.00-3.00 | 10 | **no** | 1.50 |",
		"gonum | skipped: it does \\| not build |",
		"- SGEMM, n = 256 to 2048, 2 threads: geometric mean of the ratios against PyTorch 2.00; at least 1.0: yes\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q", want)
		}
	}
	if strings.Contains(text, "1 thread: geometric mean of the ratios against PyTorch") {
		t.Error("a mean is given that lacks a row")
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestOneRunReplacesItsRowsAlone(t *testing.T) {
	res := madeUp()
	res.About = append(res.About, "gonum is old")
	before := len(res.Rows)
	row := Row{Name: "add 64 K", Threads: 1, Work: "add 2 2", Rivals: []Rival{torch(1, 1, "add 64 1024")}}
	if err := Run(t.Context(), []Row{row}, options(t), res); err != nil {
		t.Fatal(err)
	}
	if len(res.Rows) != before || len(res.Rows[row.ID()]) != 2 || !res.Rows[row.ID()][1].Skipped || len(res.Rows["mul 64 K, 1 thread"]) != 3 {
		t.Errorf("%d rows, was %d: %+v", len(res.Rows), before, res.Rows[row.ID()])
	}
	if about := strings.Join(res.About, "\n"); !strings.Contains(about, "gonum is old") || !strings.Contains(about, "tapir is Tapir test") || strings.Contains(about, "CPU: one") {
		t.Errorf("about the rows it says %q", about)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := Run(ctx, []Row{row}, options(t), res); !errors.Is(err, context.Canceled) {
		t.Errorf("a run that was stopped ends with %v", err)
	}
}
