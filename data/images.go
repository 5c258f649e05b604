// Sets of grey images, a byte a pixel in memory.

package data

import (
	"errors"
	"fmt"
)

// NewImages makes a set of images [n,h,w] and their labels [n], each below classes, as read from IDX files. labels may
// be nil, with classes 0. One sample is [1,h,w] with values in [0,1]. The set reads the files' data where it is.
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
	s := &imageSet{
		pix:   pix,
		shape: [3]int{1, images.Dims[1], images.Dims[2]},
		n:     images.Dims[0],
	}
	if labels == nil {
		return s, nil
	}
	s.classes = classes
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
	pix     []uint8
	labels  []uint8 // nil without labels
	shape   [3]int
	n       int
	classes int
}

func (s *imageSet) Len() int     { return s.n }
func (s *imageSet) Shape() []int { return []int{s.shape[0], s.shape[1], s.shape[2]} }
func (s *imageSet) Classes() int { return s.classes }

func (s *imageSet) Read(i int, x []float32) (label int, err error) {
	volume := s.shape[1] * s.shape[2]
	if uint(i) >= uint(s.n) || len(x) != volume {
		return -1, checkRead("images", s, i, x)
	}
	toFloat(x, s.pix[i*volume:(i+1)*volume])
	if s.labels == nil {
		return -1, nil
	}
	return int(s.labels[i]), nil
}
