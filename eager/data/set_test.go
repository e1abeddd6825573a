package data_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/data"
)

// wantPanic fails unless f panics with an *eager.Error that has that text.
func wantPanic(t *testing.T, text string, f func()) {
	t.Helper()
	err := eager.Try(f)
	var e *eager.Error
	if !errors.As(err, &e) || !strings.Contains(e.Error(), text) || e.Op == "" {
		t.Errorf("error %v, want an *eager.Error with %q", err, text)
	}
}

func TestSplitDealsOutEveryExampleOnce(t *testing.T) {
	set := counted(10)
	set.Classes = []string{"zero"}
	for _, c := range []struct {
		part  float64
		first int
	}{{0, 0}, {0.25, 3}, {0.8, 8}, {1, 10}} {
		a, b := set.Split(c.part, eager.NewRand(5))
		all := slices.Concat(a.Labels, b.Labels)
		if a.Len() != c.first || len(all) != 10 || a.ClassName(0) != "zero" {
			t.Errorf("part %v gave %d and %d", c.part, a.Len(), b.Len())
		}
		if c.part == 0.8 && slices.IsSorted(all) {
			t.Error("nothing was shuffled")
		}
		for k, i := range a.Labels {
			if a.X.At(k, 1) != float64(10*i) || a.Y.At(k, 0) != -float64(i) {
				t.Errorf("label %d came with the input and target of another", i)
			}
		}
		slices.Sort(all)
		for i, v := range all {
			if i != v {
				t.Errorf("part %v: the examples are %v", c.part, all)
				break
			}
		}
	}
	a, b := set.Split(0.5, nil)
	if !slices.Equal(a.Labels, []int{0, 1, 2, 3, 4}) || !slices.Equal(b.Labels, []int{5, 6, 7, 8, 9}) {
		t.Errorf("in order: %v and %v", a.Labels, b.Labels)
	}
	again, _ := set.Split(0.5, eager.NewRand(7))
	once, _ := set.Split(0.5, eager.NewRand(7))
	if !slices.Equal(again.Labels, once.Labels) {
		t.Error("one seed gave two splits")
	}
}

func TestNormaliseGivesMeanZeroAndDeviationOne(t *testing.T) {
	s := data.New(eager.New([]float64{1, 7, 10, 3, 7, 30, 5, 7, 20}, 3, 3), nil)
	before := s.X
	scaling := s.Normalise()
	v := s.X.Values()
	for j := range 3 {
		mean := (v[j] + v[3+j] + v[6+j]) / 3
		variance := (v[j]*v[j]+v[3+j]*v[3+j]+v[6+j]*v[6+j])/3 - mean*mean
		want := 1.0
		if j == 1 { // this column is constant
			want = 0
		}
		if math.Abs(mean) > 1e-6 || math.Abs(variance-want) > 1e-6 {
			t.Errorf("column %d has mean %v and variance %v", j, mean, variance)
		}
	}
	back := scaling.Undo(s.X).Values()
	for i, want := range before.Values() {
		if math.Abs(back[i]-want) > 1e-4 {
			t.Errorf("Undo gives %v, want %v", back, before.Values())
			break
		}
	}
	images := data.New(eager.NewRand(1).Normal(4, 1, 2, 2), nil)
	if scaling := images.Normalise(); scaling.Mean.Shape().String() != "(1,1,2,2)" {
		t.Errorf("the mean of images has shape %v", scaling.Mean.Shape())
	}
}

func TestIrisIsFishersTable(t *testing.T) {
	s := data.Iris()
	if s.String() != "150 examples of (4), 3 classes" || !slices.Equal(s.Count(), []int{50, 50, 50}) {
		t.Errorf("%s, %v", s, s.Count())
	}
	// Rows 35 and 38 are those that the UCI file has wrong; the means are those of the paper.
	for i, want := range map[int][]float64{0: {5.1, 3.5, 1.4, 0.2}, 34: {4.9, 3.1, 1.5, 0.2}, 37: {4.9, 3.6, 1.4, 0.1}, 149: {5.9, 3.0, 5.1, 1.8}} {
		for j, w := range want {
			if math.Abs(s.X.At(i, j)-w) > 1e-6 {
				t.Errorf("row %d has %v in column %d, want %v", i+1, s.X.At(i, j), j, w)
			}
		}
	}
	means := s.X.Mean(0).Values()
	for j, w := range []float64{5.8433, 3.0573, 3.7580, 1.1993} {
		if math.Abs(means[j]-w) > 1e-4 {
			t.Errorf("the mean of %s is %v, want %v", s.Columns[j], means[j], w)
		}
	}
	if s.ClassName(s.Labels[60]) != "versicolor" {
		t.Errorf("row 61 is %s", s.ClassName(s.Labels[60]))
	}
	html := s.MIME()["text/html"].(string)
	if !strings.Contains(html, "<td>virginica</td><td>50</td>") {
		t.Errorf("the table is %s", html)
	}
}

