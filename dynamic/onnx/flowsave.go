package onnx

import (
	"fmt"
	"strings"

	"github.com/tapir-go/tapir/dynamic/lift"
	"github.com/tapir-go/tapir/eager"
)

// tries is how many inputs SaveProgram looks for by itself.
const tries = 200

// SaveProgram writes a lifted function to path, after running it, and the bytes read back, beside f, the Go function that it came from: on the
// given inputs, which may be none, and on 200 that it makes like those that the function was lifted with. The report says
// which ways of its ifs were taken, how many rounds its loops made and how far the results were apart; it is stored in
// the model's metadata. It fails, and writes nothing, where they are apart by more than 1e-5, and as ExportProgram does.
func SaveProgram(p *lift.Program, f any, inputs [][]*eager.Tensor, path string) (*lift.Report, error) {
	m, err := ExportProgram(p, Options{})
	if err != nil {
		return nil, err
	}
	back, err := Unmarshal(m.Marshal())
	if err != nil {
		return nil, fmt.Errorf("onnx: the written model cannot be read back: %w", err)
	}
	module, err := NewModule(back)
	if err != nil {
		return nil, err
	}
	r, err := p.CheckWith(f, inputs, tries, module.Run)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w; nothing was written", err)
	}
	m.Metadata = append(m.Metadata,
		Property{"tapir.largest_difference", fmt.Sprintf("%.3g", r.Largest)},
		Property{"tapir.inputs_checked", fmt.Sprint(r.Inputs)},
		Property{"tapir.ways_taken", fmt.Sprintf("%d of %d", r.Taken, r.Ways)},
		Property{"tapir.rounds", fmt.Sprintf("%d to %d", r.Trips.Least, r.Trips.Most)})
	if len(r.Missed) > 0 {
		m.Metadata = append(m.Metadata, Property{"tapir.ways_not_taken", strings.Join(r.Missed, "; ")})
	}
	b := m.Marshal()
	if err := writeFile(path, b); err != nil {
		return nil, fmt.Errorf("onnx: writing %s: %w", path, err)
	}
	return r, nil
}
