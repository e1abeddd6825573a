package install

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Lock takes the lock that the file of that name stands for, and waits while another process or goroutine holds it;
// waiting, if not nil, is called once before it waits. The file is made if it is not there, and stays. The lock ends
// with unlock, or with the process. It fails when the file cannot be made or ctx ends first.
func Lock(ctx context.Context, name string, waiting func()) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, fmt.Errorf("locking %s: %w", name, err)
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", name, err)
	}
	for {
		ok, err := tryLock(f)
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("locking %s: %w", name, err)
		}
		if ok {
			return func() { f.Close() }, nil
		}
		if waiting != nil {
			waiting()
			waiting = nil
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, fmt.Errorf("locking %s: %w", name, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}
