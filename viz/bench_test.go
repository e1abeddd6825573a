package viz

import "testing"

// BenchmarkCurve is what one update of a live curve of 10,000 steps costs.
func BenchmarkCurve(b *testing.B) {
	k := newCurve([]string{"train loss", "accuracy"}, newClock())
	SetScreen(&record{})
	defer SetScreen(nil)
	ys := normal(10_000, 1)
	for i, y := range ys {
		k.Add(i, y, -y)
	}
	b.ResetTimer()
	for range b.N {
		k.MIME()
	}
}

// BenchmarkImages is a grid of 64 digits.
func BenchmarkImages(b *testing.B) {
	pixels := make([]float32, 64*28*28)
	for i := range pixels {
		pixels[i] = float32(i%29) / 28
	}
	for range b.N {
		Images(pixels, 64, 28, 28).MIME()
	}
}
