package socket

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"github.com/go-zeromq/zmq4"
)

const (
	socketType = "Socket-Type"
	identity   = "Identity"
)

// null is ZMTP's NULL mechanism. zmq4 keeps its own to itself, and its reading of metadata panics where lengths lie.
type null struct{}

func (null) Type() zmq4.SecurityType { return zmq4.NullSecurity }

// Handshake exchanges READY commands. The names of the peer's metadata are case-insensitive; the two of interest are kept.
func (null) Handshake(c *zmq4.Conn, _ bool) error {
	var body []byte
	for _, name := range []string{socketType, identity} {
		value := c.Meta[name]
		body = append(body, byte(len(name)))
		body = append(body, name...)
		body = binary.BigEndian.AppendUint32(body, uint32(len(value)))
		body = append(body, value...)
	}
	if err := c.SendCmd(zmq4.CmdReady, body); err != nil {
		return err
	}
	cmd, err := c.RecvCmd()
	if err != nil {
		return err
	}
	if cmd.Name != zmq4.CmdReady {
		return fmt.Errorf("%w: command %q: want READY", errViolation, cmd.Name)
	}
	return readMetadata(cmd.Body, c.Peer.Meta)
}

// readMetadata reads the properties of a READY command into meta.
func readMetadata(b []byte, meta zmq4.Metadata) error {
	for len(b) > 0 {
		n := int(b[0])
		if len(b) < 1+n+4 {
			return fmt.Errorf("%w: metadata ends in a name", errViolation)
		}
		name := string(b[1 : 1+n])
		b = b[1+n:]
		size := int64(binary.BigEndian.Uint32(b))
		b = b[4:]
		if int64(len(b)) < size {
			return fmt.Errorf("%w: metadata ends in a value", errViolation)
		}
		for _, known := range []string{socketType, identity} {
			if strings.EqualFold(name, known) {
				meta[known] = string(b[:size])
			}
		}
		b = b[size:]
	}
	return nil
}

func (null) Encrypt(w io.Writer, data []byte) (int, error) { return w.Write(data) }
func (null) Decrypt(w io.Writer, data []byte) (int, error) { return w.Write(data) }
