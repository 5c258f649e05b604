package plan

import "github.com/stheno-ml/stheno/lower"

// Convolutions of single channels, written as elementwise steps.

// maxTapsPerExpr bounds the taps that one expression adds up: each is a slice of the
// image and a weight. Kernels of 3x3 are one expression.
const maxTapsPerExpr = 9

// depthwise adds up, over the taps, the weight times the pixels it is applied to.
func depthwise(f *lower.Func, g lower.Geometry, x, w lower.Value) lower.Value {
	s, k := f.Shape(x), f.Shape(w)
	c, m := s[1], k[0]/s[1]
	out, _ := g.Windows([2]int{s[2], s[3]}, [2]int{k[2], k[3]}) // checked where the shape is inferred
	y := sumOfTaps(f, splitChannels(f, padImages(f, x, g), c, 1, m), splitKernels(f, w, c, m), k, func(x lower.Value, i, j int) lower.Value {
		return tapSlice(f, x, [2]int{i * g.Dilation[0], j * g.Dilation[1]}, out, g.Stride)
	})
	return f.Reshape(y, s[0], k[0], out[0], out[1])
}

// depthwiseData adds up, over the taps, the weight times the gradients of the
// outputs that read a pixel through it. The gradients are spread Stride apart, with
// zeros between them, so that tap i of pixel r reads row r + (K-1-i)*Dilation.
func depthwiseData(f *lower.Func, p lower.ConvData, dy, w lower.Value) lower.Value {
	g, s, k := p.Geometry, f.Shape(dy), f.Shape(w)
	c, m := g.Groups, k[0]/g.Groups
	var at, length, reach [2]int
	before := [2]int{g.Pad.Top, g.Pad.Left}
	for i := range at {
		reach[i] = (k[2+i] - 1) * g.Dilation[i]
		at[i], length[i] = reach[i]-before[i], p.In[i]+reach[i]
		dy = spread(f, dy, 2+i, g.Stride[i])
	}
	dy = splitChannels(f, within(f, dy, at, length), c, m, m)
	dx := sumOfTaps(f, dy, splitKernels(f, w, c, m), k, func(dy lower.Value, i, j int) lower.Value {
		return tapSlice(f, dy, [2]int{reach[0] - i*g.Dilation[0], reach[1] - j*g.Dilation[1]}, p.In, [2]int{1, 1})
	})
	if m > 1 {
		dx = f.Sum(dx, 2)
	}
	return f.Reshape(dx, s[0], c, p.In[0], p.In[1])
}

// depthwiseFilter adds up, for each tap, the gradients times the pixels that the
// tap was applied to.
func depthwiseFilter(f *lower.Func, p lower.ConvFilter, x, dy lower.Value) lower.Value {
	g, s, d := p.Geometry, f.Shape(x), f.Shape(dy)
	c, m := s[1], d[1]/s[1]
	x, dy = splitChannels(f, padImages(f, x, g), c, 1, m), splitChannels(f, dy, c, m, m)
	r := len(f.Shape(dy))
	var taps []lower.Value
	for i := range p.Kernel[0] {
		for j := range p.Kernel[1] {
			pixels := tapSlice(f, x, [2]int{i * g.Dilation[0], j * g.Dilation[1]}, [2]int{d[2], d[3]}, g.Stride)
			taps = append(taps, f.Reshape(f.Sum(f.Map(lower.Arg(0).Mul(lower.Arg(1)), dy, pixels), 0, r-2, r-1), d[1], 1))
		}
	}
	return f.Reshape(f.Concat(1, taps...), d[1], 1, p.Kernel[0], p.Kernel[1])
}

