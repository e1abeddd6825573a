package viz

import (
	"image/color"
	"math"
)

// ramps are colour scales by name, as colours at even steps from low to high.
var ramps = map[string][]color.NRGBA{
	"blues":   hexes("#f7fafd", "#dceaf7", "#b9d7f0", "#8bbfe6", "#5aa2db", "#3280c6", "#195ea6", "#0f4180", "#0a2a57"),
	"viridis": hexes("#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884", "#44bf70", "#7ad151", "#bddf26", "#fde725"),
	"balance": hexes("#1f4e8c", "#3f7fc1", "#82b1dd", "#c3daee", "#f6f6f4", "#f5d3c3", "#e59c80", "#cb5f49", "#9b2226"),
	"classes": hexes("#b9d8f3", "#cde3f6", "#e3eff9", "#fcfbf9", "#fff1d9", "#ffe6bb", "#ffda99"),
	"gray":    hexes("#000000", "#ffffff"),
}

// rampNames is for messages.
const rampNames = "blues, viridis, balance, classes, gray"

func hexes(ss ...string) []color.NRGBA {
	var ks []color.NRGBA
	for _, s := range ss {
		ks = append(ks, hex(s))
	}
	return ks
}

// shade is the colour at t, 0 to 1, on a ramp; what is not a number is light grey.
func shade(ramp []color.NRGBA, t float64) color.NRGBA {
	if math.IsNaN(t) {
		return inkGrid
	}
	t = min(max(t, 0), 1) * float64(len(ramp)-1)
	i := min(int(t), len(ramp)-2)
	f := t - float64(i)
	mix := func(a, b uint8) uint8 { return uint8(float64(a) + (float64(b)-float64(a))*f + 0.5) }
	a, b := ramp[i], ramp[i+1]
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255}
}

// dark says whether white text is read better on k than dark text.
func dark(k color.NRGBA) bool {
	return 0.299*float64(k.R)+0.587*float64(k.G)+0.114*float64(k.B) < 140
}

// place is where v lies between lo and hi, 0 to 1.
func (s span) place(v float64) float64 {
	if s.hi <= s.lo {
		if math.IsNaN(v) {
			return v
		}
		return 0.5
	}
	return (v - s.lo) / (s.hi - s.lo)
}

// levels is a ramp as a palette of 255 colours and one for what is not a number.
func levels(ramp []color.NRGBA) color.Palette {
	p := make(color.Palette, 256)
	for i := range 255 {
		p[i] = shade(ramp, float64(i)/254)
	}
	p[255] = inkGrid
	return p
}

func level(t float64) uint8 {
	if math.IsNaN(t) {
		return 255
	}
	return uint8(min(max(t, 0), 1)*254 + 0.5)
}

func rampNamed(op, name string) []color.NRGBA {
	r, ok := ramps[name]
	if !ok {
		fail(op, "the colour scales are "+rampNames, "no colour scale is called %q", name)
	}
	return r
}
