package wire

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"sync"
	"unicode/utf8"
)

// Version is the version of the messaging protocol that this package speaks.
const Version = "5.5"

const delimiter = "<IDS|MSG>"

// What is wrong with a message that [Codec.Decode] refuses; test with errors.Is.
var (
	ErrDelimiter = errors.New("no <IDS|MSG> frame")
	ErrShort     = errors.New("fewer than five frames after <IDS|MSG>")
	ErrSignature = errors.New("signature is not that of the content")
	ErrReplay    = errors.New("signature was seen before")
	ErrJSON      = errors.New("not the JSON that a message has")
)

// Header is the decoded header of a request.
type Header struct {
	ID       string `json:"msg_id"`
	Type     string `json:"msg_type"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Version  string `json:"version"`
}

// Message is one received message. RawHeader, Parent, Metadata and Content are valid JSON objects.
type Message struct {
	Identities [][]byte // the frames before the delimiter, to be put before the reply
	Header     Header
	RawHeader  []byte // the header as it came, which is the parent_header of every answer
	Parent     []byte
	Metadata   []byte
	Content    []byte
	Buffers    [][]byte
}

// Unmarshal decodes the content into v, a pointer to a struct. Fields that are absent keep their values.
func (m *Message) Unmarshal(v any) error {
	if err := json.Unmarshal(m.Content, v); err != nil {
		return fmt.Errorf("content of %s: %w", m.Header.Type, describeJSON(m.Content, err))
	}
	return nil
}

// Codec signs, checks and frames the messages of one connection file. Its methods may be called from any goroutine.
type Codec struct {
	signed bool
	macs   sync.Pool // of *mac
	seen   replays
}

// NewCodec returns the codec for a key; with the key "" messages carry no signature and none is checked.
func NewCodec(key string) *Codec {
	c := &Codec{signed: key != ""}
	secret := []byte(key)
	c.macs.New = func() any { return &mac{hash: hmac.New(sha256.New, secret)} }
	return c
}

// mac is a keyed hash with room for its result, so that signing allocates nothing.
type mac struct {
	hash hash.Hash
	sum  [sha256.Size]byte
}

func (c *Codec) sum(frames [][]byte) (sum [sha256.Size]byte) {
	m := c.macs.Get().(*mac)
	m.hash.Reset()
	for _, f := range frames {
		m.hash.Write(f)
	}
	m.hash.Sum(m.sum[:0])
	sum = m.sum
	c.macs.Put(m)
	return sum
}

// Decode checks the frames of one received message and returns it. The message keeps the frames. The error is one of the
// Err values of this package, perhaps wrapped with what was seen.
func (c *Codec) Decode(frames [][]byte) (*Message, error) {
	at := -1
	for i, f := range frames {
		if string(f) == delimiter {
			at = i
			break
		}
	}
	if at < 0 {
		return nil, ErrDelimiter
	}
	rest := frames[at+1:]
	if len(rest) < 5 {
		return nil, ErrShort
	}
	signature, dicts := rest[0], rest[1:5]
	if c.signed {
		var given [sha256.Size]byte
		if len(signature) != hex.EncodedLen(len(given)) {
			return nil, ErrSignature
		}
		if _, err := hex.Decode(given[:], signature); err != nil {
			return nil, ErrSignature
		}
		want := c.sum(dicts)
		if !hmac.Equal(given[:], want[:]) {
			return nil, ErrSignature
		}
		if !c.seen.add(given) {
			return nil, ErrReplay
		}
	}
	for i, name := range [...]string{"header", "parent_header", "metadata", "content"} {
		if !isObject(dicts[i]) {
			return nil, fmt.Errorf("%w: %s is not an object", ErrJSON, name)
		}
	}
	m := &Message{
		Identities: frames[:at:at],
		RawHeader:  dicts[0],
		Parent:     dicts[1],
		Metadata:   dicts[2],
		Content:    dicts[3],
		Buffers:    rest[5:],
	}
	if err := json.Unmarshal(dicts[0], &m.Header); err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrJSON, describeJSON(dicts[0], err))
	}
	if m.Header.Type == "" {
		return nil, fmt.Errorf("%w: header has no msg_type", ErrJSON)
	}
	return m, nil
}

// isObject says whether data is one valid JSON object in UTF-8.
func isObject(data []byte) bool {
	start := bytes.TrimLeft(data, " \t\r\n")
	return len(start) > 0 && start[0] == '{' && json.Valid(data) && utf8.Valid(data)
}

var empty = []byte("{}")

// Encode frames and signs one message: identities (or the topic, on iopub), delimiter, signature, and the four JSON
// objects. A nil parent or metadata stands for {}.
func (c *Codec) Encode(identities [][]byte, header, parent, metadata, content []byte) [][]byte {
	if len(parent) == 0 {
		parent = empty
	}
	if len(metadata) == 0 {
		metadata = empty
	}
	frames := make([][]byte, 0, len(identities)+6)
	frames = append(frames, identities...)
	frames = append(frames, []byte(delimiter), nil, header, parent, metadata, content)
	if c.signed {
		dicts := frames[len(frames)-4:]
		sum := c.sum(dicts)
		frames[len(frames)-5] = hex.AppendEncode(make([]byte, 0, 2*len(sum)), sum[:])
	}
	return frames
}

// remembered is how many signatures are kept to recognise a replay.
const remembered = 1 << 16

// replays remembers the last signatures.
type replays struct {
	mu   sync.Mutex
	set  map[[sha256.Size]byte]struct{}
	ring [][sha256.Size]byte // in order of arrival; once full, next is the oldest
	next int
}

// add says whether sum is new, and remembers it.
func (r *replays) add(sum [sha256.Size]byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, old := r.set[sum]; old {
		return false
	}
	if r.set == nil {
		r.set = map[[sha256.Size]byte]struct{}{}
	}
	if len(r.ring) < remembered {
		r.ring = append(r.ring, sum)
	} else {
		delete(r.set, r.ring[r.next])
		r.ring[r.next] = sum
		r.next = (r.next + 1) % remembered
	}
	r.set[sum] = struct{}{}
	return true
}
