// Package npy reads and writes npy arrays, NumPy's, without trusting them.
//
// The format: the magic string, two bytes of version, the length of the header (2 bytes
// little-endian in version 1, else 4), the header as a Python literal, and the elements.
package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Magic starts an npy array.
const Magic = "\x93NUMPY"

// A Header is the header of an array: all before its elements.
type Header struct {
	Descr   string
	Fortran bool // the first index runs fastest
	Shape   []int
}

// ErrNotNumbers is the error of an array of anything else, such as strings.
var ErrNotNumbers = errors.New("only booleans, integers and floats of 16, 32 or 64 bits can be read")

// Foreign is the error of a file that is not an npy array.
type Foreign struct {
	Start []byte // its first bytes
}

func (f *Foreign) Error() string { return "not an npy array" }

// Count is the number of values; more than maxVolume are an error.
func (h Header) Count(maxVolume int) (int, error) {
	const most = 64 // dimensions; NumPy has no more
	if len(h.Shape) > most {
		return 0, fmt.Errorf("a shape of %d dimensions; at most %d can be read", len(h.Shape), most)
	}
	count := 1
	for _, n := range h.Shape {
		if n > 0 && count > maxVolume/n {
			return 0, fmt.Errorf("shape %v has more than %d values", h.Shape, maxVolume)
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

// ReadHeader reads everything before the elements; read is the number of bytes.
func ReadHeader(r io.Reader) (h Header, read int64, err error) {
	var start [12]byte
	if _, err := io.ReadFull(r, start[:10]); err != nil {
		return h, 0, cut(err)
	}
	if string(start[:6]) != Magic {
		return h, 0, &Foreign{start[:10]}
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
	if h, err = parseHeader(string(text)); err != nil {
		return h, 0, fmt.Errorf("the header %.200q: %w", strings.TrimSpace(string(text)), err)
	}
	return h, read + length, nil
}

// parseHeader reads a literal such as {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }.
func parseHeader(text string) (h Header, err error) {
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
				return h, fmt.Errorf("records of several fields: %w", ErrNotNumbers)
			}
			h.Descr, rest, err = quoted(rest)
		case "fortran_order":
			var is bool
			if rest, is = strings.CutPrefix(rest, "True"); !is {
				if rest, ok = strings.CutPrefix(rest, "False"); !ok {
					err = errors.New("fortran_order is neither True nor False")
				}
			}
			h.Fortran = is
		case "shape":
			if value, rest, ok = strings.Cut(rest, ")"); !ok || !strings.HasPrefix(value, "(") {
				return h, errors.New("the shape is not a tuple")
			}
			h.Shape, err = tuple(value[1:])
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

// Start returns everything before the values. The values begin at a multiple of 64 bytes, as NumPy wants
// it.
func (h Header) Start() []byte {
	var sizes strings.Builder
	for _, n := range h.Shape {
		sizes.WriteString(strconv.Itoa(n) + ", ")
	}
	tuple := "(" + strings.TrimSuffix(sizes.String(), " ") + ")"
	if len(h.Shape) > 1 {
		tuple = "(" + strings.TrimSuffix(sizes.String(), ", ") + ")"
	}
	order := "False"
	if h.Fortran {
		order = "True"
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", h.Descr, order, tuple)
	const fixed = 10 // bytes of the magic string, the version and the length
	text += strings.Repeat(" ", 63-(fixed+len(text))%64) + "\n"
	start := append([]byte(Magic+"\x01\x00"), 0, 0)
	binary.LittleEndian.PutUint16(start[8:], uint16(len(text)))
	return append(start, text...)
}
