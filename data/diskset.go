// Sets larger than memory: samples that stay in their file.

package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/stheno-ml/stheno/internal/regular"
)

// DiskOptions are the options of OpenDisk and OpenDiskNPY.
type DiskOptions struct {
	// Field is the name of the one field; "": "x".
	Field string
	// Scale multiplies every value; 0: 1. Bytes of images are brought to [0,1] by 1./255.
	Scale float32
	// Copied means that samples are read from the file, and the file is not mapped into memory. That is the case anyway
	// where files cannot be mapped.
	Copied bool

	// Shape is the shape of a sample in a file of numbers only.
	Shape []int
	// Type is the type of the numbers in a file of numbers only; "": NPYFloat32.
	Type NPYType
	// Skip is the number of bytes before the first sample in a file of numbers only.
	Skip int64
}

// A DiskSet is a set whose samples stay in their file. The file is mapped into memory where the system can do that, so
// that it keeps what is read often; otherwise each sample is read from the file. Read may run in several goroutines, and
// none may be running when the set is closed.
type DiskSet struct {
	*layout
	path   string
	n      int
	skip   int64
	kind   element
	order  binary.ByteOrder
	scale  float32
	access sync.RWMutex // held for reading by Read, and for writing by Close
	file   *os.File
	mapped []byte // nil if the file is not mapped
	closed bool
}

// OpenDiskNPY opens the npy file at path as a set of one field; the first dimension of its array counts the samples. All
// types of numbers that OpenNPY reads are possible. The array is stored in row-major order. Close the set after use.
func OpenDiskNPY(path string, opts DiskOptions) (*DiskSet, error) {
	if opts.Shape != nil || opts.Type != "" || opts.Skip != 0 {
		return nil, fmt.Errorf("%s: Shape, Type and Skip are for files of numbers only: an npy file says them itself", path)
	}
	return openDisk(path, opts, func(f *os.File, size int64) (*diskForm, error) {
		h, read, err := readNPYHeader(f)
		if err != nil {
			return nil, err
		}
		if h.Fortran && len(h.Shape) > 1 {
			return nil, errors.New("the array is in column-major order: save numpy.ascontiguousarray of it")
		}
		if len(h.Shape) == 0 {
			return nil, errors.New("the array is a single number: its first dimension must count the samples")
		}
		if size < read {
			return nil, cut(io.ErrUnexpectedEOF)
		}
		return &diskForm{NPYType(h.Descr), h.Shape[1:], read, h.Shape[0]}, nil
	})
}

// OpenDisk opens a file of numbers, without a header, as a set of one field: sample after sample, each in row-major order.
// The size of the file says how many samples there are. Close the set after use.
//
//	set, err := data.OpenDisk("faces.u8", data.DiskOptions{Shape: []int{3, 64, 64}, Type: "|u1", Scale: 1. / 255})
func OpenDisk(path string, opts DiskOptions) (*DiskSet, error) {
	return openDisk(path, opts, func(_ *os.File, size int64) (*diskForm, error) {
		form := &diskForm{opts.Type, opts.Shape, opts.Skip, -1}
		if form.of == "" {
			form.of = NPYFloat32
		}
		if opts.Skip < 0 || opts.Skip > size {
			return nil, fmt.Errorf("%d bytes to skip in a file of %d", opts.Skip, size)
		}
		return form, nil
	})
}

// A diskForm says what is in a file.
type diskForm struct {
	of    NPYType
	shape []int // of a sample
	skip  int64
	n     int // samples; below 0 as many as there are
}

func openDisk(path string, opts DiskOptions, read func(*os.File, int64) (*diskForm, error)) (s *DiskSet, err error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
			err = fmt.Errorf("%s: %w", path, err)
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	form, err := read(f, info.Size())
	if err != nil {
		return nil, err
	}
	s = &DiskSet{path: path, file: f, skip: form.skip, scale: opts.Scale}
	if s.scale == 0 {
		s.scale = 1
	}
	name := opts.Field
	if name == "" {
		name = "x"
	}
	if s.layout, err = newLayout([]Field{{Name: name, Shape: form.shape}}); err != nil {
		return nil, err
	}
	if s.kind, s.order, err = elementOf(string(form.of)); err != nil {
		return nil, err
	}
	if err := s.count(form, info.Size()); err != nil {
		return nil, err
	}
	if !opts.Copied {
		s.mapped = mapFile(f, info.Size()) // nil, and Read reads the file, if it cannot be mapped
	}
	return s, nil
}

// count finds the number of samples, and checks that the file has them.
func (s *DiskSet) count(form *diskForm, size int64) error {
	sample := int64(s.total) * int64(s.kind.size)
	n := (size - form.skip) / sample
	what := fmt.Sprintf("%d samples of shape %v of %s", form.n, form.shape, s.kind.name)
	switch {
	case form.n < 0 && (size-form.skip)%sample != 0:
		return fmt.Errorf("%d bytes are not a whole number of samples of shape %v of %s, which take %d each", size-form.skip, form.shape, s.kind.name, sample)
	case form.n > int(n):
		return fmt.Errorf("the file is cut short: it has %d bytes, and room for %d of %s", size, n, what)
	case form.n >= 0 && size != form.skip+int64(form.n)*sample:
		return fmt.Errorf("more bytes follow the %s", what)
	}
	s.n = int(n)
	return nil
}

// Len is the number of samples.
func (s *DiskSet) Len() int {
	if s == nil {
		return 0
	}
	return s.n
}

// Fields is the one field.
func (s *DiskSet) Fields() []Field {
	if s == nil || s.layout == nil {
		return nil
	}
	return s.layout.Fields()
}

// Read reads sample i. If the file has become shorter since it was opened, that is an error.
func (s *DiskSet) Read(i int, to [][]float32) error {
	if s == nil || s.layout == nil {
		return errors.New("set on disk: no file: make it by OpenDisk or OpenDiskNPY")
	}
	if err := s.check(s.path, i, s.n, to); err != nil {
		return err
	}
	s.access.RLock()
	defer s.access.RUnlock()
	if s.closed {
		return fmt.Errorf("%s: the set is closed", s.path)
	}
	size := int64(s.total) * int64(s.kind.size)
	if err := s.values(s.skip+int64(i)*size, size, to[0]); err != nil {
		return fmt.Errorf("%s: sample %d: %w", s.path, i, err)
	}
	if s.scale != 1 {
		for k := range to[0] {
			to[0][k] *= s.scale
		}
	}
	return nil
}

// values reads the numbers in size bytes at an offset.
func (s *DiskSet) values(at, size int64, x []float32) error {
	if s.mapped != nil {
		return faultless(func() { s.kind.floats(s.order, s.mapped[at:at+size], x) })
	}
	raw := make([]byte, size)
	if _, err := s.file.ReadAt(raw, at); err != nil {
		return cut(err)
	}
	s.kind.floats(s.order, raw, x)
	return nil
}

// Close closes the file. Closing again does nothing.
func (s *DiskSet) Close() error {
	if s == nil {
		return nil
	}
	s.access.Lock()
	defer s.access.Unlock()
	if s.closed || s.file == nil {
		return nil
	}
	s.closed = true
	return errors.Join(unmapFile(s.mapped), s.file.Close())
}