// sumOfTaps adds up the products of slices of x and weights for kernels of shape k.
func sumOfTaps(f *lower.Func, x, w lower.Value, k lower.Shape, slice func(x lower.Value, i, j int) lower.Value) lower.Value {
	axis := len(f.Shape(w)) - 2
	var sum lower.Expr
	var args []lower.Value
	for t := range k[2] * k[3] {
		product := lower.Arg(len(args)).Mul(lower.Arg(len(args) + 1))
		args = append(args, slice(x, t/k[3], t%k[3]), f.Slice(w, axis, t, t+1, 1))
		if t == 0 {
			sum = product
		} else {
			sum = sum.Add(product)
		}
		if (t+1)%maxTapsPerExpr == 0 && t+1 < k[2]*k[3] {
			args, sum = []lower.Value{f.Map(sum, args...)}, lower.Arg(0)
		}
	}
	return f.Map(sum, args...)
}

// tapSlice takes out[0] rows and out[1] columns of the last two axes.
func tapSlice(f *lower.Func, x lower.Value, at, out, step [2]int) lower.Value {
	r := len(f.Shape(x)) - 2
	for i := range at {
		x = f.Slice(x, r+i, at[i], at[i]+(out[i]-1)*step[i]+1, step[i])
	}
	return x
}

// splitChannels reads images x [N, C*m, H, W] as [N, C, m, H, W] if a channel has
// several kernels.
func splitChannels(f *lower.Func, x lower.Value, c, m, kernels int) lower.Value {
	if s := f.Shape(x); kernels > 1 {
		return f.Reshape(x, s[0], c, m, s[2], s[3])
	}
	return x
}

// splitKernels reads kernels w [C*m, 1, KH, KW] as [C, m, KH*KW, 1], or as
// [C, KH*KW, 1] for one kernel per channel. The slice of one tap broadcasts to what
// splitChannels returns.
func splitKernels(f *lower.Func, w lower.Value, c, m int) lower.Value {
	k := f.Shape(w)
	if m > 1 {
		return f.Reshape(w, c, m, k[2]*k[3], 1)
	}
	return f.Reshape(w, c, k[2]*k[3], 1)
}

// padImages is x with the zeros that a geometry puts around it.
func padImages(f *lower.Func, x lower.Value, g lower.Geometry) lower.Value {
	s, p := f.Shape(x), g.Pad
	return within(f, x, [2]int{p.Top, p.Left}, [2]int{s[2] + p.Top + p.Bottom, s[3] + p.Left + p.Right})
}

// within places x [N, C, H, W] in zeros of that height and width, with its first pixel
// at the given row and column, which may be negative. What lies outside is cut off.
func within(f *lower.Func, x lower.Value, at, size [2]int) lower.Value {
	before, after := make([]int, 4), make([]int, 4)
	grows := false
	for i := range at {
		axis, n := 2+i, f.Shape(x)[2+i]
		from, to := max(0, -at[i]), min(n, size[i]-at[i])
		if from >= to { // all is cut off
			s := f.Shape(x).Clone()
			s[2], s[3] = size[0], size[1]
			zero := f.Map(lower.Num(0), f.Slice(f.Slice(x, 2, 0, 1, 1), 3, 0, 1, 1))
			return f.Broadcast(zero, s...)
		}
		if from > 0 || to < n {
			x = f.Slice(x, axis, from, to, 1)
		}
		before[axis], after[axis] = at[i]+from, size[i]-at[i]-to
		grows = grows || before[axis] > 0 || after[axis] > 0
	}
	if !grows {
		return x
	}
	return f.Pad(x, before, after)
}

// spread puts step-1 zeros between the elements of an axis of x.
func spread(f *lower.Func, x lower.Value, axis, step int) lower.Value {
	s := f.Shape(x).Clone()
	n := s[axis]
	if step == 1 || n == 1 {
		return x
	}
	zeros := make([]int, len(s)+1)
	after := make([]int, len(s)+1)
	after[axis+1] = step - 1
	one := append(append(s[:axis+1:axis+1], 1), s[axis+1:]...)
	x = f.Pad(f.Reshape(x, one...), zeros, after)
	s[axis] = n * step
	return f.Slice(f.Reshape(x, s...), axis, 0, (n-1)*step+1, 1)
}
