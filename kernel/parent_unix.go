//go:build !windows

package kernel

import (
	"context"
	"errors"
	"os"
	"strconv"
	"syscall"
	"time"
)

// parentPoll is how often the parent is looked for.
const parentPoll = time.Second

// watchParent calls end when the process that started this one dies: the one whose id JPY_PARENT_PID has, and the actual parent
// where something stands between the two. Without an id nothing is watched.
func watchParent(ctx context.Context, id string, end func()) {
	pid, err := strconv.Atoi(id)
	if err != nil || pid <= 0 {
		return
	}
	actual := os.Getppid()
	gone := func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
	foreign := gone() // an id from outside of a container means nothing in it
	for {
		if os.Getppid() != actual || !foreign && gone() {
			end()
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(parentPoll):
		}
	}
}
