package install

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// CacheDir is the directory for what Tapir makes once and keeps: Python environments, the kernel's program, data sets.
// It is $TAPIR_CACHE where that is set, else "tapir" in the user's cache directory. It is made if it is not there.
// It fails when no such directory is known or it cannot be made.
func CacheDir() (string, error) {
	dir := os.Getenv("TAPIR_CACHE")
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("finding the cache directory: %w (set TAPIR_CACHE to a directory of your choice)", err)
		}
		dir = filepath.Join(user, "tapir")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("finding the cache directory: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("making the cache directory: %w (set TAPIR_CACHE to a directory of your choice)", err)
	}
	return dir, nil
}

// WriteFile writes data to the file of that name, so that a reader sees the old contents or the new ones and never a
// part: a temporary file beside it is written, synced and renamed.
func WriteFile(name string, data []byte, mode os.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("writing %s: %w", name, errors.Join(err, f.Close(), os.Remove(f.Name())))
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Chmod(mode); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
