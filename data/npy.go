// Reading npy, NumPy's format of an array, without trusting it.

package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/stheno-ml/stheno/internal/npy"
	"github.com/stheno-ml/stheno/internal/regular"
)

// OpenNPY reads the npy file at path, an array as numpy.save writes it. Its Name is "x", and its first dimension counts
// the samples. See OpenNPZ for the types of numbers; an array of anything else is an error.
func OpenNPY(path string) (Array, error) {
	f, err := regular.Open(path)
	if err != nil {
		return Array{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Array{}, err
	}
	return namedNPY(f, info.Size(), path)
}

// ReadNPY reads an npy file from r, up to its end, as OpenNPY does; name is used in errors.
func ReadNPY(r io.Reader, name string) (Array, error) {
	if r == nil {
		return Array{}, fmt.Errorf("%s: %w", name, errNoReader)
	}
	return namedNPY(r, -1, name)
}

func namedNPY(r io.Reader, size int64, name string) (Array, error) {
	a, err := readNPY(r, size)
	if err != nil {
		return Array{}, fmt.Errorf("%s: %w", name, err)
	}
	a.Name = "x"
	return a, nil
}

// readNPY reads an array of size bytes, header included, or of any size if that is below 0. Memory grows only with the
// bytes that have arrived.
func readNPY(r io.Reader, size int64) (Array, error) {
	h, read, err := readNPYHeader(r)
	if err != nil {
		return Array{}, err
	}
	e, order, err := elementOf(h.Descr)
	if err != nil {
		return Array{}, err
	}
	count, err := h.Count(maxVolume)
	if err != nil {
		return Array{}, err
	}
	if want := read + int64(count)*int64(e.size); size >= 0 && want != size {
		return Array{}, fmt.Errorf("%d bytes, but the shape %v of %s takes %d", size, h.Shape, e.name, want)
	}
	var a Array
	if a.Values, err = e.read(r, order, count); err != nil {
		return Array{}, err
	}
	// Reading to the end lets the archive check its sum.
	switch n, err := r.Read(make([]byte, 1)); {
	case n > 0:
		return Array{}, fmt.Errorf("more bytes follow the %d values of the shape %v", count, h.Shape)
	case err != nil && err != io.EOF:
		return Array{}, fmt.Errorf("after the last value: %w", cut(err))
	}
	if h.Fortran {
		a.Values = npy.RowMajor(a.Values, h.Shape)
	}
	if len(h.Shape) > 1 {
		a.Shape = h.Shape[1:]
	}
	return a, nil
}

// readNPYHeader reads everything before the elements; read is the number of bytes.
func readNPYHeader(r io.Reader) (h npy.Header, read int64, err error) {
	h, read, err = npy.ReadHeader(r)
	var other *npy.Foreign
	if errors.As(err, &other) {
		if f, ok := recognise(other.Start); ok {
			err = errors.New("not an npy array: " + f.String())
		}
	}
	return h, read, err
}

// cut replaces an error by one that says that the file is truncated, if it ends too early.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file is cut short")
	}
	return err
}

// elementOf is the element and byte order of a NumPy description such as "<f8".
func elementOf(descr string) (e element, order binary.ByteOrder, err error) {
	order = binary.LittleEndian
	kind := strings.TrimLeft(descr, "<>|=")
	if strings.HasPrefix(descr, ">") {
		order = binary.BigEndian
	}
	elements := map[string]func() element{
		"b1": uint8s, "u1": uint8s, "i1": int8s, "u2": uint16s, "i2": int16s, "u4": uint32s, "i4": int32s, "u8": uint64s, "i8": int64s,
		"f2": float16s, "f4": float32s, "f8": float64s,
	}
	if of, ok := elements[kind]; ok {
		return of(), order, nil
	}
	return e, nil, fmt.Errorf("elements of type %q: %w", descr, errNotNumbers)
}
