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
	var space [convSteps]int
	all := len(a.segs) * a.c * taps
	for from := 0; from == 0 || from < all; from += convSteps {
		steps := a.steps(space[:min(convSteps, all-from)], from, taps)
		for pixel := range a.tiles * pixels {
			y := a.y[pixel*a.yStep:][:a.groups*outs*Group]
			if from == 0 {
				a.start(y)
			}
			if len(steps) > 0 {
				x, w := &a.x[pixel*a.xStep], a.w[from*outs:]
				for g := range a.groups {
					convOutputs(steps, x, &w[g*all*outs], outs, &y[g*outs*Group])
				}
			}
			if from+convSteps >= all {
				a.finish(y, pixel*a.yStep)
			}
		}
	}
}

// convSteps is the most products that are added up before the next pixel.
const convSteps = 256

// steps fills to with the offsets in x, in bytes, of the products from one on.
func (a *convTile) steps(to []int, from, taps int) []int {
	at := -from
	for _, seg := range a.segs {
		for c := range a.c {
			for t := range taps {
				if at >= 0 && at < len(to) {
					to[at] = 4 * (seg + c*Group + t*a.xStep)
				}
				at++
			}
		}
	}
	return to
}

// start writes what the outputs of a pixel start from.
func (a *convTile) start(y []float32) {
	switch {
	case a.add != 0:
	case len(a.bias) == 0:
		clear(y)
	default:
		for i := range y {
			y[i] = a.bias[i/Group]
		}
	}
}

// finish is what follows the sums of a pixel, which begin at an index of y.
func (a *convTile) finish(y []float32, at int) {
	if a.relu != 0 {
		reluGeneric(y)
	}
	if len(a.reluOutput) > 0 {
		reluGradGeneric(y, y, a.reluOutput[at:at+len(y)])
	}
}

// convOutputs adds products to the outputs of a pixel, two outputs of four lanes at a time.
func convOutputs(steps []int, x, w *float32, outs int, y *float32) {
	const size, lanes = 4, 4 * plainLanes
	for o := 0; o < outs; o += 2 {
		k, to := element(w, o*size), element(y, o*Group*size)
		for lane := 0; lane < Group*size; lane += lanes {
			if o+1 < outs {
				twoOutputs(steps, element(x, lane), k, outs*size, element(to, lane))
			} else {
				oneOutput(steps, element(x, lane), k, outs*size, element(to, lane))
			}
		}
	}
}

// twoOutputs adds products to four lanes of two outputs, two products at a time: of x at
// the steps and of weights that are wStep bytes apart.
func twoOutputs(steps []int, x, w *float32, wStep int, y *float32) {
	s0, s1 := fourOf(y, 0), fourOf(y, 4*Group)
	v00, v01, v02, v03 := s0[0], s0[1], s0[2], s0[3]
	v10, v11, v12, v13 := s1[0], s1[1], s1[2], s1[3]
	at := 0
	for ; len(steps) >= 2; steps = steps[2:] {
		k0, k1, v := *element(w, at), *element(w, at+4), fourOf(x, steps[0])
		x0, x1, x2, x3 := v[0], v[1], v[2], v[3]
		v00 += k0 * x0
		v01 += k0 * x1
		v02 += k0 * x2
		v03 += k0 * x3
		v10 += k1 * x0
		v11 += k1 * x1
		v12 += k1 * x2
		v13 += k1 * x3
		at += wStep
		k0, k1, v = *element(w, at), *element(w, at+4), fourOf(x, steps[1])
		x0, x1, x2, x3 = v[0], v[1], v[2], v[3]
		v00 += k0 * x0
		v01 += k0 * x1
		v02 += k0 * x2
		v03 += k0 * x3
		v10 += k1 * x0
		v11 += k1 * x1
		v12 += k1 * x2
		v13 += k1 * x3
		at += wStep
	}
	if len(steps) > 0 {
		k0, k1, v := *element(w, at), *element(w, at+4), fourOf(x, steps[0])
		x0, x1, x2, x3 := v[0], v[1], v[2], v[3]
		v00 += k0 * x0
		v01 += k0 * x1
		v02 += k0 * x2
		v03 += k0 * x3
		v10 += k1 * x0
		v11 += k1 * x1
		v12 += k1 * x2
		v13 += k1 * x3
	}
	s0[0], s0[1], s0[2], s0[3] = v00, v01, v02, v03
	s1[0], s1[1], s1[2], s1[3] = v10, v11, v12, v13
}

