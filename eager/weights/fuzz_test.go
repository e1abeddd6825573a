package weights

import (
	"encoding/binary"
	"testing"

	"github.com/tapir-go/tapir/eager"
)

// The pickle and the array format are fuzzed without the checksums of the zip around them.
func FuzzPickle(f *testing.F) {
	f.Add([]byte("\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K\x05X\x01\x00\x00\x00bq\x02ccollections\nOrderedDict\nq\x03)Rq\x04u."))
	f.Add([]byte("\x80\x02ctorch._utils\n_rebuild_tensor_v2\nq\x00((X\x07\x00\x00\x00storageq\x01ctorch\nFloatStorage\nq\x02X\x01\x00\x00\x000q\x03X\x03\x00\x00\x00cpuq\x04K\x06tq\x05QK\x00K\x02K\x03\x86q\x06K\x03K\x01\x86q\x07\x89}q\x08tq\tRq\n."))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &reader{order: binary.LittleEndian, read: map[string][]byte{"0": make([]byte, 24)}}
		v, err := unpickle(b, r)
		if err == nil {
			left := 1 << 10
			_ = collect(v, "", map[string]*eager.Tensor{}, 0, &left)
		}
	})
}

func FuzzArray(f *testing.F) {
	head := "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1), }\n"
	f.Add([]byte("\x93NUMPY\x01\x00" + string(rune(len(head))) + "\x00" + head + "12345678"))
	f.Fuzz(func(t *testing.T, b []byte) { _, _ = array(b) })
}
