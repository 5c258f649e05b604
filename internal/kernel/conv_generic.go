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
	for g := range a.groups {
		for o := 0; o < outs; o += 2 {
			for pixel := range a.tiles * pixels {
				if o+1 == outs {
					for lane := 0; lane < Group; lane += 2 * plainLanes {
						sums := a.sumsOfOne(g, o, pixel, lane, taps, outs)
						a.finish(pixel, g*outs+o, lane, &sums[0])
						a.finish(pixel, g*outs+o, lane+plainLanes, &sums[1])
					}
					continue
				}
				for lane := 0; lane < Group; lane += plainLanes {
					sums := a.sumsOfTwo(g, o, pixel, lane, taps, outs)
					a.finish(pixel, g*outs+o, lane, &sums[0])
					a.finish(pixel, g*outs+o+1, lane, &sums[1])
				}
			}
		}
	}
}

// start is what four lanes of an output of a pixel start from.
func (a *convTile) start(pixel, o, lane int) (sums [4]float32) {
	switch {
	case a.add != 0:
		sums = [4]float32(a.y[pixel*a.yStep+o*Group+lane:])
	case len(a.bias) > 0:
		for l := range sums {
			sums[l] = a.bias[o]
		}
	}
	return sums
}

// sumsOfTwo are the sums of four lanes of a pixel, for outputs o and o+1 of a group.
func (a *convTile) sumsOfTwo(g, o, pixel, lane, taps, outs int) [2][4]float32 {
	s0, s1 := a.start(pixel, g*outs+o, lane), a.start(pixel, g*outs+o+1, lane)
	if len(a.segs) == 0 {
		return [2][4]float32{s0, s1}
	}
	v00, v01, v02, v03 := s0[0], s0[1], s0[2], s0[3]
	v10, v11, v12, v13 := s1[0], s1[1], s1[2], s1[3]
	w, at := &a.w[g*len(a.segs)*a.c*taps*outs+o], 0
	for _, seg := range a.segs {
		first := &a.x[seg+pixel*a.xStep+lane]
		for c := range a.c {
			x := 4 * Group * c
			for range taps {
				k0, k1, v := *element(w, at), *element(w, at+4), fourOf(first, x)
				x0, x1, x2, x3 := v[0], v[1], v[2], v[3]
				v00 += k0 * x0
				v01 += k0 * x1
				v02 += k0 * x2
				v03 += k0 * x3
				v10 += k1 * x0
				v11 += k1 * x1
				v12 += k1 * x2
				v13 += k1 * x3
				x += 4 * a.xStep
				at += 4 * outs
			}
		}
	}
	return [2][4]float32{{v00, v01, v02, v03}, {v10, v11, v12, v13}}
}

// sumsOfOne are the sums of twice four lanes of a pixel, for output o of a group.
func (a *convTile) sumsOfOne(g, o, pixel, lane, taps, outs int) [2][4]float32 {
	s0, s1 := a.start(pixel, g*outs+o, lane), a.start(pixel, g*outs+o, lane+plainLanes)
	if len(a.segs) == 0 {
		return [2][4]float32{s0, s1}
	}
	v00, v01, v02, v03 := s0[0], s0[1], s0[2], s0[3]
	v10, v11, v12, v13 := s1[0], s1[1], s1[2], s1[3]
	w, at := &a.w[g*len(a.segs)*a.c*taps*outs+o], 0
	for _, seg := range a.segs {
		first := &a.x[seg+pixel*a.xStep+lane]
		for c := range a.c {
			x := 4 * Group * c
			for range taps {
				k, u, v := *element(w, at), fourOf(first, x), fourOf(first, x+4*plainLanes)
				v00 += k * u[0]
				v01 += k * u[1]
				v02 += k * u[2]
				v03 += k * u[3]
				v10 += k * v[0]
				v11 += k * v[1]
				v12 += k * v[2]
				v13 += k * v[3]
				x += 4 * a.xStep
				at += 4 * outs
			}
		}
	}
	return [2][4]float32{{v00, v01, v02, v03}, {v10, v11, v12, v13}}
}

// finish writes four lanes of an output of a pixel.
func (a *convTile) finish(pixel, o, lane int, sums *[4]float32) {
	if a.relu != 0 {
		for l, v := range sums {
			if v < 0 {
				sums[l] = 0
			}
		}
	}
	at := pixel*a.yStep + o*Group + lane
	if len(a.reluOutput) > 0 {
		reluGradGeneric(sums[:], sums[:], a.reluOutput[at:at+plainLanes])
	}
	copy(a.y[at:], sums[:])
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
	each := filterSums{rows: a.rows, cols: a.cols, lanes: lanes}
	for o := 0; o < outs; o += 2 {
		for c := range ins {
			for t := 0; t < taps; {
				at := ((o*ins+c)*taps + t) * lanes
				dy, x := a.dy[o*Group:], a.x[t*a.xTap+c*Group:]
				switch {
				case o+1 < outs: // two outputs share x
					each.add(a.acc[at:], ins*taps*lanes, x, a.xRow, a.xCol, dy, a.dyRow, a.dyCol, Group)
					t++
				case t+1 < taps: // two taps share dy
					each.add(a.acc[at:], lanes, dy, a.dyRow, a.dyCol, x, a.xRow, a.xCol, a.xTap)
					t += 2
				default:
					each.add(a.acc[at:], 0, dy, a.dyRow, a.dyCol, x, a.xRow, a.xCol, 0)
					t++
				}
			}
		}
	}
}

// filterSums is a rectangle of pixels whose products are added up.
type filterSums struct{ rows, cols, lanes int }

// add adds to acc the products of x and y, in each of the lanes, and to acc from second on
// those of x and y from next on; if second is 0, there are only the first.
func (f filterSums) add(acc []float32, second int, x []float32, xRow, xCol int, y []float32, yRow, yCol, next int) {
	for lane := 0; lane < f.lanes; lane += plainLanes {
		s0, s1 := (*[4]float32)(acc[lane:]), (*[4]float32)(acc[second+lane:])
		v00, v01, v02, v03 := s0[0], s0[1], s0[2], s0[3]
		v10, v11, v12, v13 := s1[0], s1[1], s1[2], s1[3]
		for i := range f.rows {
			xs, ys := &x[i*xRow+lane], &y[i*yRow+lane]
			xAt, yAt := 0, 0
			for range f.cols {
				for h := 0; h < 4*Group; h += 4 * f.lanes {
					u, y0, y1 := fourOf(xs, xAt+h), fourOf(ys, yAt+h), fourOf(ys, yAt+4*next+h)
					x0, x1, x2, x3 := u[0], u[1], u[2], u[3]
					v00 += x0 * y0[0]
					v01 += x1 * y0[1]
					v02 += x2 * y0[2]
					v03 += x3 * y0[3]
					v10 += x0 * y1[0]
					v11 += x1 * y1[1]
					v12 += x2 * y1[2]
					v13 += x3 * y1[3]
				}
				xAt += 4 * xCol
				yAt += 4 * yCol
			}
		}
		*s1 = [4]float32{v10, v11, v12, v13}
		*s0 = [4]float32{v00, v01, v02, v03} // the same if second is 0
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
