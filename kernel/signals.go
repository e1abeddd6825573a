package kernel

import (
	"os"
	"os/signal"
	"syscall"
)

// signals makes SIGINT interrupt the running cell and SIGTERM end the kernel, until release is called.
func (s *Server) signals(end func()) (release func()) {
	c := make(chan os.Signal, 8)
	done := make(chan struct{})
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	go func() {
		for {
			select {
			case sig := <-c:
				if sig == os.Interrupt {
					s.Interrupt()
				} else {
					end()
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