// oneOutput is twoOutputs for one output.
func oneOutput(steps []int, x, w *float32, wStep int, y *float32) {
	s := fourOf(y, 0)
	v0, v1, v2, v3 := s[0], s[1], s[2], s[3]
	at := 0
	for ; len(steps) >= 2; steps = steps[2:] {
		k, u, v := *element(w, at), fourOf(x, steps[0]), fourOf(x, steps[1])
		v0 += k * u[0]
		v1 += k * u[1]
		v2 += k * u[2]
		v3 += k * u[3]
		k = *element(w, at+wStep)
		v0 += k * v[0]
		v1 += k * v[1]
		v2 += k * v[2]
		v3 += k * v[3]
		at += 2 * wStep
	}
	if len(steps) > 0 {
		k, v := *element(w, at), fourOf(x, steps[0])
		v0 += k * v[0]
		v1 += k * v[1]
		v2 += k * v[2]
		v3 += k * v[3]
	}
	s[0], s[1], s[2], s[3] = v0, v1, v2, v3
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
//	acc[o,c,t,l] += sum over the pixels (i,j) and the parts h of a group of dy[i,j,o,h+l] * x[i,j,t,c,h+l]
func convFilterGeneric(a *convFilterTile, taps, ins, outs, lanes int) {
	all := ins * taps
	if a.fresh != 0 {
		clear(a.acc[:outs*all*lanes])
	}
	for o := 0; o < outs; o += 2 {
		height := min(2, outs-o)
		width := 6 / height
		for i := 0; i < all; i += width {
			var at [6]int
			for k := range at {
				last := min(i+k, all-1)
				at[k] = last%taps*a.xTap + last/taps*Group
			}
			for l := range lanes {
				f := filterSums{a, l, lanes}
				var sums [6]float32
				if height == 2 {
					f.ofTwo(o*Group, (o+1)*Group, [3]int(at[:]), &sums)
				} else {
					f.ofOne(o*Group, at, &sums)
				}
				for k, v := range sums {
					if k%width < all-i {
						a.acc[((o+k/width)*all+i+k%width)*lanes+l] += v
					}
				}
			}
		}
	}
}

// filterSums adds up products over a rectangle of pixels and one of the lanes.
type filterSums struct {
	*convFilterTile
	lane, lanes int
}

// ofTwo are the sums for two outputs by three offsets in x: first those of the first.
func (f filterSums) ofTwo(o0, o1 int, at [3]int, sums *[6]float32) {
	const size = 4
	var v00, v01, v02, v10, v11, v12 float32
	step := size * f.lanes
	for i := range f.rows {
		x, dy := f.x[i*f.xRow+f.lane:], f.dy[i*f.dyRow+f.lane:]
		for j := range f.cols {
			x0, x1, x2 := &x[j*f.xCol+at[0]], &x[j*f.xCol+at[1]], &x[j*f.xCol+at[2]]
			dy0, dy1 := &dy[j*f.dyCol+o0], &dy[j*f.dyCol+o1]
			h := 0
			for ; h+step < size*Group; h += step {
				k0, k1 := *element(dy0, h), *element(dy1, h)
				u0, u1, u2 := *element(x0, h), *element(x1, h), *element(x2, h)
				v00 += k0 * u0
				v01 += k0 * u1
				v02 += k0 * u2
				v10 += k1 * u0
				v11 += k1 * u1
				v12 += k1 * u2
				h += step
				k0, k1 = *element(dy0, h), *element(dy1, h)
				u0, u1, u2 = *element(x0, h), *element(x1, h), *element(x2, h)
				v00 += k0 * u0
				v01 += k0 * u1
				v02 += k0 * u2
				v10 += k1 * u0
				v11 += k1 * u1
				v12 += k1 * u2
			}
			if h < size*Group {
				k0, k1 := *element(dy0, h), *element(dy1, h)
				u0, u1, u2 := *element(x0, h), *element(x1, h), *element(x2, h)
				v00 += k0 * u0
				v01 += k0 * u1
				v02 += k0 * u2
				v10 += k1 * u0
				v11 += k1 * u1
				v12 += k1 * u2
			}
		}
	}
	*sums = [6]float32{v00, v01, v02, v10, v11, v12}
}

// ofOne are the sums for one output by six offsets in x.
func (f filterSums) ofOne(o int, at [6]int, sums *[6]float32) {
	const size = 4
	var v0, v1, v2, v3, v4, v5 float32
	step := size * f.lanes
	for i := range f.rows {
		x, dy := f.x[i*f.xRow+f.lane:], f.dy[i*f.dyRow+f.lane+o:]
		for j := range f.cols {
			pixel := x[j*f.xCol:]
			x0, x1, x2, x3, x4, x5 := &pixel[at[0]], &pixel[at[1]], &pixel[at[2]], &pixel[at[3]], &pixel[at[4]], &pixel[at[5]]
			for d, h := &dy[j*f.dyCol], 0; h < size*Group; h += step {
				k := *element(d, h)
				v0 += k * *element(x0, h)
				v1 += k * *element(x1, h)
				v2 += k * *element(x2, h)
				v3 += k * *element(x3, h)
				v4 += k * *element(x4, h)
				v5 += k * *element(x5, h)
			}
		}
	}
	*sums = [6]float32{v0, v1, v2, v3, v4, v5}
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
