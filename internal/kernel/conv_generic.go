// The plain Go twins of the convolution kernels, and what they are given.

package kernel

import "unsafe"

// convTile is the work of one call of a convolution kernel: a row of tiles, each
// of some pixels of all images of a group, by groups of output channels. The
// assembly reads the fields by their place. Counts and steps are in floats.
type convTile struct {
	x          []float32 // from the first pixel read, channel 0
	w          []float32 // [group][segment][channel][tap][output]
	y          []float32 // from the first pixel written, first output
	bias       []float32 // of each output; empty for none
	segs       []int     // of each segment, from x to what its first tap reads for the first pixel
	c          int       // channels of x to sum over, at least 1
	xStep      int       // between what neighbouring pixels read, and between the taps of a segment
	yStep      int       // between neighbouring pixels of y
	tiles      int       // in the row; counted down by the assembly
	groups     int       // of output channels
	add        int       // 1: to what y holds, bias left out
	relu       int       // 1: negative results become 0, NaN stays
	left       int       // groups, counted down by the assembly
	reluOutput []float32 // from what lies as y does and lets results pass where it is above 0; empty for none
	reluOffset int       // bytes from y to reluOutput, 0 for none, for the assembly
	last       bool      // the sums are complete
}

// gateBy makes the results 0 where x, which lies as y does, is not above 0.
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
// in this order, where start is y[p,o], the bias or 0; with reluOutput, y is then 0
// where that is not above 0.
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

// convFilterTile is the work of one call of a filter gradient kernel: a
// rectangle of pixels of all images of a group. Steps are in floats.
type convFilterTile struct {
	acc          []float32 // [output][input][tap][lane], added to
	x            []float32 // from what the first tap reads for the first pixel, first input
	dy           []float32 // from the first pixel, first output
	rows, cols   int       // of pixels; cols at least 1
	xRow, xCol   int       // between what neighbouring pixels read
	xTap         int       // between the taps
	dyRow, dyCol int       // between neighbouring pixels
	fresh        int       // 1: acc is written, not added to
}

func (a *convFilterTile) pointer() *uint64 { return (*uint64)(unsafe.Pointer(a)) }

// convFilterGeneric computes, for each tap t, input c and output o, in every
// lane l of as many lanes as vectors of the instruction set have,
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

// laneSumsGeneric adds up lanes values at a time, a power of two at most 16:
// to dst[i] the sum of src[i*lanes:][:lanes], the upper half added to the lower
// until one is left.
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

// pixelSumsGeneric adds to acc [channels, lanes] the channels of pixels that lie
// step floats apart:
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
