package session

import (
	"context"
	"testing"
)

// TestACellThatTakesAllMemoryIsStopped before the system ends the process.
func TestACellThatTakesAllMemoryIsStopped(t *testing.T) {
	if residentMemory() == 0 {
		t.Skip("the memory of the process is not known")
	}
	was := machine
	defer func() { machine = was }()
	limit := (residentMemory() + 256<<20) / 9 * 10
	machine = func() machineMemory { return machineMemory{limit, limit} }
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r := s.Run(context.Background(), 1, "kept := [][]byte{}"); r.Failure != nil {
		t.Fatal(r.Failure)
	}
	r := s.Run(context.Background(), 2, "for {\n\tb := make([]byte, 1<<20)\n\tfor i := 0; i < len(b); i += 4096 {\n\t\tb[i] = 1\n\t}\n\tkept = append(kept, b)\n}")
	if f := r.Failure; f == nil || f.Name != "panic" || f.Hint == "" || f.Cell != 2 {
		t.Fatalf("the failure is %+v, want out of memory", f)
	}
	if r := s.Run(context.Background(), 3, "n := len(kept)\nkept = nil\nn > 100"); r.Failure != nil || r.Value["text/plain"] != "true" {
		t.Errorf("the next cell gives %v %v", r.Value, r.Failure)
	}
	r = s.Run(context.Background(), 4, "x := make([]byte, n<<30)") // of a gigabyte or more
	if f := r.Failure; f == nil || f.Name != "panic" || f.Hint == "" {
		t.Errorf("the failure is %+v, want out of memory", f)
	}
}