func TestCSVFailuresNameThePlace(t *testing.T) {
	for _, c := range []struct{ text, label, want string }{
		{"", "", "empty"},
		{"a,b\n", "", "no rows"},
		{"a,b\n1,2\n3,x\n", "", `line 3, column "b": "x" is not a number`},
		{"a,b\n1,2\n3\n", "", "wrong number of fields"},
		{"a,b\n1,2\n", "c", `no column "c"; the columns are a, b`},
		{"a\nx\n", "a", "no column of inputs"},
		{"a,b\n1,\"2\n", "", "on line 2"},
	} {
		path := filepath.Join(t.TempDir(), "table.csv")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := data.CSV(path, c.label); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: error %v, want %q and the path", c.text, err, c.want)
		}
	}
	if _, err := data.CSV("no-such.csv", ""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: error %v", err)
	}
}

func TestCSVReadsNumbersAndClasses(t *testing.T) {
	s, err := data.ReadCSV("x", strings.NewReader("\ufeffa, kind,b\n1,red, 2.5\n-3,blue,4e2\n5,red,0\n"), "kind")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.X.Values(), []float64{1, 2.5, -3, 400, 5, 0}) || !slices.Equal(s.Labels, []int{0, 1, 0}) ||
		!slices.Equal(s.Classes, []string{"red", "blue"}) || !slices.Equal(s.Columns, []string{"a", "b"}) {
		t.Errorf("got %+v %v", s, s.X.Values())
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("a,b\n1,2\n", "b")
	f.Add("a\n\"1\n", "")
	f.Fuzz(func(t *testing.T, text, label string) {
		s, err := data.ReadCSV("fuzzed", strings.NewReader(text), label)
		if err == nil && (s.Len() == 0 || s.X.Dim(1) != len(s.Columns)) {
			t.Errorf("%q gave %v", text, s)
		}
	})
}

func TestMadeSetsAreWhatTheySay(t *testing.T) {
	const n = 4000
	check := func(name string, s *data.Set, classes int, fits func(x, y float64, label int) bool) {
		t.Helper()
		count := s.Count()
		if s.Len() != n || len(count) != classes {
			t.Errorf("%s: %s", name, s)
		}
		for c, k := range count {
			if k < n/classes/2 {
				t.Errorf("%s: class %d has %d of %d examples", name, c, k, n)
			}
		}
		v := s.X.Values()
		for i, label := range s.Labels {
			if !fits(v[2*i], v[2*i+1], label) {
				t.Errorf("%s: (%v,%v) has label %d", name, v[2*i], v[2*i+1], label)
				return
			}
		}
	}
	rng := eager.NewRand(1)
	check("moons", data.Moons(rng, n, 0), 2, func(x, y float64, label int) bool {
		if label == 1 {
			x, y = 1-x, 0.5-y
		}
		return math.Abs(math.Hypot(x, y)-1) < 1e-6 && y > -1e-6
	})
	near := func(centres [][]float64, far float64) func(x, y float64, label int) bool {
		return func(x, y float64, label int) bool {
			return math.Hypot(x-centres[label][0], y-centres[label][1]) < far
		}
	}
	check("ring", data.Ring(rng, n, 8, 2, 0.02), 8, near(data.RingCentres(8, 2), 0.12))
	check("grid", data.Grid(rng, n, 5, 2, 0.05), 25, near(data.GridCentres(5, 2), 0.3))
	if c := data.GridCentres(5, 2); c[0][0] != -4 || c[24][1] != 4 || c[12][0] != 0 || c[1][0] != -2 || c[1][1] != -4 {
		t.Errorf("the grid's centres are %v", c)
	}
	check("spiral", data.Spiral(rng, n, 3, 0), 3, func(x, y float64, label int) bool {
		r := math.Hypot(x, y)
		d := math.Mod(math.Atan2(y, x)-3*math.Pi*r-2*math.Pi*float64(label)/3, 2*math.Pi)
		return r <= 1 && (r < 0.01 || math.Abs(math.Remainder(d, 2*math.Pi)) < 1e-3)
	})
	noisy := data.Blobs(rng, n, [][]float64{{3}}, 0.5).X
	if m, s := noisy.Mean().Item(), noisy.Std().Item(); math.Abs(m-3) > 0.05 || math.Abs(s-0.5) > 0.03 {
		t.Errorf("a blob with mean 3 and deviation 0.5 has %v and %v", m, s)
	}
	line := data.Line(rng, n, 2, -1, 0)
	x, y := line.X.Values(), line.Y.Values()
	for i := range x {
		if math.Abs(2*x[i]-1-y[i]) > 1e-6 {
			t.Fatalf("(%v,%v) is not on the line", x[i], y[i])
		}
	}
	if a, b := data.Moons(eager.NewRand(8), 50, 0.1), data.Moons(eager.NewRand(8), 50, 0.1); !slices.Equal(a.X.Values(), b.X.Values()) {
		t.Error("one seed gave two sets of moons")
	}
}
