package plan

import "github.com/stheno-ml/stheno/lower"

// readUnfold reads im2col's fields for images of a size.
func (s *opContext) readUnfold(image [2]int, fold bool) (u Unfold, windows [2]int, ok bool) {
	padH, padW := s.int("padH"), s.int("padW")
	u = Unfold{
		Geometry: lower.Geometry{
			Stride:   [2]int{s.int("strideH"), s.int("strideW")},
			Dilation: [2]int{s.int("dilationH"), s.int("dilationW")},
			Pad:      lower.Margins{Top: padH, Bottom: padH, Left: padW, Right: padW},
		},
		Kernel: [2]int{s.int("h"), s.int("w")},
		Image:  image,
		Fold:   fold,
	}
	if s.err != nil {
		return u, windows, false
	}
	windows, err := u.Windows(image, u.Kernel)
	if err != nil {
		s.host(err.Error())
		return u, windows, false
	}
	s.m.Unfold = &u
	return u, windows, true
}

// tap returns where kernel position k falls along an axis of the padded image.
func (u Unfold) tap(axis, k, windows int) stridedRange {
	return stridedRange{axis: 2 + axis, start: k * u.Dilation[axis], count: windows, step: u.Stride[axis]}
}

// padded returns the size of the padded image.
func (u Unfold) padded() [2]int {
	return [2]int{u.Image[0] + u.Pad.Top + u.Pad.Bottom, u.Image[1] + u.Pad.Left + u.Pad.Right}
}

// builtinUnfold concatenates, for each kernel position, the slice of the padded image
// that the position reads.
func builtinUnfold(s *opContext) lower.Value {
	if !s.isImages(0) {
		return 0
	}
	n, c := s.in[0][0], s.in[0][1]
	u, win, ok := s.readUnfold([2]int{s.in[0][2], s.in[0][3]}, false)
	if !ok {
		return 0
	}
	f := s.f
	x := f.Pad(f.In(0), []int{0, 0, u.Pad.Top, u.Pad.Left}, []int{0, 0, u.Pad.Bottom, u.Pad.Right})
	var taps []lower.Value
	for i := range u.Kernel[0] {
		for j := range u.Kernel[1] {
			y := x
			for _, t := range []stridedRange{u.tap(0, i, win[0]), u.tap(1, j, win[1])} {
				y = f.Slice(y, t.axis, t.start, t.start+(t.count-1)*t.step+1, t.step)
			}
			taps = append(taps, y)
		}
	}
	y := f.Reshape(f.Concat(1, taps...), n, len(taps), c, win[0], win[1])
	return f.Transpose(y, 0, 3, 4, 2, 1)
}

// builtinFold adds each kernel position's values to the pixels that the position
// reads.
func builtinFold(s *opContext) lower.Value {
	if !s.isImages(0) {
		return 0
	}
	n, c := s.int("unpaddedB"), s.int("unpaddedC")
	u, win, ok := s.readUnfold([2]int{s.int("unpaddedH"), s.int("unpaddedW")}, true)
	if !ok {
		return 0
	}
	f, taps, whole := s.f, u.Kernel[0]*u.Kernel[1], u.padded()
	x := f.Transpose(f.Reshape(f.In(0), n, win[0], win[1], c, taps), 0, 4, 3, 1, 2)
	var sum lower.Value
	for k := range taps {
		y := f.Reshape(f.Slice(x, 1, k, k+1, 1), n, c, win[0], win[1])
		y = s.padAround(y, u.tap(0, k/u.Kernel[1], win[0]), whole[0])
		y = s.padAround(y, u.tap(1, k%u.Kernel[1], win[1]), whole[1])
		if k > 0 {
			y = f.Map(lower.Arg(0).Add(lower.Arg(1)), sum, y)
		}
		sum = y
	}
	sum = f.Slice(sum, 2, u.Pad.Top, u.Pad.Top+u.Image[0], 1)
	return f.Slice(sum, 3, u.Pad.Left, u.Pad.Left+u.Image[1], 1)
}

// readWindow reads a pool's fields.
func (s *opContext) readWindow() (w lower.Window, ok bool) {
	w = lower.Window{
		Size:   [2]int{s.int("h"), s.int("w")},
		Stride: [2]int{s.int("strideH"), s.int("strideW")},
		Pad: lower.Margins{
			Top: s.int("padNorth"), Bottom: s.int("padSouth"),
			Left: s.int("padWest"), Right: s.int("padEast"),
		},
	}
	if s.bool("explicitPadding") && (w.Pad.Top != w.Pad.Bottom || w.Pad.Left != w.Pad.Right) {
		s.m.Fault = "it offsets windows by the padding below and on the right, not by the padding above and on the left"
	}
	if s.err != nil {
		return w, false
	}
	if max(w.Pad.Top, w.Pad.Bottom) >= w.Size[0] || max(w.Pad.Left, w.Pad.Right) >= w.Size[1] {
		s.host("it has windows that are all padding")
		return w, false
	}
	return w, true
}

// builtinMaxPool has the operand x or, for the gradient, x, the pooled x and its
// gradient.
func builtinMaxPool(s *opContext, grad bool) lower.Value {
	w, ok := s.readWindow()
	if !ok || !s.isImages(0) {
		return 0
	}
	s.m.Edge = "a window without a number above the lowest float kills the process"
	if !grad {
		return s.f.Apply(lower.Pool{Window: w}, s.f.In(0))[0]
	}
	if !s.hasOperands(3) {
		return 0
	}
	return s.f.Apply(lower.PoolGrad{Window: w}, s.f.In(0), s.f.In(2))[0]
}

// builtinMeanPool is as builtinMaxPool, for the mean of a window's pixels inside the
// image.
func builtinMeanPool(s *opContext, grad bool) lower.Value {
	w, ok := s.readWindow()
	if !ok || !s.isImages(0) {
		return 0
	}
	if !grad {
		if s.in[0][3] != w.Size[0]*w.Size[1] || w.Pad != (lower.Margins{}) {
			s.m.Fault = "sums are divided by the image's width, not by the number of pixels"
		}
		return s.f.Apply(lower.PoolSum{Window: w}, s.f.In(0))[0]
	}
	s.m.Fault = "the gradient is not that of a mean"
	if !s.hasOperands(3) {
		return 0
	}
	return s.f.Apply(lower.PoolSpread{Window: w, In: [2]int{s.in[0][2], s.in[0][3]}}, s.f.In(2))[0]
}

func builtinGlobalMean(s *opContext) lower.Value {
	if !s.isImages(0) {
		return 0
	}
	cells := lower.Num(float64(s.in[0][2] * s.in[0][3]))
	return s.f.Map(lower.Arg(0).Div(cells), s.f.Sum(s.f.In(0), 2, 3))
}

// builtinUpsample repeats pixels or, for the gradient, adds up operand 2 over
// repeated pixels.
func builtinUpsample(s *opContext, grad bool) lower.Value {
	k := s.int("stride") + 1
	if s.err != nil || !s.isImages(0) {
		return 0
	}
	cells := lower.Window{Size: [2]int{k, k}, Stride: [2]int{k, k}}
	if !grad {
		to := [2]int{s.in[0][2] * k, s.in[0][3] * k}
		return s.f.Apply(lower.PoolSpread{Window: cells, Divisor: lower.NoDivisor, In: to}, s.f.In(0))[0]
	}
	if !s.hasOperands(3) {
		return 0
	}
	return s.f.Apply(lower.PoolSum{Window: cells, Divisor: lower.NoDivisor}, s.f.In(2))[0]
}
