// The plain Go twins of the convolution kernels, and their arguments.

package kernel

import "unsafe"

// convTile is the argument of a convolution kernel: a row of tiles. A tile has some
// pixels of all images of a group, and all given groups of output channels. The
// assembly reads the fields by position. Steps are in floats.
type convTile struct {
	x          []float32 // begins with the first pixel read, channel 0
	w          []float32 // [group][segment][channel][tap][output]
	y          []float32 // begins with the first pixel written, first output
	bias       []float32 // of each output; empty for no bias
	segs       []int     // by segment: offset in x of the pixel that its first tap reads for the first result
	c          int       // channels of x to sum over, at least 1
	xStep      int       // from the pixel read for a result to that of the next one, and from tap to tap of a segment
	yStep      int       // from a pixel of y to the next
	tiles      int       // tiles of the row; the assembly counts them down
	groups     int       // groups of output channels
	add        int       // 1: add to y, without bias
	relu       int       // 1: negative results become 0, NaN stays NaN
	left       int       // groups not computed yet; used by the assembly
	reluOutput []float32 // has the layout of y; results become 0 where it is not above 0; empty for none
	reluOffset int       // bytes from y to reluOutput, 0 for none; used by the assembly
	last       bool      // the sums are complete after this call
}

// gateBy sets reluOutput to x; y has to be set before.
func (a *convTile) gateBy(x []float32) {
	a.reluOutput = x
	a.reluOffset = int(uintptr(unsafe.Pointer(&x[0])) - uintptr(unsafe.Pointer(&a.y[0])))
}

// pointer is how the assembly, whose generator knows no types of this package,
// takes its argument.
func (a *convTile) pointer() *uint64 { return (*uint64)(unsafe.Pointer(a)) }

// convTileGeneric computes, for each tile, pixel p of the tile, group and output
// o of the group, in all lanes,
//
//	y[p,o] = relu(start + sum over segments s, channels c, taps t of w[s,c,t,o] * x[segs[s] + (p+t)*xStep + c*Group])
//
// in this order. Start is y[p,o], the bias or 0. Then y becomes 0 where reluOutput is
// not above 0.
func convTileGeneric(a *convTile, taps, pixels, outs int) {
	for tile := range a.tiles {
		for p := range pixels {
			pixel := tile*pixels + p
			for o := range a.groups * outs {
				y := (*[Group]float32)(a.y[pixel*a.yStep+o*Group:])
				var acc [Group]float32
				switch {
				case a.add != 0:
					acc = *y
				case len(a.bias) > 0:
					for l := range acc {
						acc[l] = a.bias[o]
					}
				}
				for s, seg := range a.segs {
					for c := range a.c {
						for t := range taps {
							k := a.w[(((o/outs*len(a.segs)+s)*a.c+c)*taps+t)*outs+o%outs]
							x := (*[Group]float32)(a.x[seg+(pixel+t)*a.xStep+c*Group:])
							for l, v := range x {
								acc[l] += k * v
							}
						}
					}
				}
				if a.relu != 0 {
					for l, v := range acc {
						if v < 0 {
							acc[l] = 0
						}
					}
				}
				if len(a.reluOutput) > 0 {
					reluGradGeneric(acc[:], acc[:], a.reluOutput[pixel*a.yStep+o*Group:][:Group])
				}
				*y = acc
			}
		}
	}
}

// convFilterTile is the argument of a filter gradient kernel: a rectangle of pixels
// of all images of a group. The assembly reads the fields by position. Steps are in
// floats.
type convFilterTile struct {
	acc          []float32 // [output][input][tap][lane], added to
	x            []float32 // begins with the pixel that the first tap reads for the first pixel of dy, first input
	dy           []float32 // begins with the first pixel, first output
	rows, cols   int       // of the rectangle; cols at least 1
	xRow, xCol   int       // in x, for the next row and the next column of dy
	xTap         int       // in x, from tap to tap
	dyRow, dyCol int       // from a row of dy to the next, and from a column to the next
	fresh        int       // 1: acc is overwritten, not added to
	xTapRow      int       // in x, from a row of taps to the next; only runConvFilterSquare reads it
}

func (a *convFilterTile) pointer() *uint64 { return (*uint64)(unsafe.Pointer(a)) }

// convFilterGeneric computes, for each tap t, input c and output o, in each of the
// lanes l of a vector of the instruction set,
//
//	acc[o,c,t,l] += sum over the pixels (i,j) and the halves h of a group of dy[i,j,o,h+l] * x[i,j,t,c,h+l]
func convFilterGeneric(a *convFilterTile, taps, ins, outs, lanes int) {
	if a.fresh != 0 {
		clear(a.acc[:taps*ins*outs*lanes])
	}
	for i := range a.rows {
		for j := range a.cols {
			for o := range outs {
				dy := a.dy[i*a.dyRow+j*a.dyCol+o*Group:][:Group]
				for c := range ins {
					for t := range taps {
						x := a.x[i*a.xRow+j*a.xCol+t*a.xTap+c*Group:][:Group]
						acc := a.acc[((o*ins+c)*taps+t)*lanes:][:lanes]
						for h := 0; h < Group; h += lanes {
							for l := range acc {
								acc[l] += dy[h+l] * x[h+l]
							}
						}
					}
				}
			}
		}
	}
}

// convFilterSquareGeneric is convFilterGeneric for one input, one output and three rows
// of three taps each.
func convFilterSquareGeneric(a *convFilterTile, lanes int) {
	for i := range 3 {
		row := *a
		row.acc, row.x = a.acc[i*3*lanes:], a.x[i*a.xTapRow:]
		convFilterGeneric(&row, 3, 1, 1, lanes)
	}
}

// laneSumsGeneric adds the sum of src[i*lanes:][:lanes] to dst[i]. It adds the upper
// half of the lanes to the lower half until one is left. Lanes is a power of two, at
// most 16.
func laneSumsGeneric(dst, src []float32, lanes int) {
	for i := range dst {
		var s [Group]float32
		copy(s[:lanes], src[i*lanes:])
		for h := lanes / 2; h > 0; h /= 2 {
			for l := range h {
				s[l] += s[l+h]
			}
		}
		dst[i] += s[0]
	}
}

// pixelSumsGeneric adds the channels of a row of pixels to acc [channels, lanes]. The
// pixels have a stride of step floats:
//
//	acc[c,l] += sum over pixels i and halves h of x[i*step + c*Group + h+l]
func pixelSumsGeneric(acc, x []float32, channels, lanes, pixels, step int) {
	for i := range pixels {
		for h := 0; h < Group; h += lanes {
			for c := range channels {
				s, v := acc[c*lanes:][:lanes], x[i*step+c*Group+h:][:lanes]
				for l := range s {
					s[l] += v[l]
				}
			}
		}
	}
}
