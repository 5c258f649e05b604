package compress

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"math"
	"slices"
)

// A file is, with numbers as unsigned varints where no size is given,
//
//	magic     8 bytes
//	version   1 byte
//	kind      1 byte: bits-back, or quantised codes
//	hash      32 bytes of the model
//	rank      of a sample, then its extents
//	count     of samples
//	...       what the kind has: its settings, the words of each stream
//	streams   a state of 8 bytes and its words of 4 bytes each, little-endian
//	checksum  8 bytes: the CRC-64 of all before it, by ECMA's polynomial, little-endian
const (
	magic   = "\x93STHENO\n"
	version = 1

	kindBitsBack = 1
	kindCodes    = 2

	maxRank = 8
)

// The limits of Options.MaxBytes and MaxValues by default.
const (
	defaultMaxBytes  = 1 << 30
	defaultMaxValues = 1 << 27
)

// header is what files of all kinds begin with.
type header struct {
	kind  byte
	hash  Hash
	shape []int
	count int
}

func (h header) append(to []byte) []byte {
	to = append(append(to, magic...), version, h.kind)
	to = append(to, h.hash[:]...)
	to = binary.AppendUvarint(to, uint64(len(h.shape)))
	for _, n := range h.shape {
		to = binary.AppendUvarint(to, uint64(n))
	}
	return binary.AppendUvarint(to, uint64(h.count))
}

// seal appends the checksum.
func seal(file []byte) []byte { return binary.LittleEndian.AppendUint64(file, checksum(file)) }

func checksum(file []byte) uint64 { return crc64.Checksum(file, crc64.MakeTable(crc64.ECMA)) }

// reader reads the numbers of a file. After the first error it returns zeros.
type reader struct {
	rest []byte
	size int // of the file
	err  error
}

// open reads a file up to what its kind has. It trusts no number in it.
func open(from io.Reader, kind byte, o Options) (*reader, header, error) {
	var h header
	if from == nil {
		return nil, h, errNoReader
	}
	file, err := io.ReadAll(io.LimitReader(from, int64(o.MaxBytes)+1))
	switch {
	case err != nil:
		return nil, h, err
	case len(file) > o.MaxBytes:
		return nil, h, fmt.Errorf("the file has more than %d bytes: raise Options.MaxBytes if it is to be trusted", o.MaxBytes)
	}
	if err := checkStart(file); err != nil {
		return nil, h, err
	}
	end := len(file) - 8
	if sum := binary.LittleEndian.Uint64(file[end:]); sum != checksum(file[:end]) {
		return nil, h, errors.New("the checksum is wrong: the file is truncated or damaged")
	}
	r := &reader{rest: file[len(magic)+1 : end], size: len(file)}
	if h = r.header(o); r.err != nil {
		return nil, h, r.err
	}
	switch {
	case h.kind == kind:
		return r, h, nil
	case h.kind == kindBitsBack:
		return nil, h, errors.New("the file has samples without loss: read it with Decode")
	}
	return nil, h, errors.New("the file has quantised codes: read it with DecodeCodes or DecodeLossy")
}

// checkStart checks what a file begins with.
func checkStart(file []byte) error {
	switch {
	case len(file) < len(magic) || string(file[:len(magic)]) != magic:
		return errors.New("it is not a compressed file of this library: it begins with other bytes")
	case len(file) < len(magic)+2+8:
		return errShort
	}
	if v := file[len(magic)]; v != version {
		return fmt.Errorf("the file has version %d of the format, and this program reads version %d: take a newer program", v, version)
	}
	return nil
}

// header reads what follows the version.
func (r *reader) header(o Options) (h header) {
	if h.kind = r.bytes(1)[0]; h.kind != kindBitsBack && h.kind != kindCodes {
		r.fail(fmt.Errorf("the file is of the unknown kind %d", h.kind))
	}
	h.hash = Hash(r.bytes(len(h.hash)))
	values := 1
	for range r.number("rank", 0, maxRank) {
		n := r.number("extent of a sample", 1, o.MaxValues)
		h.shape = append(h.shape, n)
		if r.err != nil {
			return h
		}
		if values > o.MaxValues/n {
			r.fail(fmt.Errorf("a sample of shape %v has more than %d values: raise Options.MaxValues if the file is to be trusted", h.shape, o.MaxValues))
			return h
		}
		values *= n
	}
	if h.count = r.number("number of samples", 0, math.MaxInt32); r.err == nil && h.count > o.MaxValues/values {
		r.fail(fmt.Errorf("%d samples of shape %v have more than %d values: raise Options.MaxValues if the file is to be trusted", h.count, h.shape, o.MaxValues))
	}
	return h
}

var (
	errShort    = errors.New("the file ends within its header")
	errNoReader = errors.New("there is nothing to read from")
)

// bytes reads n bytes.
func (r *reader) bytes(n int) []byte {
	if len(r.rest) < n {
		r.fail(errShort)
	}
	if r.err != nil {
		return make([]byte, n)
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

// number reads a number from lo to hi.
func (r *reader) number(what string, lo, hi int) int {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail(errShort)
	}
	if r.err != nil {
		return 0
	}
	r.rest = r.rest[n:]
	if v < uint64(max(lo, 0)) || v > uint64(hi) {
		r.fail(fmt.Errorf("the %s is %d, want from %d to %d: the file is damaged", what, v, lo, hi))
		return 0
	}
	return int(v)
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// stream is a stack of symbols in a file.
type stream struct {
	state uint64
	words []uint32
}

// appendLengths appends the numbers of words of streams.
func appendLengths(to []byte, streams []stream) []byte {
	for _, s := range streams {
		to = binary.AppendUvarint(to, uint64(len(s.words)))
	}
	return to
}

// appendStreams appends states and words.
func appendStreams(to []byte, streams []stream) []byte {
	for _, s := range streams {
		to = binary.LittleEndian.AppendUint64(to, s.state)
		for _, w := range s.words {
			to = binary.LittleEndian.AppendUint32(to, w)
		}
	}
	return to
}

// streams reads the lengths of n streams, then the streams, which are the rest of the
// file.
func (r *reader) streams(n int) []stream {
	if n > len(r.rest) {
		r.fail(errShort)
	}
	if r.err != nil {
		return nil
	}
	lengths := make([]int, n)
	size := 0
	for i := range lengths {
		lengths[i] = r.number("length of a stream", 0, len(r.rest)/4)
		size += 8 + 4*lengths[i]
	}
	if r.err == nil && size != len(r.rest) {
		r.fail(fmt.Errorf("%d streams have %d bytes, and the file has %d of them: the file is damaged", n, size, len(r.rest)))
	}
	var list []stream
	for _, words := range lengths {
		if r.err != nil {
			return nil
		}
		s := stream{binary.LittleEndian.Uint64(r.bytes(8)), make([]uint32, words)}
		raw := r.bytes(4 * words)
		for i := range s.words {
			s.words[i] = binary.LittleEndian.Uint32(raw[4*i:])
		}
		if s.state < 1<<32 {
			r.fail(errors.New("the state of a stream is below 2^32: the file is damaged"))
		}
		list = append(list, s)
	}
	return list
}

// check returns an error if the file was coded by another model.
func (h header) check(hash Hash, shape []int) error {
	if h.hash != hash {
		return fmt.Errorf("the file was coded by another model: its hash is %v, this one's is %v: decode with the model that coded it", h.hash, hash)
	}
	if !slices.Equal(h.shape, shape) {
		return fmt.Errorf("the file has samples of shape %v, and the model codes %v", h.shape, shape)
	}
	return nil
}
