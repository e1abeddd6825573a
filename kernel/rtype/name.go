package rtype

import (
	"encoding/binary"
	"sync"
	"unsafe"
)

//go:linkname addReflectOff reflect.addReflectOff
func addReflectOff(ptr unsafe.Pointer) int32

// name encodes a name as the runtime has it.
func name(n, tag string, exported, embedded bool) *byte {
	b := []byte{0}
	if exported {
		b[0] |= 1 << 0
	}
	if embedded {
		b[0] |= 1 << 3
	}
	b = append(binary.AppendUvarint(b, uint64(len(n))), n...)
	if tag != "" {
		b[0] |= 1 << 1
		b = append(binary.AppendUvarint(b, uint64(len(tag))), tag...)
	}
	return &b[0]
}

var (
	offMu sync.Mutex
	offs  = map[string]int32{}
)

// nameOff registers a name, each once.
func nameOff(n string, exported bool) int32 {
	offMu.Lock()
	defer offMu.Unlock()
	key := n
	if exported {
		key = "+" + n
	}
	off, ok := offs[key]
	if !ok {
		off = addReflectOff(unsafe.Pointer(name(n, "", exported, false)))
		offs[key] = off
	}
	return off
}
