//go:build !linux

package session

import "runtime/metrics"

// physicalMemory is more than machines have: that of this one is not known.
func physicalMemory() machineMemory { return machineMemory{1 << 40, 1 << 40} }

// residentMemory is the memory that the Go runtime has.
func residentMemory() uint64 {
	m := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(m)
	return m[0].Value.Uint64() - m[1].Value.Uint64()
}
