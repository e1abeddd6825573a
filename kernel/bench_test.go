package kernel

import "testing"

// BenchmarkCell is what the protocol costs a cell: from the request to its reply and to its idle, over a unix socket.
func BenchmarkCell(b *testing.B) {
	x := begin(b, Options{})
	code := cellRequest("value 2")
	b.ReportAllocs()
	for b.Loop() {
		h := x.shell.send("execute_request", code)
		x.shell.expect("execute_reply")
		x.until(h)
	}
}

// BenchmarkKernelInfo is the shortest exchange that there is.
func BenchmarkKernelInfo(b *testing.B) {
	x := begin(b, Options{})
	for b.Loop() {
		h := x.control.send("kernel_info_request", `{}`)
		x.control.expect("kernel_info_reply")
		x.until(h)
	}
}

// BenchmarkPrint is what a line of output costs that is not held back.
func BenchmarkPrint(b *testing.B) {
	x := begin(b, Options{})
	x.server.out.limit.bytes = 1 << 60
	line := []byte("a line of text of a usual length, with a number: 12345\n")
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		x.server.out.write(1, "stdout", line)
	}
}
