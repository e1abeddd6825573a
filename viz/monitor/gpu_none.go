//go:build !linux || !cgo

package monitor

import "runtime"

func readGPUs() ([]GPU, string) {
	if runtime.GOOS == "linux" {
		return nil, "built without cgo, which reading NVIDIA GPUs needs"
	}
	return nil, "GPUs are read on Linux only, this is " + runtime.GOOS
}
