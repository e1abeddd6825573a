package notebooks_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tapir-go/tapir/install/outside"
	"github.com/tapir-go/tapir/kernel/notebook"
)

var screenshot = flag.String("screenshot", "", "keep the picture of the notebook in JupyterLab as this PNG `file`")

// first is the notebook to open: the first by number, or while there is none the test's own.
func first(t *testing.T) string {
	t.Helper()
	all, err := filepath.Glob("01-*.ipynb")
	if err != nil || len(all) == 0 {
		return "testdata/small.ipynb"
	}
	return all[0]
}

func TestTheFirstNotebookRunsInJupyterLab(t *testing.T) {
	file := copyOf(t, first(t))
	p := open(t, startLab(t, filepath.Dir(file)), filepath.Base(file))

	p.menu("Run", "Run All Cells")
	p.until("all cells have run", `busy() === 0 && prompts().some(n => /\d/.test(n))`)
	if n := ask[int](p, `document.querySelectorAll('.jp-OutputArea-output img, .jp-OutputArea-output svg').length`); n == 0 {
		p.fail("no plot is shown")
	}
	p.picture()
	p.menu("File", "Save Notebook")
	for i, c := range saved(t, file).Cells {
		for _, o := range c.Outputs {
			if o.Type == "error" && !c.Tagged("raises-exception") {
				t.Errorf("cell %d: %s", i+1, o.Plain())
			}
		}
	}

	p.cell(`kept := 41`)
	p.until("the cell has run", `busy() === 0`)
	p.cell(`for {}`)
	p.until("the endless cell runs", `prompts().includes("[*]:")`)
	p.click(`document.querySelector('.jp-NotebookPanel-toolbar [data-command="notebook:interrupt-kernel"]')`)
	p.until("the endless cell has stopped", `busy() === 0 && [...document.querySelectorAll('.jp-OutputArea-output')].at(-1).innerText.includes("interrupted")`)
	p.cell(`kept + 1`)
	p.until("the next cell gives 42", `[...document.querySelectorAll('.jp-OutputArea-executeResult pre')].some(e => e.innerText.trim() === "42")`)
}

// saved is the notebook in a file once JupyterLab has written it with all cells run. JupyterLab writes into the file
// itself, so that it may be read half written.
func saved(t *testing.T, file string) *notebook.Notebook {
	t.Helper()
	unreadable := 0
	for {
		n, err := notebook.ReadFile(file)
		if err != nil {
			if unreadable++; unreadable > 100 {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
			continue
		}
		unreadable = 0
		ran := func(c *notebook.Cell) bool {
			return c.Type != "code" || strings.TrimSpace(c.Source) == "" || c.Count > 0
		}
		if !slices.ContainsFunc(n.Cells, func(c *notebook.Cell) bool { return !ran(c) }) {
			return n
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// startLab starts JupyterLab on a directory by "tapir lab" and gives its address; it is stopped when the test ends.
func startLab(t *testing.T, dir string) string {
	t.Helper()
	outside.Python(t, "lab") // made before, so that what is timed is a second start
	settings := t.TempDir()
	tracker := filepath.Join(settings, "@jupyterlab", "notebook-extension")
	if err := os.MkdirAll(tracker, 0o755); err != nil {
		t.Fatal(err)
	}
	// All cells are in the page, not only those in view.
	if err := os.WriteFile(filepath.Join(tracker, "tracker.jupyterlab-settings"), []byte(`{"windowingMode": "none"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(outside.Tapir(t), "lab", "--no-browser", dir)
	cmd.Env = append(os.Environ(), "JUPYTERLAB_SETTINGS_DIR="+settings, "JUPYTERLAB_WORKSPACES_DIR="+t.TempDir())
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("tapir lab ended: %v", err)
		}
	})
	address := regexp.MustCompile(`http://\S+`)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url := address.FindString(lines.Text()); url != "" {
			t.Logf("tapir lab: ready after %.1f s", time.Since(start).Seconds())
			go func() {
				for lines.Scan() { // so that it can go on writing
				}
			}()
			return url
		}
	}
	t.Fatalf("tapir lab printed no address: %v", lines.Err())
	return ""
}

// page is a notebook in JupyterLab in a browser.
type page struct {
	t   *testing.T
	ctx context.Context
}

// helpers are functions for the expressions that the test asks the page.
const helpers = `
prompts = () => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(e => e.innerText.trim());
busy = () => prompts().filter(p => p === "[*]:").length + (document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === "idle" ? 0 : 1);
true`

// open opens a notebook in a browser and waits until its kernel is idle.
func open(t *testing.T, lab, file string) page {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(outside.Chromium(t)), chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1440, 1080),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true),
	)
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil { // starts it
		t.Fatalf("starting the browser: %v", err)
	}
	p := page{t, ctx}
	p.do("opening JupyterLab", chromedp.Navigate(strings.Replace(lab, "/lab?", "/lab/tree/"+file+"?", 1)))
	p.do("defining helpers", chromedp.Evaluate[chromedp.Void](helpers))
	p.until("the notebook is open and its kernel idle", `document.querySelector('.jp-CodeCell') !== null && busy() === 0 &&
		document.querySelector('.jp-Toolbar-kernelName')?.innerText.trim() === "Go (Tapir)"`)
	return p
}

// do does something with the page, or ends the test with what it was.
func (p page) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, time.Minute)
	defer stop()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.fail("%s: %v", what, err)
	}
}

