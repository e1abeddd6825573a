package monitor

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// readProc reads the files of Linux's /proc.
func readProc(proc fs.FS, page int) machine {
	var m machine
	if b, err := fs.ReadFile(proc, "stat"); err != nil {
		m.whyTicks = "reading CPU times: " + err.Error()
	} else if m.busy, m.ticks, err = parseStat(string(b)); err != nil {
		m.whyTicks = "reading CPU times: /proc/stat: " + err.Error()
	}
	if b, err := fs.ReadFile(proc, "meminfo"); err != nil {
		m.used = absent("reading memory: %v", err)
		m.total = m.used
	} else if used, total, err := parseMeminfo(string(b)); err != nil {
		m.used = absent("reading memory: /proc/meminfo: %v", err)
		m.total = m.used
	} else {
		m.used, m.total = measured(used), measured(total)
	}
	if b, err := fs.ReadFile(proc, "self/statm"); err != nil {
		m.process = absent("reading the memory of this process: %v", err)
	} else if pages, err := parseStatm(string(b)); err != nil {
		m.process = absent("reading the memory of this process: /proc/self/statm: %v", err)
	} else {
		m.process = measured(pages * float64(page))
	}
	return m
}

// parseStat is the time of all CPUs that was not idle, and all of it, from the
// first line of /proc/stat: user nice system idle iowait irq softirq steal, of
// which guest times are parts (proc_stat(5)).
func parseStat(s string) (busy, all float64, err error) {
	line, _, _ := strings.Cut(s, "\n")
	f := strings.Fields(line)
	if len(f) < 5 || f[0] != "cpu" {
		return 0, 0, fmt.Errorf("the first line is %q, want cpu and its times", shortened(line))
	}
	for i, w := range f[1:min(len(f), 9)] {
		v, err := strconv.ParseUint(w, 10, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("time %d is %q, not a number", i+1, shortened(w))
		}
		all += float64(v)
		if i != 3 && i != 4 {
			busy += float64(v)
		}
	}
	return busy, all, nil
}

// parseMeminfo is the memory in use and all of it, in bytes.
func parseMeminfo(s string) (used, total float64, err error) {
	available := -1.0
	for line := range strings.Lines(s) {
		name, rest, _ := strings.Cut(line, ":")
		if name != "MemTotal" && name != "MemAvailable" {
			continue
		}
		v, err := strconv.ParseUint(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 53)
		if err != nil {
			return 0, 0, fmt.Errorf("%s is %q, not a number of kB", name, shortened(strings.TrimSpace(rest)))
		}
		if name == "MemTotal" {
			total = float64(v) * 1024
		} else {
			available = float64(v) * 1024
		}
	}
	if total == 0 || available < 0 {
		return 0, 0, errors.New("MemTotal or MemAvailable is missing")
	}
	return max(total-available, 0), total, nil
}

// parseStatm is the number of pages in memory, the second field.
func parseStatm(s string) (float64, error) {
	f := strings.Fields(s)
	if len(f) < 2 {
		return 0, fmt.Errorf("%q has no second field", shortened(s))
	}
	v, err := strconv.ParseUint(f[1], 10, 53)
	if err != nil {
		return 0, fmt.Errorf("the second field is %q, not a number", shortened(f[1]))
	}
	return float64(v), nil
}

func shortened(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
