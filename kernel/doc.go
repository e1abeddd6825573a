// Package kernel is the Jupyter side of Tapir: a [Server] speaks the messaging protocol 5.5 with notebooks and consoles, and
// hands their cells to an [Evaluator].
//
// It knows nothing of Go as a language nor of tensors. The wire format is package wire's, connections are package socket's,
// cells are evaluated by package session's Session or whatever else Options.Start returns.
//
// # Decisions
//
// 2026-11-23. The sockets are bound before the session is made. A client that finds a port closed tries again only after 100 ms,
// which is more than everything else at start takes together; kernel_info needs no session and is answered without it.
//
// 2026-11-23. Two goroutines handle requests: one those of shell, in order, one those of control, at once. A request on control that needs the
// session (execute, complete, inspect) takes its turn in the queue of shell and is answered on control.
//
// 2026-11-23. When a cell fails, the execute requests that arrived before its reply is sent are aborted. The moment is chosen because
// a client cannot yet have seen the failure: what it sends later, it sends knowingly.
//
// 2026-11-23. Output is held back rather than dropped. jupyter_server drops what a kernel sends beyond 1,000,000 bytes of streams or 1,000 messages
// a second, averaged over three seconds. A cell that prints faster is made to wait, so that all of its lines arrive.
//
// 2026-11-23. Output that a cell's goroutines write after the cell has ended goes to that cell, not to the latest one.
package kernel