// fail ends the test and keeps a picture of what is to be seen.
func (p page) fail(format string, args ...any) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, 10*time.Second)
	defer stop()
	if png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot()); err == nil {
		name := filepath.Join(os.TempDir(), "tapir-browser-test.png")
		if err := os.WriteFile(name, png, 0o600); err == nil {
			p.t.Logf("what the browser shows: %s", name)
		}
	}
	p.t.Fatalf(format, args...)
}

// until waits until an expression is true in the page. There is no limit but the test's own: a notebook takes as
// long as it takes.
func (p page) until(what, expression string) {
	p.t.Helper()
	deadline, ok := p.t.Deadline()
	for {
		yes, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](expression))
		if err == nil && yes {
			return
		}
		if errors.Is(err, context.Canceled) || ok && time.Until(deadline) < 30*time.Second {
			p.fail("waiting until %s: %v", what, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// ask is what an expression gives in the page.
func ask[T any](p page, expression string) T {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, time.Minute)
	defer stop()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.fail("%s: %v", expression, err)
	}
	return v
}

// menu chooses an item of a menu of JupyterLab's menu bar.
func (p page) menu(menu, item string) {
	p.t.Helper()
	p.click(fmt.Sprintf(`[...document.querySelectorAll('.lm-MenuBar-itemLabel')].find(e => e.innerText === %q)`, menu))
	p.click(fmt.Sprintf(`[...document.querySelectorAll('.lm-Menu-itemLabel')].find(e => e.innerText === %q)`, item))
}

// click moves the mouse over the element that an expression gives, when it is there, and clicks.
func (p page) click(element string) {
	p.t.Helper()
	p.until("there is "+element, fmt.Sprintf(`((e) => e && e.getBoundingClientRect().width > 0)(%s) ? true : false`, element))
	at := ask[[]float64](p, fmt.Sprintf(`((r) => [r.x + r.width / 2, r.y + r.height / 2])((%s).getBoundingClientRect())`, element))
	p.do("clicking "+element, chromedp.MouseEvent(chromedp.MouseMoved, at[0], at[1]), chromedp.MouseClickXY(at[0], at[1]))
}

// cell types a cell at the end of the notebook and runs it, as a user does.
func (p page) cell(source string) {
	p.t.Helper()
	last := `[...document.querySelectorAll('.jp-Notebook .jp-Cell')].at(-1)`
	ask[chromedp.Void](p, last+`.scrollIntoView()`)
	p.click(last + `.querySelector('.jp-InputPrompt')`)
	p.do("typing "+source,
		chromedp.KeyEvent("b"), // a new cell below
		chromedp.KeyEvent(kb.Enter),
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: source})
			return err
		}),
		chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierShift)),
	)
}

// picture takes a picture of the notebook's beginning.
func (p page) picture() {
	p.t.Helper()
	name := *screenshot
	if name == "" {
		name = filepath.Join(p.t.TempDir(), "notebook.png")
	}
	p.do("going to the beginning",
		chromedp.Evaluate[chromedp.Void](`document.querySelector('.jp-Cell').scrollIntoView()`),
		chromedp.Sleep(500*time.Millisecond))
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.fail("taking a picture: %v", err)
	}
	if err := os.WriteFile(name, png, 0o644); err != nil {
		p.t.Fatal(err)
	}
	p.t.Logf("picture: %s (%d bytes)", name, len(png))
}
