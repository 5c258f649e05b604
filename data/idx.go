// Reading IDX, the format of MNIST's files, without trusting them.

package data

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/stheno-ml/stheno/internal/regular"
)

// An IDX is the content of one IDX file.
type IDX struct {
	Name string  // where it was read from, for errors
	Type IDXType // of the elements
	Dims []int   // the sizes, at least one, each at least 1: [n 28 28] for images, [n] for labels
	Data []byte  // the elements in row-major order, big-endian, as many as the product of Dims

	packed bool // the file was gzip
}

// MaxIDX is the largest number of bytes that the elements of one file may take for ReadIDX to accept it.
const MaxIDX = 1 << 30

// A gzip may unpack to unpackFreely bytes whatever its size, and beyond that to maxRatio times its own bytes. Scanned
// images compress to a fifth; a file that compresses a thousandfold is an attack, not data.
const (
	unpackFreely = 1 << 24
	maxRatio     = 100
)

// A FormatError says what is wrong with a data file, and where.
type FormatError struct {
	File   string
	Offset int64  // in bytes from the start, of the unpacked data if Packed
	Packed bool   // the file is gzip
	Reason string // what is wrong there
	Err    error  // the error of the reader or the unpacker, or nil
}

func (e *FormatError) Error() string {
	where := "byte"
	if e.Packed {
		where = "unpacked byte"
	}
	text := fmt.Sprintf("%s: at %s %d: %s", e.File, where, e.Offset, e.Reason)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err.
func (e *FormatError) Unwrap() error { return e.Err }

// OpenIDX reads the IDX file at path. See ReadIDX.
func OpenIDX(path string) (*IDX, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadIDX(f, path)
}

// ReadIDX reads an IDX file from r, up to its end; name is used in errors. It may be packed by gzip,
// whatever its name.
//
// The format: two zero bytes, the element type (an IDXType), the number of dimensions, a big-endian uint32 for each, then
// the elements in row-major order, big-endian. Anything else, or a file that is truncated, longer than its dimensions
// say, or damaged, gives a *FormatError; it names well-known mistakes, such as an HTML page, a Git LFS pointer or a
// gzip within a gzip. Whatever the dimensions say, memory grows only with the bytes that have arrived. No more of a
// gzip is unpacked than its dimensions say, nor more than 2^24 bytes plus a hundred times the bytes of the gzip.
func ReadIDX(r io.Reader, name string) (*IDX, error) {
	in := &idxReader{IDX: IDX{Name: name}}
	if r == nil {
		return nil, in.fail("no reader: give the file, or use OpenIDX", nil)
	}
	in.come.r = r
	plain := bufio.NewReaderSize(&in.come, 1<<16)
	in.r = plain
	if magic, _ := plain.Peek(2); len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		in.packed = true
		unpacked, err := gzip.NewReader(plain)
		if err != nil {
			return nil, in.fail("the gzip header is damaged or cut short", err)
		}
		in.r = bufio.NewReader(unpacked)
	}
	count, err := in.header()
	if err != nil {
		return nil, err
	}
	if err := in.elements(count); err != nil {
		return nil, err
	}
	return &in.IDX, nil
}

// idxReader is an IDX while it is read.
type idxReader struct {
	IDX
	r    *bufio.Reader
	at   int64   // offset of the next byte, unpacked
	come counted // the bytes of the file
}

// counted is a reader that counts its bytes.
type counted struct {
	r io.Reader
	n int
}

func (c *counted) Read(buf []byte) (int, error) {
	n, err := c.r.Read(buf)
	c.n += n
	return n, err
}

// room is how many bytes of elements may be allocated, given how much of the file has arrived.
func (in *idxReader) room() int {
	if !in.packed {
		return MaxIDX
	}
	return min(MaxIDX, unpackFreely+maxRatio*in.come.n)
}

func (in *idxReader) fail(reason string, err error) error {
	return &FormatError{File: in.Name, Offset: in.at, Packed: in.packed, Reason: reason, Err: err}
}

// read fills buf; what names it in the error if the file ends or fails before that.
func (in *idxReader) read(buf []byte, what string) error {
	n, err := io.ReadFull(in.r, buf)
	in.at += int64(n)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return in.fail("the file is cut short, within its "+what, nil)
	default:
		return in.fail("cannot read the "+what, err)
	}
}

// header reads the magic number and the dimensions, and returns the number of elements.
func (in *idxReader) header() (count int, err error) {
	head, _ := in.r.Peek(sniffed) // on an error, the next read says more
	var word [4]byte
	if err := in.read(word[:], "magic number"); err != nil {
		return 0, err
	}
	in.at = 0 // errors in the magic number are at offset 0
	magic := binary.BigEndian.Uint32(word[:])
	in.Type = IDXType(word[2])
	element, known := in.Type.element()
	switch {
	case magic>>16 != 0 && in.packed && string(head[:2]) == gzipMagic:
		return 0, in.fail("not an IDX file: it is a gzip within a gzip: unpack it once, with gunzip", nil)
	case magic>>16 != 0:
		if f, ok := recognise(head); ok {
			return 0, in.fail("not an IDX file: "+f.String(), nil)
		}
		return 0, in.fail(fmt.Sprintf("not an IDX file: its magic number is 0x%08x, not 0x0000ttdd", magic), nil)
	case !known:
		return 0, in.fail(fmt.Sprintf("elements of type 0x%02x; the types are 0x08 uint8, 0x09 int8, 0x0b int16, 0x0c int32, 0x0d float32 and 0x0e float64", word[2]), nil)
	case word[3] == 0:
		return 0, in.fail("no dimensions", nil)
	}
	in.at = 4

	in.Dims = make([]int, word[3])
	count = 1
	most := MaxIDX / element.size
	for i := range in.Dims {
		if err := in.read(word[:], "dimensions"); err != nil {
			return 0, err
		}
		n := binary.BigEndian.Uint32(word[:])
		if n == 0 || uint64(n) > uint64(most/count) {
			in.at -= 4
			if n == 0 {
				return 0, in.fail(fmt.Sprintf("dimension %d is 0", i), nil)
			}
			return 0, in.fail(fmt.Sprintf("dimension %d is %d, which makes more than %d elements", i, n, most), nil)
		}
		in.Dims[i] = int(n)
		count *= int(n)
	}
	return count, nil
}

// elements reads count elements and checks that nothing follows. The buffer grows with the bytes that have arrived.
func (in *idxReader) elements(count int) error {
	element, _ := in.Type.element()
	bytes := count * element.size
	buf := make([]byte, min(bytes, 1<<20))
	done := 0
	for {
		if err := in.read(buf[done:], fmt.Sprintf("%d elements of dimensions %v", count, in.Dims)); err != nil {
			return err
		}
		done = len(buf)
		if done == bytes {
			break
		}
		more := min(bytes, 2*done, in.room())
		if more <= done {
			return in.fail(fmt.Sprintf("the gzip unpacks to more than %d times its size: if that is right, unpack the file first", maxRatio), nil)
		}
		grown := make([]byte, more)
		copy(grown, buf)
		buf = grown
	}
	in.Data = buf

	// Reading to the end also lets gzip check its sum.
	var extra [1]byte
	switch n, err := io.ReadFull(in.r, extra[:]); {
	case n > 0:
		return in.fail(fmt.Sprintf("the file goes on after the %d elements that its dimensions %v promise", count, in.Dims), nil)
	case err != io.EOF:
		return in.fail("the end of the file is damaged", err)
	}
	return nil
}
