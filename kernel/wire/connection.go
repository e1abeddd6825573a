package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
)

// Channel is one of the five sockets of a kernel.
type Channel int

// The five channels, in the order in which a kernel binds them.
const (
	Shell Channel = iota
	Control
	IOPub
	Stdin
	Heartbeat
	Channels // Channels is how many there are.
)

// String is the channel's name as connection files spell it: "shell", "control", "iopub", "stdin", "hb".
func (c Channel) String() string {
	switch c {
	case Shell:
		return "shell"
	case Control:
		return "control"
	case IOPub:
		return "iopub"
	case Stdin:
		return "stdin"
	case Heartbeat:
		return "hb"
	}
	return "channel " + strconv.Itoa(int(c))
}

// Connection is the content of a connection file: where to bind and with which key to sign.
type Connection struct {
	File       string        // the file it was read from
	Transport  string        // "tcp" or "ipc"
	IP         string        // an address, or for ipc the beginning of the sockets' paths
	Ports      [Channels]int // by channel; for ipc the end of the sockets' paths
	Key        string        // "" turns signatures off
	KernelName string        // name of the kernelspec, for messages only
}

// ReadConnection reads the connection file at path. The error names the file and the field at fault.
func ReadConnection(path string) (*Connection, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("connection file: %w", err)
	}
	c, err := ParseConnection(data)
	if err != nil {
		return nil, fmt.Errorf("connection file %s: %w", path, err)
	}
	c.File = path
	return c, nil
}

// ParseConnection decodes the content of a connection file.
func ParseConnection(data []byte) (*Connection, error) {
	var f struct {
		Transport  string `json:"transport"`
		IP         string `json:"ip"`
		Shell      int    `json:"shell_port"`
		Control    int    `json:"control_port"`
		IOPub      int    `json:"iopub_port"`
		Stdin      int    `json:"stdin_port"`
		Heartbeat  int    `json:"hb_port"`
		Scheme     string `json:"signature_scheme"`
		Key        string `json:"key"`
		KernelName string `json:"kernel_name"`
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, describeJSON(data, err)
	}
	c := &Connection{
		Transport:  f.Transport,
		IP:         f.IP,
		Ports:      [Channels]int{Shell: f.Shell, Control: f.Control, IOPub: f.IOPub, Stdin: f.Stdin, Heartbeat: f.Heartbeat},
		Key:        f.Key,
		KernelName: f.KernelName,
	}
	switch c.Transport {
	case "":
		c.Transport = "tcp"
	case "tcp", "ipc":
	default:
		return nil, fmt.Errorf("transport is %q: want \"tcp\" or \"ipc\"", c.Transport)
	}
	if c.IP == "" {
		if c.Transport == "ipc" {
			return nil, errors.New("ip is empty: with transport \"ipc\" it is the beginning of the sockets' paths")
		}
		c.IP = "127.0.0.1"
	}
	if f.Scheme != "" && f.Scheme != "hmac-sha256" {
		return nil, fmt.Errorf("signature_scheme is %q: want \"hmac-sha256\"", f.Scheme)
	}
	owner := map[int]Channel{}
	for ch, port := range c.Ports {
		if port < 1 || c.Transport == "tcp" && port > 65535 {
			return nil, fmt.Errorf("%s_port is %d: want 1 to 65535", Channel(ch), port)
		}
		if other, taken := owner[port]; taken {
			return nil, fmt.Errorf("%s_port and %s_port are both %d", other, Channel(ch), port)
		}
		owner[port] = Channel(ch)
	}
	return c, nil
}

// Address is the channel's endpoint as net.Listen takes it.
func (c *Connection) Address(ch Channel) (network, address string) {
	port := strconv.Itoa(c.Ports[ch])
	if c.Transport == "ipc" {
		return "unix", c.IP + "-" + port
	}
	ip := c.IP
	if ip == "*" {
		ip = ""
	}
	return "tcp", net.JoinHostPort(ip, port)
}

// describeJSON says where in data a JSON error is.
func describeJSON(data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case len(data) == 0:
		return errors.New("the file is empty")
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON at byte %d: %w", syntax.Offset, err)
	case errors.As(err, &kind):
		return fmt.Errorf("%s is a JSON %s: want %s", kind.Field, kind.Value, kind.Type)
	}
	return err
}
