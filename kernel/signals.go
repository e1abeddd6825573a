package kernel

import (
	"os"
	"os/signal"
	"syscall"
)

// signals makes SIGINT interrupt the running cell of the server that comes on the channel, and SIGTERM end the kernel, until release is
// called. A SIGINT before the server is there interrupts nothing.
func signals(servers <-chan *Server, end func()) (release func()) {
	c := make(chan os.Signal, 8)
	done := make(chan struct{})
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	go func() {
		var s *Server
		for {
			select {
			case s = <-servers:
			case sig := <-c:
				if sig != os.Interrupt {
					end()
				} else if s != nil {
					s.Interrupt()
				}
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(c)
		close(done)
	}
}
