package wire

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// Source makes the headers of one kernel process. Its methods may be called from any goroutine.
type Source struct {
	session string
	count   atomic.Uint64
	tail    []byte // the constant end of every header
}

// NewSource returns a source with a session of its own; clients tell a restarted kernel by the new session.
func NewSource(username string) *Source {
	s := &Source{session: NewID()}
	s.tail = append(s.tail, `","session":`...)
	s.tail = AppendString(s.tail, s.session)
	s.tail = append(s.tail, `,"username":`...)
	s.tail = AppendString(s.tail, username)
	s.tail = append(s.tail, `,"version":"`+Version+`"}`...)
	return s
}

// Session is the session of every header of this source.
func (s *Source) Session() string { return s.session }

// Header returns a new header of the message type kind as JSON.
func (s *Source) Header(kind string) []byte {
	b := make([]byte, 0, 256)
	b = append(b, `{"msg_id":"`...)
	b = append(b, s.session...)
	b = append(b, '_')
	b = strconv.AppendUint(b, s.count.Add(1), 10)
	b = append(b, `","msg_type":`...)
	b = AppendString(b, kind)
	b = append(b, `,"date":"`...)
	b = time.Now().UTC().AppendFormat(b, "2006-01-02T15:04:05.000000Z")
	return append(b, s.tail...)
}

// NewID returns a random UUID, version 4.
func NewID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// AppendString appends s to b as a JSON string. Bytes that are not UTF-8 become U+FFFD; <, > and & stay as they are.
func AppendString[T string | []byte](b []byte, s T) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
			switch {
			case r == utf8.RuneError && size == 1:
				b = append(b, s[done:i]...)
				b = append(b, "\ufffd"...)
				done = i + 1
			case r == '\u2028' || r == '\u2029': // line ends in old JavaScript
				b = append(b, s[done:i]...)
				b = append(b, `\u202`...)
				b = append(b, digits[r&0xf])
				done = i + size
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[done:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&0xf])
		}
		i++
		done = i
	}
	b = append(b, s[done:]...)
	return append(b, '"')
}
