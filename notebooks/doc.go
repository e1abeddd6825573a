// Package notebooks is for the notebooks beside this file, by number in the order in which to read them; it has no
// code but the test that runs them all: by "tapir run", by nbclient, and the first in JupyterLab in a browser.
//
// # Decisions
//
// 2026-11-23: "tapir run" and the kernel must give the same text outputs, so every notebook runs twice in the test, in
// two processes; that holds "same seed, same numbers" too. A notebook therefore prints no times.
package notebooks
