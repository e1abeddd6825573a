//go:build !unix

package bench

import "errors"

// peakMemory is the most memory that this process has had, in bytes.
func peakMemory() (int64, error) {
	return 0, errors.New("this system does not tell the peak of memory")
}
