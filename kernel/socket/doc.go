// Package socket carries a kernel's five channels over ZMTP, the protocol of ZeroMQ, and holds every workaround that
// go-zeromq/zmq4 needs.
//
// A [Router] is a ROUTER socket (shell, control, stdin; with [Echo] the heartbeat), a [Publisher] an XPUB socket (iopub). Both own their listener, and of zmq4
// use the handshake ([zmq4.Open]) and the reading of messages ([zmq4.Conn]). Messages are [][]byte; what is in them is the
// business of package wire.
//
// # Decisions
//
// 2026-11-23. zmq4's Socket types are not used. Their accept loop does the handshake in line and without a deadline, so that one
// silent client locks the others out; they allocate whatever length a frame's header announces; a stalled subscriber starves
// the others; Close throws away what is queued; XPUB hides subscriptions from the program. None of it can be mended from outside.
//
// 2026-11-23. Frames are measured before zmq4 sees their header. Messages of a connection may have 1 MiB until one had
// a valid signature, and 256 MiB after: a cell with a picture pasted into it can be the first message of a client, and
// a thousand of them still fit memory. Subscribers and heartbeats, which never sign anything, stay at 64 KiB.
//
// 2026-11-23. Sending never blocks: each connection has a queue and one goroutine that writes it. A queue that is over its limit
// while its peer takes nothing costs that peer its connection; ZeroMQ clients connect again by themselves. A producer of much output
// waits in [Publisher.Wait] for slow subscribers, but for no more than [Limits.Stall] for one that takes nothing.
//
// 2026-11-23. Where connections run out, a ROUTER closes the oldest that has not signed anything yet, so that a storm of
// connections cannot lock out a client that has the key. Subscribers cannot be told apart, so a Publisher refuses the newest.
package socket
