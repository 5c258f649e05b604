// Sets of images and labels as IDX files hold them, the images in memory as they are in the file.

package data

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// NewImages makes a set of images and their labels, as read from IDX files. A sample has the fields "x" [c,h,w] and
// "label"; labels may be nil, with classes 0, and then there is no field "label". The set reads the images in place,
// without a copy.
//
// Images are [n,h,w], of one channel, or have a fourth dimension for the channels: [n,h,w,c], as picture formats store
// them, or [n,c,h,w], as nets read them. Of the second and the last size, the one that is at most 4 is the number of
// channels; if both are, or neither, the layout is ambiguous, and that is an error. Unsigned bytes become values in
// [0,1]; other elements are unchanged.
//
// Labels are [n], whole numbers below classes, or a table [n,k] whose first column is the class, as in QMNIST.
//
// If images and labels do not fit together, the error is a *FormatError that names the file and the place in it.
func NewImages(images, labels *IDX, classes int) (Set, error) {
	return newImages(images, labels, classes, 0)
}

// newImages is NewImages for labels that count from first in the file.
func newImages(images, labels *IDX, classes, first int) (Set, error) {
	if images == nil {
		return nil, errors.New("images: no file: give one that OpenIDX returned")
	}
	s := &imageSet{}
	if err := s.shape(images); err != nil {
		return nil, err
	}
	shape := []int{s.channels, s.height, s.width}
	if labels == nil {
		s.layout = imageLayout(shape, 0)
		return s, nil
	}
	if classes < 1 || classes > maxClasses {
		return nil, fmt.Errorf("%s: labels of %d classes; between 1 and %d are possible", labels.Name, classes, maxClasses)
	}
	s.layout = imageLayout(shape, classes)
	var err error
	s.labels, err = labels.classes(classes, first)
	if err == nil && len(s.labels) != s.n {
		err = labels.wrong(4, fmt.Sprintf("%d labels for the %d images in %s", len(s.labels), s.n, images.Name))
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// channelsMost is the largest size that is taken for a number of channels.
const channelsMost = 4

type imageSet struct {
	*layout
	element                 element
	raw                     []byte
	n                       int
	channels, height, width int
	bytes                   bool      // elements are unsigned bytes, 255 is 1
	last                    bool      // the channels are the last dimension
	labels                  []float32 // nil without labels
}

// shape takes the images.
func (s *imageSet) shape(x *IDX) (err error) {
	d := x.Dims
	switch len(d) {
	case 3:
		s.channels, s.height, s.width = 1, d[1], d[2]
	case 4:
		switch first, last := d[1] <= channelsMost, d[3] <= channelsMost; {
		case first == last:
			return x.wrong(8, fmt.Sprintf("dimensions %v do not tell where the channels are: [n,h,w,c] and [n,c,h,w] are told apart by c being at most %d and the other size not", d, channelsMost))
		case last:
			s.channels, s.height, s.width, s.last = d[3], d[1], d[2], true
		default:
			s.channels, s.height, s.width = d[1], d[2], d[3]
		}
	default:
		return x.wrong(3, fmt.Sprintf("%d dimensions %v, but images have 3: their number, height and width, or 4 with channels", len(d), d))
	}
	s.n = d[0]
	s.element, s.raw, err = x.elements()
	s.bytes = x.Type.filled() == Uint8
	return err
}

// classes are the labels in a file that count from first, each checked to be below n.
func (x *IDX) classes(n, first int) ([]float32, error) {
	column := 1
	switch len(x.Dims) {
	case 1:
	case 2:
		column = x.Dims[1]
	default:
		return nil, x.wrong(3, fmt.Sprintf("%d dimensions %v, but labels have 1: their number, or 2 if the first column is the class", len(x.Dims), x.Dims))
	}
	e, raw, err := x.elements()
	if err != nil {
		return nil, err
	}
	labels := make([]float32, x.Dims[0])
	for i := range labels {
		at := i * column * e.size
		v := e.at(binary.BigEndian, raw[at:])
		if !(v >= float64(first) && v < float64(first+n)) || v != float64(int(v)) {
			return nil, x.wrong(x.offset(at), fmt.Sprintf("label %g is not a class: they are %d to %d", v, first, first+n-1))
		}
		labels[i] = float32(v) - float32(first)
	}
	return labels, nil
}

func (s *imageSet) Len() int { return s.n }

func (s *imageSet) Read(i int, to [][]float32) error {
	if err := s.check("images", i, s.n, to); err != nil {
		return err
	}
	x := to[0]
	volume := len(x) * s.element.size
	raw := s.raw[i*volume : (i+1)*volume]
	switch {
	case s.last:
		s.channelsFirst(x, raw)
	case s.bytes:
		toFloat(x, raw)
	default:
		s.element.floats(binary.BigEndian, raw, x)
	}
	if s.labels != nil {
		to[1][0] = s.labels[i]
	}
	return nil
}

// channelsFirst decodes an image [h,w,c] as [c,h,w].
func (s *imageSet) channelsFirst(x []float32, raw []byte) {
	pixels := s.height * s.width
	for k := range x {
		c, p := k/pixels, k%pixels
		v := float32(s.element.at(binary.BigEndian, raw[(p*s.channels+c)*s.element.size:]))
		if s.bytes {
			v /= 255
		}
		x[k] = v
	}
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
