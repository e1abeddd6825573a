package kernel

import (
	"context"
	"strconv"

	"golang.org/x/sys/windows"
)

// watchParent calls end when the process that started this one dies. On Windows JPY_PARENT_PID is an inherited handle to that process.
func watchParent(ctx context.Context, id string, end func()) {
	handle, err := strconv.ParseUint(id, 10, 64)
	if err != nil || handle == 0 {
		return
	}
	for ctx.Err() == nil {
		event, err := windows.WaitForSingleObject(windows.Handle(handle), 1000)
		if err != nil {
			return
		}
		if event == windows.WAIT_OBJECT_0 {
			end()
			return
		}
	}
}
