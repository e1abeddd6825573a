// Package wire turns Jupyter's messages and connection files from bytes to structs and back.
//
// It starts no goroutine and opens no socket: frames come in and go out as [][]byte, as ZeroMQ carries them. A message on
// the wire is
//
//	identities... "<IDS|MSG>" signature header parent_header metadata content buffers...
//
// where the signature is the HMAC-SHA256 of the four JSON frames in hexadecimal, or empty where the connection file has no
// key. The layout is that of "Messaging in Jupyter", version 5.5, section "The wire protocol".
//
// # Decisions
//
// 2026-11-23. A signature is checked before a byte of JSON is looked at, and a signature that was seen before is refused,
// so that someone who can write to a port but does not have the key cannot reach the JSON decoder, nor have a recorded
// message run again. The last 65,536 signatures are remembered, as jupyter_client does.
//
// 2026-11-23. Header, parent, metadata and content stay raw JSON. Only the header of a request is decoded here. A reply's
// parent_header is the request's header byte for byte, so fields that this program does not know survive the round trip.
//
// 2026-11-23. Headers and strings are appended by hand. A cell with one value sends six messages, and encoding/json would
// spend more time on their constant parts than the signature costs; it also escapes < and >, which makes HTML and SVG longer.
package wire
