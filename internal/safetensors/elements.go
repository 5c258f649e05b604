package safetensors

import (
	"encoding/binary"
	"io"
	"unsafe"
)

// writeTo writes the elements, little endian.
func (a Array) writeTo(w io.Writer) error {
	if !littleEndian() {
		return binary.Write(w, binary.LittleEndian, a.Data)
	}
	// The elements are in memory as they are in the file: they need no copy.
	var raw []byte
	switch x := a.Data.(type) {
	case []float32:
		raw = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
	case []float64:
		raw = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 8*len(x))
	}
	_, err := w.Write(raw)
	return err
}

// littleEndian reports whether this processor stores the lowest byte first.
func littleEndian() bool { return binary.NativeEndian.Uint16([]byte{1, 0}) == 1 }
