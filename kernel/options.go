package kernel

import (
	"context"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/socket"
)

// Options says what a server serves.
type Options struct {
	// Start makes what runs cells. It is called once, in the background, after the sockets are bound. An error is
	// what each cell is answered with, and the kernel lives on.
	Start func(screen session.Screen, input Input) (Evaluator, Assistant, error)

	Name        string        // implementation in kernel_info_reply; "tapir"
	Version     string        // implementation_version; "0.0.0"
	Banner      string        // what a console shows at start; name, version and that of Go
	HelpLinks   []HelpLink    // for the help menu
	HistoryFile string        // where inputs are kept across restarts; "" keeps them in memory only
	CrashDir    string        // where the cause waits for the next kernel if the Go runtime ends this one; "" keeps none
	Log         io.Writer     // where the kernel complains; os.Stderr
	Linger      time.Duration // how long a running cell, and then messages on their way, have at the end; 1 s
	Limits      socket.Limits // of each of the five sockets
}

// Input asks the user of the running cell for a line: with password it is not shown while it is typed.
type Input = func(ctx context.Context, prompt string, password bool) (string, error)

// HelpLink is an entry of the help menu.
type HelpLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// Evaluator runs cells, one at a time. *session.Session is one.
type Evaluator interface {
	// Run evaluates a cell, and returns when it has ended; ctx interrupts it.
	Run(ctx context.Context, cell int, src string) session.Result
	// Eval evaluates an expression and gives its MIME bundle.
	Eval(ctx context.Context, expr string) (map[string]any, *session.Failure)
}

// Assistant helps with writing cells. Cursors count code points from the beginning of src.
type Assistant interface {
	// Complete says what may stand at cursor.
	Complete(src string, cursor int) Completion
	// Inspect describes what cursor is at, as a MIME bundle: with detail 1 as fully as possible.
	Inspect(src string, cursor, detail int) (bundle map[string]any, found bool)
}

// Completion is what may take the place of the code points from Start to End.
type Completion struct {
	Start, End int
	Items      []CompletionItem
}

// CompletionItem is one possible completion.
type CompletionItem struct {
	Text      string // what is put in
	Kind      string // "function", "type", "module", ...: JupyterLab shows it beside the text
	Signature string // of a function
}

func (o Options) withDefaults() Options {
	if o.Name == "" {
		o.Name = "tapir"
	}
	if o.Version == "" {
		o.Version = "0.0.0"
	}
	if o.Banner == "" {
		o.Banner = o.Name + " " + o.Version + ", Go " + goVersion()
	}
	if o.HelpLinks == nil {
		o.HelpLinks = []HelpLink{{"Go standard library", "https://pkg.go.dev/std"}, {"Go language", "https://go.dev/ref/spec"}}
	}
	if o.Log == nil {
		o.Log = os.Stderr
	}
	if o.Linger == 0 {
		o.Linger = time.Second
	}
	return o
}

func goVersion() string { return strings.TrimPrefix(runtime.Version(), "go") }
