// Package regular opens regular files only, for programs that read a file to its end. A
// pipe, a device or a socket may have no end, and opening it may block.
package regular

import (
	"fmt"
	"io/fs"
	"os"
)

// kinds lists the kinds of files that are not regular.
var kinds = [...]struct {
	mode fs.FileMode
	what string
}{
	{fs.ModeDir, "a folder"},
	{fs.ModeNamedPipe, "a named pipe"},
	{fs.ModeSocket, "a socket"},
	{fs.ModeDevice, "a device"},
	{fs.ModeType, "not a regular file"},
}

// Open opens the file at path for reading, and follows links. If it is not a
// regular file, the error says what it is.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	for _, k := range kinds {
		if info.Mode()&k.mode != 0 {
			return nil, fmt.Errorf("%s is %s, want a regular file", path, k.what)
		}
	}
	return os.Open(path)
}
