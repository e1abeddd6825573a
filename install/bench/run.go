package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Options are what Run is called with.
type Options struct {
	Tapir     []string      // the command line of Tapir's worker
	Python    string        // a Python with PyTorch and NumPy; "": one is made in the cache
	Peers     []string      // the workers to measure beside Tapir's; nil: all
	Samples   int           // of each way of doing a row's work
	Time      time.Duration // what a sample should take
	Command   string        // as the table says that it was made
	Progress  io.Writer     // told row by row
	workers   map[string]*client
	skipped   map[string]string // workers that are not there, and why
	installed map[string]command
}

// Peers are the workers that can be measured beside Tapir's.
func Peers() []string {
	names := []string{"torch", "openblas"}
	for _, p := range goPeers {
		names = append(names, p.worker)
	}
	return names
}

// Run measures rows one after the other and puts them into res. Rows that fail are in it with the reason; an error is only what
// ends the run: ctx, or a worker of Tapir that cannot be started. The rows before are in res then.
func Run(ctx context.Context, rows []Row, o Options, res *Results) error {
	o.workers, o.skipped, o.installed = map[string]*client{}, map[string]string{}, map[string]command{}
	defer func() {
		for _, w := range o.workers {
			_ = w.close() // it has nothing left to say
		}
	}()
	began := time.Now()
	versions := map[string]string{} // also of workers whose rows are older
	for _, a := range res.About {
		if worker, _, ok := strings.Cut(a, " is "); ok && (worker == "tapir" || slices.Contains(Peers(), worker)) {
			versions[worker] = a
		}
	}
	defer func() {
		res.About = slices.Concat([]string{
			"CPU: " + processor(),
			"command: " + o.Command,
			fmt.Sprintf("%d samples of %v each where the row gives no number of iterations", o.Samples, o.Time),
		}, slices.Sorted(maps.Values(versions)))
	}()
	for i, row := range rows {
		series, err := o.row(ctx, row, versions)
		if err := errors.Join(ctx.Err(), err); err != nil {
			return err
		}
		res.Rows[row.ID()] = series
		fmt.Fprintf(o.Progress, "%2d/%d  %6.0f s  %-84s %s\n", i+1, len(rows), time.Since(began).Seconds(), row.ID(), summary(row, series))
	}
	return nil
}

// ways are all that a row needs: Tapir first.
func (r Row) ways() []Series {
	own := Way{Worker: "tapir", Work: r.Work, Threads: r.Threads, Steps: r.Steps}
	all := []Series{{Way: own}}
	if r.Scope {
		all = append(all, Series{Way: own, Scope: true})
	}
	for _, rival := range r.Rivals {
		for _, w := range rival.Ways {
			all = append(all, Series{Way: w})
		}
	}
	for i := range all {
		all[i].Date, all[i].Apart = today(), -1
	}
	return all
}

// row measures a row.
func (o *Options) row(ctx context.Context, row Row, versions map[string]string) ([]Series, error) {
	all := row.ways()
	runners := make([]*runner, len(all))
	cleared := map[*client]bool{}
	var want [][]float64
	for i := range all {
		s := &all[i]
		w, err := o.worker(ctx, s.Way)
		if err != nil && s.Way.Worker == "tapir" {
			return nil, fmt.Errorf("starting Tapir's worker: %w", err)
		}
		if err != nil {
			s.Failed, s.Skipped = err.Error(), true
			continue
		}
		versions[s.Way.Worker] = s.Way.Worker + " is " + w.info
		if row.Steps > 0 {
			o.memory(ctx, s)
			continue
		}
		if !cleared[w] {
			cleared[w] = true
			if _, err := w.ask("clear"); err != nil {
				(&runner{o: o, w: w, s: s}).fail(err)
				continue
			}
		}
		r := &runner{o: o, w: w, s: s, loop: row.Loop}
		got, err := r.make()
		if err == nil && i == 0 {
			want = got
		}
		if err == nil && i > 0 && len(got) > 0 && len(want) > 0 {
			if s.Apart, err = difference(got, want); err == nil && s.Apart > row.Within {
				err = fmt.Errorf("the results are %.2g apart from Tapir's, which is more than %.2g", s.Apart, row.Within)
			}
		}
		if err != nil {
			r.fail(err)
			continue
		}
		runners[i] = r
	}
	if row.Steps > 0 {
		return all, nil
	}
	for sample := range o.Samples {
		for k := range all {
			r := runners[(k+sample)%len(all)]
			if r == nil || r.s.Failed != "" || ctx.Err() != nil {
				continue
			}
			if err := r.sample(); err != nil {
				r.fail(err)
			}
		}
	}
	return all, nil
}

