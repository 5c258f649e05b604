// Reading npz: NumPy's archives of named arrays.

package data

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/stheno-ml/stheno/internal/npy"
	"github.com/stheno-ml/stheno/internal/regular"
)

// An NPZ has the arrays of an npz file, as numpy.savez and numpy.savez_compressed write it.
type NPZ struct {
	Name string // where it was read from, for errors
	// Arrays are the arrays of numbers, in the order of the file. The first dimension of each counts the samples, and
	// the others are Shape: an array of shape (1831, 21) is 1831 samples of shape [21].
	Arrays []Array

	refused map[string]error // why arrays could not be read
}

// OpenNPZ reads the npz file at path. Booleans, integers and floats of any size and either byte order are read, in
// row-major or column-major order, and become the nearest float32. Other arrays, such as arrays of strings, are left
// out, and Array says why. If the file is damaged, or its arrays together unpack to more than 2^24 bytes plus a hundred
// times the file's size, the error names the file and the array.
func OpenNPZ(path string) (*NPZ, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return readNPZ(f, info.Size(), path)
}

// Array returns the array of that name. The error lists the arrays, or says why this one could not be read.
func (f *NPZ) Array(name string) (Array, error) {
	return arrayNamed(f.Name, f.Arrays, f.refused, name)
}

// arrayNamed is the array of that name among those of a file, or an error that says why it is not there.
func arrayNamed(file string, arrays []Array, refused map[string]error, name string) (Array, error) {
	all := make([]string, len(arrays))
	for i, a := range arrays {
		if a.Name == name {
			return a, nil
		}
		all[i] = a.Name
	}
	if err := refused[name]; err != nil {
		return Array{}, fmt.Errorf("%s: array %q: %w", file, name, err)
	}
	return Array{}, fmt.Errorf("%s: no array %q; the arrays of numbers are %s", file, name, strings.Join(all, ", "))
}

// errNotNumbers is the reason to leave an array out.
var errNotNumbers = npy.ErrNotNumbers

// readNPZ reads a file of size bytes.
func readNPZ(r io.ReaderAt, size int64, name string) (*NPZ, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		head := make([]byte, sniffed)
		n, _ := r.ReadAt(head, 0) // on an error, the zip reader's says more
		if f, ok := recognise(head[:n]); ok && !strings.HasPrefix(f.start, "PK") {
			return nil, fmt.Errorf("%s: not an npz file: %s", name, f)
		}
		return nil, fmt.Errorf("%s: not an npz file, or damaged: %w", name, err)
	}
	file := &NPZ{Name: name, refused: map[string]error{}}
	room := uint64(unpackFreely + maxRatio*size) // bytes that all arrays together may take
	for _, member := range archive.File {
		of, ok := strings.CutSuffix(member.Name, ".npy")
		if !ok {
			continue
		}
		a, err := readMember(member, &room)
		if errors.Is(err, errNotNumbers) {
			file.refused[of] = err
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: array %q: %w", name, of, err)
		}
		a.Name = of
		file.Arrays = append(file.Arrays, a)
	}
	if len(file.Arrays)+len(file.refused) == 0 {
		return nil, fmt.Errorf("%s: no arrays: an npz file has members that end in .npy", name)
	}
	return file, nil
}

// readMember reads one array out of an archive, and takes its bytes from the room that is left.
func readMember(member *zip.File, room *uint64) (Array, error) {
	if member.UncompressedSize64 > *room {
		return Array{}, fmt.Errorf("the arrays unpack to more than %d times the file's size: if that is right, save them with numpy.savez, which does not compress", maxRatio)
	}
	*room -= member.UncompressedSize64
	r, err := member.Open()
	if err != nil {
		return Array{}, err
	}
	defer r.Close()
	return readNPY(r, int64(member.UncompressedSize64))
}
