// Package safetensors reads and writes files of named arrays in the safetensors format.
// A file begins with the length of its header in 8 bytes, little endian. The header is a
// JSON object with the type, shape and offsets of each array, and with text by name
// under "__metadata__". The arrays follow without gaps, row-major and little endian.
// Reading a file runs no code from it.
package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/internal/element"
)

// File is the content of a file.
type File struct {
	Metadata map[string]string
	Arrays   []Array
}

// Array is a named array.
type Array struct {
	Name  string
	Shape []int
	Data  any    // []float32 or []float64
	Type  string // of its elements in the file that was read, such as "BF16"
}

// metadataKey is the entry of the header that is not an array.
const metadataKey = "__metadata__"

// maxHeader is the longest header that the format allows, in bytes.
const maxHeader = 100_000_000

// entry is the header's description of an array.
type entry struct {
	Dtype   string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// Write writes a file. It sorts the arrays by name, so equal contents give equal bytes.
func Write(w io.Writer, f File) error {
	head, arrays, err := headOf(f)
	if err == nil {
		err = writeAll(w, head, arrays)
	}
	return err
}

// headOf returns the bytes before the arrays, and the arrays in order.
func headOf(f File) (head []byte, arrays []Array, err error) {
	arrays = slices.SortedFunc(slices.Values(f.Arrays), func(a, b Array) int { return strings.Compare(a.Name, b.Name) })
	header := map[string]any{}
	if len(f.Metadata) > 0 {
		header[metadataKey] = f.Metadata
	}
	at := int64(0)
	for _, a := range arrays {
		dtype, n := "F32", int64(0)
		switch x := a.Data.(type) {
		case []float32:
			n = 4 * int64(len(x))
		case []float64:
			dtype, n = "F64", 8*int64(len(x))
		default:
			return nil, nil, fmt.Errorf("array %q holds %T, want []float32 or []float64", a.Name, a.Data)
		}
		if _, taken := header[a.Name]; taken || a.Name == "" {
			return nil, nil, fmt.Errorf("array %q: names must be unique, not empty, and not %s", a.Name, metadataKey)
		}
		header[a.Name] = entry{dtype, append([]int{}, a.Shape...), [2]int64{at, at + n}}
		at += n
	}
	text, err := json.Marshal(header) // sorts the keys
	if err != nil {
		return nil, nil, err
	}
	text = append(text, bytes.Repeat([]byte{' '}, (8-len(text)%8)%8)...) // aligns the arrays
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...), arrays, nil
}

func writeAll(w io.Writer, head []byte, arrays []Array) error {
	if _, err := w.Write(head); err != nil {
		return err
	}
	for _, a := range arrays {
		if err := a.writeTo(w); err != nil {
			return err
		}
	}
	return nil
}

// Parse reads a file's content. Whatever the header contains, it allocates at most a few
// times the size of the content.
func Parse(content []byte) (File, error) {
	var f File
	if len(content) < 8 {
		return f, fmt.Errorf("%d bytes are too few for a safetensors file", len(content))
	}
	n := binary.LittleEndian.Uint64(content)
	rest := content[8:]
	if n > maxHeader || n > uint64(len(rest)) {
		return f, fmt.Errorf("a header of %d bytes, but only %d follow: the file is truncated, or not a safetensors file", n, len(rest))
	}
	var header map[string]json.RawMessage
	if err := json.Unmarshal(rest[:n], &header); err != nil {
		return f, fmt.Errorf("the header is not a JSON object: %w", err)
	}
	data := rest[n:]
	if raw, ok := header[metadataKey]; ok {
		if err := json.Unmarshal(raw, &f.Metadata); err != nil {
			return f, fmt.Errorf("%s: %w", metadataKey, err)
		}
		delete(header, metadataKey)
	}
	entries := map[string]entry{}
	var names []string
	for name, raw := range header {
		var e entry
		if err := json.Unmarshal(raw, &e); err != nil {
			return f, fmt.Errorf("array %q: %w", name, err)
		}
		entries[name] = e
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := entries[a].Offsets[0] - entries[b].Offsets[0]; d != 0 {
			return int(max(-1, min(1, d)))
		}
		if d := entries[a].Offsets[1] - entries[b].Offsets[1]; d != 0 {
			return int(max(-1, min(1, d)))
		}
		return strings.Compare(a, b)
	})
	at := int64(0)
	for _, name := range names {
		a, err := entries[name].array(name, at, data)
		if err != nil {
			return f, fmt.Errorf("array %q: %w", name, err)
		}
		at = entries[name].Offsets[1]
		f.Arrays = append(f.Arrays, a)
	}
	if at != int64(len(data)) {
		return f, fmt.Errorf("the arrays end at byte %d, but the file has %d after its header", at, len(data))
	}
	return f, nil
}

// headerEnd is where the arrays of a file that Parse accepts begin.
func headerEnd(content []byte) int { return 8 + int(binary.LittleEndian.Uint64(content)) }

// array reads an array, which has to begin at byte at of the data.
func (e entry) array(name string, at int64, data []byte) (Array, error) {
	from, to := e.Offsets[0], e.Offsets[1]
	if from != at || to < from || to > int64(len(data)) {
		return Array{}, fmt.Errorf("it has bytes %d to %d, want it to begin at %d and to end within %d", from, to, at, len(data))
	}
	of, ok := element.Named(e.Dtype)
	if !ok {
		return Array{}, fmt.Errorf("elements of type %q are not supported: want floats of 16, 32 or 64 bits, or integers", e.Dtype)
	}
	size, err := sizeOf(e.Shape)
	if err != nil {
		return Array{}, err
	}
	if width := int64(of.Size); size > math.MaxInt64/width || size*width != to-from {
		return Array{}, fmt.Errorf("shape %v of %s needs %d bytes, it has %d", e.Shape, e.Dtype, size*width, to-from)
	}
	x, err := of.Decode(binary.LittleEndian, data[from:to])
	return Array{name, e.Shape, x, e.Dtype}, err
}

// sizeOf is the number of elements of a shape.
func sizeOf(shape []int) (int64, error) {
	size := int64(1)
	for _, n := range shape {
		if n < 0 {
			return 0, fmt.Errorf("shape %v has a negative extent", shape)
		}
		if n > 0 && size > math.MaxInt64/8/int64(n) {
			return 0, errors.New("its shape has more elements than fit into a file")
		}
		size *= int64(n)
	}
	return size, nil
}
