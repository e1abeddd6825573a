package simd

// Pause waits for n turns of the processor's spin-wait hint, some ten nanoseconds each.
func Pause(n int) { pause(n) }
