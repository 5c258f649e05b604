// Writing files whole or not at all.

package data

import (
	"io"
	"os"
	"path/filepath"
	"time"
)

// part is the ending of files that are not yet whole.
const part = ".part"

// save writes a file of that name into dir by way of a temporary name of its own, so that at any moment the file is
// there whole or as it was before, however many processes write it. The temporary file is gone when save returns.
func save(dir, name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(dir, name+".*"+part)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(dir, name)); err != nil {
		return err
	}
	// The new name is on disk once its folder is. Where folders cannot be synced, the name may be lost in a power cut,
	// not the whole of the file, so that is no error.
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
	return nil
}

// removeStale removes what a killed process left behind at least a day ago.
func removeStale(dir string) {
	names, err := filepath.Glob(filepath.Join(dir, "*"+part))
	if err != nil {
		return
	}
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			os.Remove(name)
		}
	}
}
