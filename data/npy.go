// Reading npy, NumPy's format of an array, without trusting it.

package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/internal/regular"
)

// npyMagic starts an npy array.
const npyMagic = "\x93NUMPY"

// An npyHeader is the header of an array: all before its elements.
type npyHeader struct {
	descr   string
	fortran bool // the first index runs fastest
	shape   []int
}

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
//
// The format: the magic string, two bytes of version, the length of the header (2 bytes little-endian in version 1,
// else 4), the header as a Python literal, and the elements.
func readNPY(r io.Reader, size int64) (Array, error) {
	h, read, err := readNPYHeader(r)
	if err != nil {
		return Array{}, err
	}
	e, order, err := elementOf(h.descr)
	if err != nil {
		return Array{}, err
	}
	count, err := h.count()
	if err != nil {
		return Array{}, err
	}
	if want := read + int64(count)*int64(e.size); size >= 0 && want != size {
		return Array{}, fmt.Errorf("%d bytes, but the shape %v of %s takes %d", size, h.shape, e.name, want)
	}
	var a Array
	if a.Values, err = e.read(r, order, count); err != nil {
		return Array{}, err
	}
	// Reading to the end lets the archive check its sum.
	switch n, err := r.Read(make([]byte, 1)); {
	case n > 0:
		return Array{}, fmt.Errorf("more bytes follow the %d values of the shape %v", count, h.shape)
	case err != nil && err != io.EOF:
		return Array{}, fmt.Errorf("after the last value: %w", cut(err))
	}
	if h.fortran {
		a.Values = rowMajor(a.Values, h.shape)
	}
	if len(h.shape) > 1 {
		a.Shape = h.shape[1:]
	}
	return a, nil
}

// count is the number of values.
func (h npyHeader) count() (int, error) {
	const most = 64 // dimensions; NumPy has no more
	if len(h.shape) > most {
		return 0, fmt.Errorf("a shape of %d dimensions; at most %d can be read", len(h.shape), most)
	}
	count := 1
	for _, n := range h.shape {
		if n > 0 && count > maxVolume/n {
			return 0, fmt.Errorf("shape %v has more than %d values", h.shape, maxVolume)
		}
		count *= n
	}
	return count, nil
}

// cut replaces an error by one that says that the file is truncated, if it ends too early.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file is cut short")
	}
	return err
}

// readNPYHeader reads everything before the elements; read is the number of bytes.
func readNPYHeader(r io.Reader) (h npyHeader, read int64, err error) {
	var start [12]byte
	if _, err := io.ReadFull(r, start[:10]); err != nil {
		return h, 0, cut(err)
	}
	if string(start[:6]) != npyMagic {
		if f, ok := recognise(start[:10]); ok {
			return h, 0, errors.New("not an npy array: " + f.String())
		}
		return h, 0, errors.New("not an npy array")
	}
	length := int64(binary.LittleEndian.Uint16(start[8:]))
	read = 10
	switch start[6] {
	case 1:
	case 2, 3:
		if _, err := io.ReadFull(r, start[10:]); err != nil {
			return h, 0, cut(err)
		}
		length, read = int64(binary.LittleEndian.Uint32(start[8:])), 12
	default:
		return h, 0, fmt.Errorf("version %d of the npy format; 1 to 3 are known", start[6])
	}
	const most = 1 << 16 // a thousand times what arrays of numbers need
	if length > most {
		return h, 0, fmt.Errorf("a header of %d bytes, more than %d", length, most)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return h, 0, cut(err)
	}
	if h, err = parseNPYHeader(string(text)); err != nil {
		return h, 0, fmt.Errorf("the header %.200q: %w", strings.TrimSpace(string(text)), err)
	}
	return h, read + length, nil
}

// parseNPYHeader reads a literal such as {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }.
func parseNPYHeader(text string) (h npyHeader, err error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), "{")
	if !ok {
		return h, errors.New("no dictionary")
	}
	seen := map[string]bool{}
	for {
		rest = strings.TrimLeft(rest, ", ")
		if after, ok := strings.CutPrefix(rest, "}"); ok {
			if strings.TrimSpace(after) != "" || !seen["descr"] || !seen["fortran_order"] || !seen["shape"] || len(seen) != 3 {
				return h, errors.New("want descr, fortran_order and shape")
			}
			return h, nil
		}
		var key, value string
		if key, rest, err = quoted(rest); err != nil {
			return h, err
		}
		if rest, ok = strings.CutPrefix(strings.TrimLeft(rest, " "), ":"); !ok {
			return h, fmt.Errorf("no value of %q", key)
		}
		rest = strings.TrimLeft(rest, " ")
		switch seen[key] = true; key {
		case "descr":
			if strings.HasPrefix(rest, "[") {
				return h, fmt.Errorf("records of several fields: %w", errNotNumbers)
			}
			h.descr, rest, err = quoted(rest)
		case "fortran_order":
			var is bool
			if rest, is = strings.CutPrefix(rest, "True"); !is {
				if rest, ok = strings.CutPrefix(rest, "False"); !ok {
					err = errors.New("fortran_order is neither True nor False")
				}
			}
			h.fortran = is
		case "shape":
			if value, rest, ok = strings.Cut(rest, ")"); !ok || !strings.HasPrefix(value, "(") {
				return h, errors.New("the shape is not a tuple")
			}
			h.shape, err = tuple(value[1:])
		default:
			err = fmt.Errorf("an entry %q", key)
		}
		if err != nil {
			return h, err
		}
	}
}

// quoted reads a Python string without escapes.
func quoted(text string) (s, rest string, err error) {
	if text != "" && (text[0] == '\'' || text[0] == '"') {
		if end := strings.IndexByte(text[1:], text[0]); end >= 0 {
			return text[1 : 1+end], text[2+end:], nil
		}
	}
	return "", "", errors.New("a string is wanted")
}

// tuple reads sizes, each followed by a comma, except perhaps the last. Old versions write 3 as 3L.
func tuple(text string) (sizes []int, err error) {
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSuffix(part, "L"), 10, 31)
		if err != nil {
			return nil, fmt.Errorf("the shape has a size %q", part)
		}
		sizes = append(sizes, int(n))
	}
	return sizes, nil
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

// rowMajor reorders values whose first index runs fastest.
func rowMajor(values []float32, shape []int) []float32 {
	out := make([]float32, len(values))
	stride := make([]int, len(shape))
	step := 1
	for d := len(shape) - 1; d >= 0; d-- {
		stride[d] = step
		step *= shape[d]
	}
	index, at := make([]int, len(shape)), 0
	for _, v := range values {
		out[at] = v
		for d := range index {
			index[d]++
			at += stride[d]
			if index[d] < shape[d] {
				break
			}
			at -= stride[d] * shape[d]
			index[d] = 0
		}
	}
	return out
}
