package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// convWindows describes where the windows of a convolution lie, for products that
// read images in place instead of unfolding them (im2col). Images are processed one
// unit at a time: a few images, or some rows of windows of one image. Units depend on
// shapes only.
//
// If windows reach into the padding, each unit is copied with zeros around it.
type convWindows struct {
	stride, pad [2]int
	n, c, h, w  int // images, of one group of channels
	channels    int // of images, in all groups
	taps        int // weights per channel
	oh, ow      int // windows
	images      int // per unit; 1 if an image has several units
	rows, bands int // rows of windows per unit, units per image
	copied      bool
	ph, pw      int            // extents of one channel of a unit, as it is read
	steps       kernel.Offsets // offsets of the weights [C, KH, KW]
	all, last   kernel.Offsets // offsets of the windows of a full unit, and of the last unit
}

const (
	// unitWindows is the approximate number of windows in a unit: enough to use the
	// weights of some channels often while they are in the first-level cache.
	unitWindows = 224
	// unitParts is the least number of parts of a convolution, if there is enough
	// work.
	unitParts = 16
)

// newConvWindows describes images x [N, C, H, W] under kernels of size [KH, KW] that
// give images of the extents out. If flipped, it describes the data gradient: x are
// the gradients of the result, out is the extents of the images, and the weights are
// read in reverse. The stride must then be 1. With groups of channels it describes the
// windows of one of them.
func newConvWindows(g lower.Geometry, x lower.Shape, size, out [2]int, flipped bool) (*convWindows, error) {
	s := &convWindows{
		stride: g.Stride, pad: [2]int{g.Pad.Top, g.Pad.Left},
		n: x[0], c: x[1] / g.ChannelGroups(), channels: x[1], h: x[2], w: x[3], taps: size[0] * size[1], oh: out[0], ow: out[1],
	}
	reach := [2]int{(size[0] - 1) * g.Dilation[0], (size[1] - 1) * g.Dilation[1]}
	if flipped {
		s.pad = [2]int{reach[0] - s.pad[0], reach[1] - s.pad[1]}
	}
	count := s.oh * s.ow
	s.images, s.rows, s.bands = max(1, min(s.n, unitWindows/count)), s.oh, 1
	if count > unitWindows {
		s.bands = (s.oh + max(1, unitWindows/s.ow) - 1) / max(1, unitWindows/s.ow)
		s.rows = (s.oh + s.bands - 1) / s.bands
		s.bands = (s.oh + s.rows - 1) / s.rows
	}
	s.ph, s.pw = s.h, s.w
	bottom, right := (s.oh-1)*s.stride[0]+reach[0]-s.pad[0], (s.ow-1)*s.stride[1]+reach[1]-s.pad[1]
	if s.copied = min(s.pad[0], s.pad[1]) != 0 || max(s.pad[0], s.pad[1]) != 0 || bottom >= s.h || right >= s.w; s.copied {
		s.ph, s.pw = (s.rows-1)*s.stride[0]+reach[0]+1, (s.ow-1)*s.stride[1]+reach[1]+1
	}
	return s, s.find(size, g.Dilation, flipped)
}

// find computes the offsets of weights and windows.
func (s *convWindows) find(size, dilation [2]int, flipped bool) (err error) {
	at := make([]int32, 0, s.c*s.taps)
	for c := range s.c {
		for i := range size[0] {
			for j := range size[1] {
				y, x := i*dilation[0], j*dilation[1]
				if flipped {
					y, x = (size[0]-1)*dilation[0]-y, (size[1]-1)*dilation[1]-x
				}
				at = append(at, int32((c*s.ph+y)*s.pw+x))
			}
		}
	}
	if s.steps, err = kernel.NewOffsets(at); err != nil {
		return err
	}
	image := s.channels * s.ph * s.pw
	if s.copied {
		image = s.c * s.ph * s.pw
	}
	at = make([]int32, 0, s.images*s.rows*s.ow)
	for n := range s.images {
		for r := range s.rows {
			for q := range s.ow {
				at = append(at, int32(n*image+r*s.stride[0]*s.pw+q*s.stride[1]))
			}
		}
	}
	if s.all, err = kernel.NewOffsets(at); err != nil {
		return err
	}
	s.last, err = kernel.NewOffsets(at[:s.unit(s.units()-1).windows()])
	return err
}

// convUnit is the window rows r0 to r1-1, of ow windows each, of images n0 to n1-1.
type convUnit struct{ n0, n1, r0, r1, ow int }

// windows is the number of windows in the unit, and ofImage the number in each image.
func (u convUnit) windows() int { return (u.n1 - u.n0) * u.ofImage() }
func (u convUnit) ofImage() int { return (u.r1 - u.r0) * u.ow }

func (s *convWindows) units() int { return (s.n + s.images - 1) / s.images * s.bands }

func (s *convWindows) unit(i int) convUnit {
	n, r := i/s.bands*s.images, i%s.bands*s.rows
	return convUnit{n, min(n+s.images, s.n), r, min(r+s.rows, s.oh), s.ow}
}

// offsets returns the offsets of a unit's windows.
func (s *convWindows) offsets(u convUnit) kernel.Offsets {
	if u.windows() == s.all.Len() {
		return s.all
	}
	return s.last
}

// scratchSize is the number of elements in the copy of a unit, 0 if units are read in
// place.
func (s *convWindows) scratchSize() int {
	if !s.copied {
		return 0
	}
	return s.images * s.c * s.ph * s.pw
}

// unitOf returns channels c0 to c1-1, all of one group, of a unit of images x. They are
// read at the offsets of the group's first channels, and copied to memory if needed.
func unitOf[T lower.Float](s *convWindows, u convUnit, x []T, c0, c1 int, memory []T) []T {
	plane, size := s.h*s.w, s.ph*s.pw
	if !s.copied {
		return x[(u.n0*s.channels+c0)*plane+u.r0*s.stride[0]*s.w:]
	}
	for n := u.n0; n < u.n1; n++ {
		to := (n - u.n0) * s.c * size
		for c := c0; c < c1; c++ {
			paste(s, memory[to:to+size], x[(n*s.channels+c)*plane:][:plane], u.r0*s.stride[0]-s.pad[0])
			to += size
		}
	}
	return memory
}

// paste copies one channel of an image, from row top on, with zeros outside the
// image.
func paste[T lower.Float](s *convWindows, dst, img []T, top int) {
	left := min(max(s.pad[1], 0), s.pw)
	right := max(left, min(s.pw, s.w+s.pad[1]))
	for r := range s.ph {
		row := dst[r*s.pw:][:s.pw]
		if y := r + top; y < 0 || y >= s.h || left == right {
			clear(row)
			continue
		}
		copy(row[left:right], img[(r+top)*s.w+left-s.pad[1]:])
		for x := range left { // margins are narrow: a loop is faster than clear
			row[x] = 0
		}
		for x := right; x < s.pw; x++ {
			row[x] = 0
		}
	}
}