// runner is one way of doing a row's work, in a worker.
type runner struct {
	o    *Options
	w    *client
	s    *Series
	loop int
}

func (r *runner) work() string {
	if r.s.Scope {
		return "scope:" + r.s.Way.Work
	}
	return r.s.Way.Work
}

// make makes the work, looks at what it computes, and finds how often a sample does it.
func (r *runner) make() ([][]float64, error) {
	if err := r.take(); err != nil {
		return nil, err
	}
	got, err := r.w.check()
	if err != nil || r.loop > 0 {
		return got, err
	}
	for r.loop = 1; ; {
		took, err := r.w.run(r.loop)
		if err != nil {
			return nil, err
		}
		want := r.o.Time.Seconds()
		if took > want/2 {
			r.loop = max(1, int(float64(r.loop)*want/took+0.5))
			return got, nil
		}
		r.loop *= min(10, max(2, int(want/2/max(took, 1e-9))))
	}
}

// take has the worker take up this work.
func (r *runner) take() error {
	_, err := r.w.ask("make " + r.work())
	return err
}

func (r *runner) sample() error {
	if err := r.take(); err != nil {
		return err
	}
	time.Sleep(60 * time.Millisecond)                // threads of the worker before spin: OpenMP's for 6, OpenBLAS's for 30
	if _, err := r.w.run(1 + r.loop/8); err != nil { // the worker's own threads are to be awake again
		return err
	}
	took, err := r.w.run(r.loop)
	if err == nil {
		r.s.Samples = append(r.s.Samples, took/float64(r.loop))
	}
	return err
}

func (r *runner) fail(err error) {
	r.s.Failed, r.s.Samples = err.Error(), nil
	var lost lostError
	if errors.As(err, &lost) {
		delete(r.o.workers, key(r.s.Way))
	}
}

func key(w Way) string { return fmt.Sprint(w.Worker, " ", w.Threads) }

// worker is the running worker for a way, or the reason why there is none.
func (o *Options) worker(ctx context.Context, way Way) (*client, error) {
	if w := o.workers[key(way)]; w != nil {
		return w, nil
	}
	w, err := o.start(ctx, way)
	if err == nil {
		o.workers[key(way)] = w
	}
	return w, err
}

// start starts a new worker for a way.
func (o *Options) start(ctx context.Context, way Way) (*client, error) {
	name := way.Worker
	if reason := o.skipped[name]; reason != "" {
		return nil, errors.New(reason)
	}
	w, err := func() (*client, error) {
		if name != "tapir" && o.Peers != nil && !slices.Contains(o.Peers, name) {
			return nil, errors.New("not asked for (-peers)")
		}
		c, there := o.installed[name]
		if !there {
			var err error
			if c, err = o.find(ctx, name); err != nil {
				return nil, err
			}
			o.installed[name] = c
		}
		return c.start(ctx, way.Threads)
	}()
	if err != nil && ctx.Err() == nil {
		o.skipped[name] = strings.Join(strings.Fields(err.Error()), " ")
	}
	return w, err
}

// memory measures the peak of a process that does nothing else.
func (o *Options) memory(ctx context.Context, s *Series) {
	err := func() error {
		w, err := o.start(ctx, s.Way)
		if err != nil {
			return err
		}
		defer w.close()
		if _, err := w.ask("make " + s.Way.Work); err != nil {
			return err
		}
		if _, err := w.run(s.Way.Steps); err != nil {
			return err
		}
		bytes, err := w.peak()
		s.Samples = []float64{bytes}
		return err
	}()
	if err != nil {
		s.Failed, s.Samples = err.Error(), nil
	}
}
