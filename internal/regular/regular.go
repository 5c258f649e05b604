// Package regular opens the files that a program reads to their end. A pipe, a
// device or a socket may never come to one, and a program that opens it waits.
package regular

import (
	"fmt"
	"io/fs"
	"os"
)

// kinds are the words for what is no regular file.
var kinds = [...]struct {
	mode fs.FileMode
	what string
}{
	{fs.ModeDir, "a folder"},
	{fs.ModeNamedPipe, "a named pipe"},
	{fs.ModeSocket, "a socket"},
	{fs.ModeDevice, "a device"},
	{fs.ModeType, "no regular file"},
}

// Open opens the file at path, or the one that a link there leads to, to be
// read. What is no regular file is an error that says what it is.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	for _, k := range kinds {
		if info.Mode()&k.mode != 0 {
			return nil, fmt.Errorf("%s is %s: a regular file is wanted", path, k.what)
		}
	}
	return os.Open(path)
}
