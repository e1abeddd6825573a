package socket_test

import (
	"fmt"
	"time"

	"github.com/tapir-go/tapir/kernel/socket"
)

func Example() {
	shell := socket.NewRouter(socket.Limits{}, func(p *socket.Peer, frames [][]byte) {
		p.Send(frames) // answer the connection that asked
	})
	if err := shell.Listen("tcp", "127.0.0.1:0"); err != nil {
		fmt.Println(err)
		return
	}
	shell.Serve()
	shell.Close(time.Second)
	fmt.Println(shell.Stats().Accepted, "connections")
	// Output: 0 connections
}
