// Writing npy and npz, NumPy's files.

package data

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/internal/npy"
)

// An NPYType is a type of numbers as NumPy describes it: the byte order ("<" is little-endian), the kind and the size in
// bytes. Other types that can be read are "|b1", "|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<f2", and those of
// several bytes with ">" for big-endian.
type NPYType string

// The types that can be written.
const (
	NPYFloat32 NPYType = "<f4"
	NPYFloat64 NPYType = "<f8"
	NPYInt64   NPYType = "<i8"
)

// SaveNPY writes an array as the npy file at path. See WriteNPY.
func SaveNPY(path string, a Array, as NPYType) error {
	return atomicfile.Write(path, func(w io.Writer) error { return WriteNPY(w, a, as) })
}

// WriteNPY writes an array as an npy file, which numpy.load reads as an array of shape (samples, a.Shape...). Without a
// type, an array of classes is written as NPYInt64, and any other as NPYFloat32. As NPYInt64, every value must be a whole
// number.
func WriteNPY(w io.Writer, a Array, as NPYType) error {
	if err := writeNPY(w, a, as); err != nil {
		return fmt.Errorf("write npy: array %q: %w", a.Name, err)
	}
	return nil
}

// SaveNPZ writes arrays as the npz file at path. See WriteNPZ.
func SaveNPZ(path string, as NPYType, arrays ...Array) error {
	return atomicfile.Write(path, func(w io.Writer) error { return WriteNPZ(w, as, arrays...) })
}

// WriteNPZ writes arrays by their names as an npz file, compressed, as numpy.savez_compressed does. The type of each is
// that of WriteNPY. Names must differ and not be empty.
func WriteNPZ(w io.Writer, as NPYType, arrays ...Array) error {
	if w == nil {
		return fmt.Errorf("write npz: %w", errNoWriter)
	}
	archive := zip.NewWriter(w)
	seen := map[string]bool{}
	for _, a := range arrays {
		if a.Name == "" || seen[a.Name] || strings.ContainsAny(a.Name, "/\\") {
			return fmt.Errorf("write npz: array %q: every array needs a name of its own without slashes", a.Name)
		}
		seen[a.Name] = true
		member, err := archive.Create(a.Name + ".npy")
		if err == nil {
			err = writeNPY(member, a, as)
		}
		if err != nil {
			return fmt.Errorf("write npz: array %q: %w", a.Name, err)
		}
	}
	return archive.Close()
}

func writeNPY(w io.Writer, a Array, as NPYType) error {
	if w == nil {
		return errNoWriter
	}
	if as == "" {
		if as = NPYFloat32; a.Classes > 0 {
			as = NPYInt64
		}
	}
	size, err := volumeOf(a.Shape)
	if err != nil {
		return err
	}
	if len(a.Values)%size != 0 {
		return fmt.Errorf("%d values are not a whole number of samples of shape %v", len(a.Values), a.Shape)
	}
	encode, err := as.encoder()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	out.Write(npy.Header{Descr: string(as), Shape: append([]int{len(a.Values) / size}, a.Shape...)}.Start())
	var word [8]byte
	for i, v := range a.Values {
		n, err := encode(word[:], v)
		if err != nil {
			return fmt.Errorf("sample %d: %w", i/size, err)
		}
		if _, err := out.Write(word[:n]); err != nil {
			return err
		}
	}
	return out.Flush()
}

// encoder writes a value of the type and returns its size in bytes.
func (t NPYType) encoder() (func(to []byte, v float32) (int, error), error) {
	order := binary.LittleEndian
	switch t {
	case NPYFloat32:
		return func(to []byte, v float32) (int, error) {
			order.PutUint32(to, math.Float32bits(v))
			return 4, nil
		}, nil
	case NPYFloat64:
		return func(to []byte, v float32) (int, error) {
			order.PutUint64(to, math.Float64bits(float64(v)))
			return 8, nil
		}, nil
	case NPYInt64:
		return func(to []byte, v float32) (int, error) {
			if float64(v) != math.Trunc(float64(v)) || !(v >= -1<<63 && v < 1<<63) {
				return 0, fmt.Errorf("%g is not an int64: write the array as float32", v)
			}
			order.PutUint64(to, uint64(int64(v)))
			return 8, nil
		}, nil
	}
	return nil, fmt.Errorf("type %q cannot be written; %q, %q and %q can", t, NPYFloat32, NPYFloat64, NPYInt64)
}
