// Package bench measures Tapir beside its peers on this machine: PyTorch, OpenBLAS through NumPy, and what Go has. Each is a
// process of its own that does the same work with the same numbers and as many threads. Samples alternate between them in one run.
//
// The table is Rows. Run measures rows into Results, which go to a file of raw samples and come back from it; Results.Markdown is
// the table that people read.
//
// # Decisions
//
// 2026-11-26: A worker answers lines of text with lines of text: make, check, run, peak. That is a screen of code in any
// language, and a peer that crashes loses its rows and nothing else.
//
// 2026-11-26: Before anything is timed, each worker's results are held against Tapir's. Weights and inputs come from a function
// of whole numbers that every worker has, so a difference is a mistake and makes the row an error.
//
// 2026-11-26: The ratio is that of medians, rival by Tapir; its quartiles are those of pairs of samples that were taken one after the
// other. Where a rival can be had in several ways (threads, layout), the one with the least median counts.
//
// 2026-11-26: The raw samples are the truth, and the table is written from them. A run of some rows replaces these rows.
//
// 2026-11-26: Go peers are modules of their own, pinned with all that they need, embedded as text and built in the cache: who builds
// Tapir downloads none of them.
package bench
