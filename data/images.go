// Sets of grey images, a byte a pixel in memory.

package data

import (
	"errors"
	"fmt"
)

// NewImages makes a set of images [n,h,w] and their labels [n], each below classes, as read from IDX files. A sample
// has the fields "x" [1,h,w] with values in [0,1] and "label"; labels may be nil, with classes 0, and there is no such
// field then. The set reads the files' data where it is.
//
// What does not fit together is a *FormatError that names the file and the place in it.
func NewImages(images, labels *IDX, classes int) (Set, error) {
	if images == nil {
		return nil, errors.New("images: no file: give one that OpenIDX returned")
	}
	if len(images.Dims) != 3 {
		return nil, images.wrong(3, fmt.Sprintf("%d dimensions %v, but images have 3: their number, height and width",
			len(images.Dims), images.Dims))
	}
	pix, err := images.elements()
	if err != nil {
		return nil, err
	}
	shape := []int{1, images.Dims[1], images.Dims[2]}
	s := &imageSet{layout: imageLayout(shape, 0), pix: pix, n: images.Dims[0]}
	if labels == nil {
		return s, nil
	}
	s.layout = imageLayout(shape, classes)
	if classes < 1 || classes > 256 {
		return nil, fmt.Errorf("%s: labels of %d classes; between 1 and 256 are possible", labels.Name, classes)
	}
	if len(labels.Dims) != 1 {
		return nil, labels.wrong(3, fmt.Sprintf("%d dimensions %v, but labels have 1: their number",
			len(labels.Dims), labels.Dims))
	}
	if labels.Dims[0] != s.n {
		return nil, labels.wrong(4, fmt.Sprintf("%d labels for the %d images in %s", labels.Dims[0], s.n, images.Name))
	}
	if s.labels, err = labels.elements(); err != nil {
		return nil, err
	}
	for i, label := range s.labels {
		if int(label) >= classes {
			return nil, labels.wrong(8+int64(i), fmt.Sprintf("label %d is not below %d", label, classes))
		}
	}
	return s, nil
}

// elements are as many as the dimensions say, or an error.
func (x *IDX) elements() ([]byte, error) {
	n, err := volumeOf(x.Dims)
	if err != nil {
		return nil, x.wrong(4, err.Error())
	}
	if len(x.Data) < n {
		return nil, x.wrong(4+4*int64(len(x.Dims)), fmt.Sprintf("%d elements, but the dimensions %v promise %d", len(x.Data), x.Dims, n))
	}
	return x.Data[:n], nil
}

func (x *IDX) wrong(offset int64, reason string) error {
	return &FormatError{File: x.Name, Offset: offset, Packed: x.packed, Reason: reason}
}

type imageSet struct {
	*layout
	pix    []uint8
	labels []uint8 // nil without labels
	n      int
}

func (s *imageSet) Len() int { return s.n }

func (s *imageSet) Read(i int, to [][]float32) error {
	if err := s.check("images", i, s.n, to); err != nil {
		return err
	}
	volume := s.sizes[0]
	toFloat(to[0], s.pix[i*volume:(i+1)*volume])
	if s.labels != nil {
		to[1][0] = float32(s.labels[i])
	}
	return nil
}

// imageLayout is the fields of images: "x" and, if there are classes, "label".
func imageLayout(shape []int, classes int) *layout {
	size := Field{Shape: shape}.Size()
	l := &layout{fields: []Field{{Name: "x", Shape: shape}}, sizes: []int{size}, total: size}
	if classes > 0 {
		l.fields = append(l.fields, Field{Name: "label", Classes: classes})
		l.sizes = append(l.sizes, 1)
		l.total++
	}
	return l
}
