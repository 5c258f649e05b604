// Reading MATLAB's mat files of version 5 (save -v6 and -v7), without trusting them.

package data

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/stheno-ml/stheno/internal/regular"
)

// A MAT has the arrays of a mat file.
type MAT struct {
	Name string // where it was read from, for errors
	// Arrays are the arrays of numbers, in the order of the file. The first dimension of each counts the samples, and
	// the others are Shape: an array of 1831 by 21 is 1831 samples of shape [21].
	Arrays []Array

	refused map[string]error // why arrays could not be read
}

// OpenMAT reads the mat file at path. See ReadMAT.
func OpenMAT(path string) (*MAT, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadMAT(f, path)
}

// ReadMAT reads a mat file from r, up to its end; name is used in errors. The file is of version 5, as MATLAB writes it
// with save -v6 or -v7, and as Octave and SciPy write it. Full real arrays of logical values, integers and floats are
// read, and become the nearest float32. Other variables (complex and sparse arrays, cells, structs, text) are left out,
// and Array says why. Files of version 4 and 7.3 are refused. If the file is damaged, or its variables together unpack to
// more than 2^24 bytes plus a hundred times the file's size, the error names the variable and its offset.
//
// The format: MathWorks, "MAT-File Format", chapter 1.
func ReadMAT(r io.Reader, name string) (*MAT, error) {
	if r == nil {
		return nil, fmt.Errorf("%s: %w", name, errNoReader)
	}
	in := &matReader{file: &MAT{Name: name, refused: map[string]error{}}}
	in.come.r = bufio.NewReader(r)
	if err := in.header(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for {
		at := in.come.n
		err := in.variable()
		if err == io.EOF {
			return in.file, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: the variable at byte %d: %w", name, at, err)
		}
	}
}

// Array returns the array of that name. The error lists the arrays, or says why this one could not be read.
func (f *MAT) Array(name string) (Array, error) {
	return arrayNamed(f.Name, f.Arrays, f.refused, name)
}

// Table returns a set of the rows in one array and the labels in another, as the function Table does. Without labels, the
// second name is "".
//
//	file, err := data.OpenMAT("cardio.mat")
//	set, err := file.Table("X", "y") // fields x [21] and label
func (f *MAT) Table(x, label string) (Set, error) { return tableOf(f.Name, f.Array, x, label) }

// matReader is a MAT while it is read.
type matReader struct {
	file     *MAT
	order    binary.ByteOrder
	come     counted // the bytes of the file
	unpacked int64   // bytes that came out of compressed variables
	packed   io.Reader
	buf      bufio.Reader // what packed reads
}

// header reads the first 128 bytes: text, and at their end the version and the byte order.
func (in *matReader) header() error {
	var head [128]byte
	n, err := io.ReadFull(&in.come, head[:])
	if bytes.HasPrefix(head[:n], []byte("MATLAB 7.3")) || bytes.HasPrefix(head[:n], []byte("\x89HDF")) {
		return errors.New("a mat file of version 7.3, which is HDF5: save it in MATLAB with -v7, or read it with h5py and write it with numpy.savez")
	}
	if f, ok := recognise(head[:n]); ok && f.start != "MATLAB 5" {
		return errors.New("not a mat file: " + f.String())
	}
	if err != nil {
		return fmt.Errorf("not a mat file: %d bytes, and its header takes 128", n)
	}
	switch {
	case string(head[126:]) == "IM":
		in.order = binary.LittleEndian
	case string(head[126:]) == "MI":
		in.order = binary.BigEndian
	case bytes.IndexByte(head[:4], 0) >= 0:
		return errors.New("not a mat file of version 5, perhaps one of version 4: load it in MATLAB and save it with -v7")
	default:
		return errors.New("not a mat file of version 5: its header does not end in MI or IM")
	}
	if version := in.order.Uint16(head[124:]); version != 0x0100 {
		return fmt.Errorf("a mat file of version 0x%04x, but 0x0100 is wanted: save it in MATLAB with -v7", version)
	}
	return nil
}

// variable reads a variable; io.EOF means that there are no more.
func (in *matReader) variable() error {
	kind, size, err := in.tag(&in.come)
	if err != nil {
		return err
	}
	body := &io.LimitedReader{R: &in.come, N: size}
	switch kind {
	case matMatrix:
		err = in.matrix(body)
	case matCompressed:
		err = in.compressed(body)
	}
	if err != nil {
		return err
	}
	// What was not read is passed over; text, cells and the like are.
	if _, err := io.Copy(io.Discard, body); err != nil {
		return err
	}
	if body.N > 0 {
		return cut(io.ErrUnexpectedEOF)
	}
	if kind != matCompressed {
		_, err = io.CopyN(io.Discard, &in.come, padding(size))
	}
	return cut(err)
}

// compressed reads a variable that is packed by zlib.
func (in *matReader) compressed(body io.Reader) error {
	if err := in.unpack(body); err != nil {
		return fmt.Errorf("it cannot be unpacked: %w", cut(err))
	}
	unpacked := &unpacker{in.packed, in}
	kind, size, err := in.tag(unpacked)
	if err != nil {
		return fmt.Errorf("it cannot be unpacked: %w", cut(err))
	}
	matrix := &io.LimitedReader{R: unpacked, N: size}
	if kind == matMatrix {
		if err := in.matrix(matrix); err != nil {
			return err
		}
	}
	// Unpacking to the end lets zlib check its sum.
	if _, err := io.Copy(io.Discard, unpacked); err != nil {
		return fmt.Errorf("it cannot be unpacked: %w", cut(err))
	}
	return nil
}

// unpack makes packed a reader of the body. It is the same one for all variables, because it has large tables.
func (in *matReader) unpack(body io.Reader) (err error) {
	in.buf.Reset(body)
	if in.packed == nil {
		in.packed, err = zlib.NewReader(&in.buf)
		return err
	}
	return in.packed.(zlib.Resetter).Reset(&in.buf, nil)
}

// An unpacker stops when more bytes come out than may do, given how much of the file has arrived.
type unpacker struct {
	r  io.Reader
	in *matReader
}

func (u *unpacker) Read(buf []byte) (int, error) {
	n, err := u.r.Read(buf)
	u.in.unpacked += int64(n)
	if u.in.unpacked > unpackFreely+maxRatio*int64(u.in.come.n) {
		return 0, fmt.Errorf("the variables unpack to more than %d times the file's size: if that is right, save them in MATLAB with -v6, which does not compress", maxRatio)
	}
	return n, err
}
