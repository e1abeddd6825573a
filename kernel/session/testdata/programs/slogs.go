// Structured logging: slog with text and JSON, groups, levels, own values and own handlers, all without times.

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"strings"
	"time"
)

type secret string

func (secret) LogValue() slog.Value { return slog.StringValue("[hidden]") }

type user struct {
	ID   int
	Name string
	Pass secret
}

// LogValue shows a user as a group of its own.
func (u user) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("id", u.ID), slog.String("name", u.Name), slog.Any("pass", u.Pass))
}

type point struct{ X, Y int }

func (p point) String() string { return fmt.Sprintf("<%d,%d>", p.X, p.Y) }

type level int

func (l level) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "level-%d", int(l)), nil }

// withoutTime drops the time and shortens levels.
func withoutTime(groups []string, a slog.Attr) slog.Attr {
	switch {
	case len(groups) == 0 && a.Key == slog.TimeKey:
		return slog.Attr{}
	case a.Key == slog.LevelKey && len(groups) == 0:
		if l := a.Value.Any().(slog.Level); l == slog.LevelDebug-4 {
			a.Value = slog.StringValue("TRACE")
		}
	case strings.HasSuffix(a.Key, "_ms"):
		return slog.Int64(a.Key, a.Value.Duration().Milliseconds())
	}
	return a
}

// memory is a handler that keeps lines, with attributes and groups of its own.
type memory struct {
	lines  *[]string
	prefix string
	attrs  []slog.Attr
	least  slog.Leveler
}

func (m memory) Enabled(_ context.Context, l slog.Level) bool { return l >= m.least.Level() }

func (m memory) Handle(ctx context.Context, r slog.Record) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", strings.ToLower(r.Level.String()), r.Message)
	if id, ok := ctx.Value(requestKey{}).(int); ok {
		fmt.Fprintf(&b, " request=%d", id)
	}
	write := func(a slog.Attr) bool {
		fmt.Fprintf(&b, " %s=%v", a.Key, a.Value.Resolve())
		return true
	}
	for _, a := range m.attrs {
		write(a)
	}
	r.Attrs(func(a slog.Attr) bool {
		a.Key = m.prefix + a.Key
		return write(a)
	})
	*m.lines = append(*m.lines, b.String())
	return nil
}

func (m memory) WithAttrs(attrs []slog.Attr) slog.Handler {
	m.attrs = append([]slog.Attr{}, m.attrs...)
	for _, a := range attrs {
		a.Key = m.prefix + a.Key
		m.attrs = append(m.attrs, a)
	}
	return m
}

func (m memory) WithGroup(name string) slog.Handler {
	m.prefix += name + "/"
	return m
}

type requestKey struct{}

// tee sends a record to several handlers.
type tee []slog.Handler

func (t tee) Enabled(ctx context.Context, l slog.Level) bool {
	for _, h := range t {
		if h.Enabled(ctx, l) {
			return true
		}
	}
	return false
}

func (t tee) Handle(ctx context.Context, r slog.Record) (err error) {
	for _, h := range t {
		if h.Enabled(ctx, r.Level) {
			err = errors.Join(err, h.Handle(ctx, r.Clone()))
		}
	}
	return err
}

func (t tee) WithAttrs(as []slog.Attr) slog.Handler {
	out := make(tee, len(t))
	for i, h := range t {
		out[i] = h.WithAttrs(as)
	}
	return out
}

func (t tee) WithGroup(name string) slog.Handler {
	out := make(tee, len(t))
	for i, h := range t {
		out[i] = h.WithGroup(name)
	}
	return out
}

func main() {
	options := &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutTime}
	text := slog.New(slog.NewTextHandler(os.Stdout, options))
	text.Info("hello", "name", "Ann Lee", "n", 3, "ok", true, "none", nil, "pi", 3.5)
	text.Debug("types", "d", 90*time.Second, "err", errors.New("bad thing"), "p", point{1, 2}, "l", level(4), "s", []string{"a", "b"}, "m", map[string]int{"x": 1})
	odd := []any{"key without value"}
	text.Warn("odd", odd...)
	text.Error("quote \"me\"", "multi", "line\nbreak", "empty", "", "eq", "a=b")
	text.Log(context.Background(), slog.LevelDebug-4, "deep", "took_ms", 1500*time.Millisecond)
	text.Log(context.Background(), slog.LevelInfo+2, "between")
	text.With("a", 1).WithGroup("g").With("b", 2).WithGroup("h").Info("nested", "c", 3, slog.Group("inner", "d", 4), slog.Group("", "flat", 5))
	text.Info("user", "u", user{7, "bob", "pw"}, "alone", secret("x"), slog.Any("list", []any{1, "two"}))
	text.LogAttrs(context.Background(), slog.LevelInfo, "attrs", slog.Int("i", -1), slog.Uint64("u", 1), slog.Float64("f", 1e21), slog.Bool("b", false), slog.Duration("d", time.Microsecond))

	asJSON := slog.New(slog.NewJSONHandler(os.Stdout, options))
	asJSON.Info("hello", "name", "<Ann>", "n", 3, "list", []int{1, 2}, "err", errors.New("bad"), "none", nil)
	asJSON.With("u", user{7, "bob", "pw"}).WithGroup("g").Warn("nested", slog.Group("p", "x", 1.5, "y", point{3, 4}), "l", level(1), "d", time.Second)
	asJSON.WithGroup("empty").Info("no attributes")
	asJSON.Error("cannot", "f", func() {})

	var lines []string
	var threshold slog.LevelVar
	m := memory{lines: &lines, least: &threshold}
	logger := slog.New(m)
	ctx := context.WithValue(context.Background(), requestKey{}, 42)
	logger.DebugContext(ctx, "not seen")
	logger.InfoContext(ctx, "seen", "u", user{1, "cy", "pw"})
	threshold.Set(slog.LevelDebug)
	logger.With("svc", "db").WithGroup("q").With("id", 9).Debug("now seen", "rows", 3)
	fmt.Println(strings.Join(lines, "; "), threshold.Level(), logger.Enabled(ctx, slog.LevelDebug))

	var quiet bytes.Buffer
	both := slog.New(tee{m, slog.NewTextHandler(&quiet, &slog.HandlerOptions{Level: slog.LevelError, ReplaceAttr: withoutTime})})
	both.With("shared", 1).Info("one only")
	both.WithGroup("g").Error("to both", "k", "v")
	fmt.Printf("%q %q\n", lines[2:], quiet.String())

	quiet.Reset()
	old := log.New(&quiet, "old: ", log.Lmsgprefix)
	old.Println("plain", 1, 2)
	old.Printf("%03d", 7)
	bridge := slog.NewLogLogger(memory{lines: &lines, least: slog.LevelInfo}, slog.LevelWarn)
	bridge.Print("through the bridge")
	fmt.Printf("%q %s %q\n", quiet.String(), lines[len(lines)-1], old.Prefix())
	var parsed slog.Level
	fmt.Println(parsed.UnmarshalText([]byte("warn+3")), parsed, slog.Level(-6), slog.LevelError+1, slog.AnyValue(3).Kind(), slog.AnyValue(user{}).Kind(), slog.Int("a", 1).Equal(slog.Int64("a", 1)), slog.String("k", "v"))
}
