// Package notebook reads, runs and writes Jupyter notebooks (.ipynb files, nbformat 4) without Jupyter.
//
// Read is strict about what matters: a notebook that is not one gives an error that names the place and what is wrong
// there. What it does not know it keeps, so that reading and writing loses nothing. Format writes the very bytes that
// Jupyter writes for the same notebook, so that running a notebook here and saving it there makes no differences.
//
// # Decisions
//
// 2026-11-23: A Runner is the session's screen and collects what nbclient would store: clear_output, display ids across
// cells, tags "raises-exception" and "skip-execution". Two things it does as JupyterLab does and not as nbclient: neighbouring texts
// of one stream become one output, for where a stream is cut is chance; and what a goroutine writes after its cell
// has ended is kept in that cell instead of dropped.
//
// 2026-11-23: JSON is written by forty lines of our own and not by encoding/json, whose strings and numbers are not
// spelled as Python spells them (U+2028, 1e21), which would show as changes in every saved notebook.
package notebook
