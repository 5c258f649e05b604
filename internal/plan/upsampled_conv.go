package plan

import "github.com/stheno-ml/stheno/lower"

// convOfUpsampled rewrites a convolution of images whose pixels were each repeated f
// times along an axis. Several taps of the kernel then fall on the same small pixel,
// once in each place of a window of f. A transposed convolution of the small images
// with stride f, followed by sums over windows of f, gives the same result with fewer
// products: it uses each tap once for each small pixel, not f times. The two
// gradients are the gradients of that pair.
//
// Along an axis, with kernel k and padding p before: y[Y] = sum of w[a] x[(Y+a-p)/f]
// over a. With Y+a-p = f*i+e and z[f*i+t] = x[i] w[k-1-t], it is the sum of
// z[Y+k-p-f+e] over e from 0 to f-1.
func (t Target) convOfUpsampled(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	switch p := s.Prim.(type) {
	case lower.Conv:
		if e, ok := r.asUpsampledConv(p.Geometry, in[0], r.Shape(in[1])); ok {
			z := r.Apply(lower.ConvData{Geometry: e.transposed, In: e.transposedSize}, e.small, t.flippedKernels(r, in[1]))
			return r.Apply(lower.PoolSum{Window: e.window, Divisor: lower.NoDivisor}, z...)[:1]
		}
	case lower.ConvFilter:
		w := r.old.Shape(s.Out[0])
		if e, ok := r.asUpsampledConv(p.Geometry, in[0], w); ok {
			z := r.Apply(lower.PoolSum{Window: e.adjointWindow, Divisor: lower.NoDivisor}, in[1])
			dw := r.Apply(lower.ConvFilter{Geometry: e.transposed, Kernel: p.Kernel}, z[0], e.small)
			return []lower.Value{r.Map(lower.Arg(0), r.flipped(dw[0]))}
		}
	case lower.PoolSum:
		return t.upsampleGrad(r, p, s, in)
	}
	return r.copyStep(s, in)
}

// upsampledConv is a convolution of upsampled images, decomposed into a transposed
// convolution and sums over windows.
type upsampledConv struct {
	small          lower.Value    // the images before upsampling
	transposed     lower.Geometry // the transposed convolution's geometry
	transposedSize [2]int         // the size of the transposed convolution's result
	window         lower.Window   // the windows of the sums over that result
	adjointWindow  lower.Window   // for each pixel of that result, the sums that it is part of
}

// asUpsampledConv decomposes a convolution of images x with kernels [O, C, KH, KW] if
// x is upsampled.
func (r *rewriter) asUpsampledConv(g lower.Geometry, x lower.Value, kernels lower.Shape) (upsampledConv, bool) {
	if int(x) < r.Inputs() {
		return upsampledConv{}, false
	}
	spread, ok := r.def[x].Prim.(lower.PoolSpread)
	if !ok || spread.Divisor != lower.NoDivisor || spread.Window != upsampleWindow(spread.Size) {
		return upsampledConv{}, false
	}
	e, ok := decompose(g, spread.Size, [2]int(r.Shape(x)[2:]), [2]int(kernels[2:]))
	e.small = r.def[x].In[0]
	return e, ok
}

// upsampleWindow returns the windows of equal pixels in upsampled images.
func upsampleWindow(factor [2]int) lower.Window { return lower.Window{Size: factor, Stride: factor} }

// decompose returns how to compute a convolution of upsampled images of that size
// from the small ones. ok is false if it cannot, or if that saves nothing.
func decompose(g lower.Geometry, factor, size, kernel [2]int) (e upsampledConv, ok bool) {
	one := [2]int{1, 1}
	if g.Stride != one || g.Dilation != one || g.Groups > 1 || factor[0]*factor[1] == 1 {
		return e, false
	}
	before, after := [2]int{g.Pad.Top, g.Pad.Left}, [2]int{g.Pad.Bottom, g.Pad.Right}
	crop, pad := [2]int{}, [2][2]int{}
	for a, f := range factor {
		if kernel[a] == 1 {
			return e, false
		}
		from := kernel[a] - before[a] - f // where the first window begins
		windows := size[a] + before[a] + after[a] - kernel[a] + 1
		crop[a], pad[a][0] = max(from, 0), max(-from, 0)
		e.transposedSize[a] = size[a] - f + kernel[a] - crop[a]
		// The rows beyond the last window are cropped by making z smaller.
		beyond := windows - 1 + f - pad[a][0] - e.transposedSize[a]
		pad[a][1] = max(beyond, 0)
		e.transposedSize[a] += min(beyond, 0)
		if e.transposedSize[a] < 1 || pad[a][0] >= f || pad[a][1] >= f {
			return e, false
		}
	}
	e.transposed = lower.Geometry{Stride: factor, Dilation: one, Pad: lower.Margins{Top: crop[0], Left: crop[1]}}
	for a, m := range [2]*int{&e.transposed.Pad.Bottom, &e.transposed.Pad.Right} {
		// The transposed convolution has a window for each small pixel.
		small := size[a] / factor[a]
		*m = max(0, (small-1)*factor[a]+kernel[a]-crop[a]-e.transposedSize[a])
	}
	e.window = lower.Window{Size: factor, Stride: one, Pad: lower.Margins{Top: pad[0][0], Bottom: pad[0][1], Left: pad[1][0], Right: pad[1][1]}}
	e.adjointWindow = lower.Window{Size: factor, Stride: one, Pad: lower.Margins{
		Top: factor[0] - 1 - pad[0][0], Bottom: factor[0] - 1 - pad[0][1],
		Left: factor[1] - 1 - pad[1][0], Right: factor[1] - 1 - pad[1][1],
	}}
	return e, true
}

// flipped reads kernels [O, C, KH, KW] as [C, O, KH, KW] with rows and columns
// reversed.
func (r *rewriter) flipped(w lower.Value) lower.Value {
	return r.Apply(lower.Flip{Axes: []int{2, 3}}, r.Transpose(w, 1, 0, 2, 3))[0]
}

// flippedKernels flips kernels. It copies them unless the machine's convolutions read
// them through a view.
func (t Target) flippedKernels(r *rewriter, w lower.Value) lower.Value {
	w = r.flipped(w)
	if !t.Convs {
		w = r.Map(lower.Arg(0), w)
	}
	return w
}

// upsampleGrad is the gradient of the small images: a sum over repeated pixels of the
// gradient of a convolution.
func (t Target) upsampleGrad(r *rewriter, p lower.PoolSum, s lower.Step, in []lower.Value) []lower.Value {
	if int(in[0]) < r.Inputs() || p.Divisor != lower.NoDivisor || p.Window != upsampleWindow(p.Size) {
		return r.copyStep(s, in)
	}
	def := r.def[in[0]]
	data, ok := def.Prim.(lower.ConvData)
	if !ok {
		return r.copyStep(s, in)
	}
	w := def.In[1]
	e, ok := decompose(data.Geometry, p.Size, data.In, [2]int(r.Shape(w)[2:]))
	if !ok {
		return r.copyStep(s, in)
	}
	z := r.Apply(lower.PoolSum{Window: e.adjointWindow, Divisor: lower.NoDivisor}, def.In[0])
	return r.Apply(lower.Conv{Geometry: e.transposed}, z[0], t.flippedKernels(r, w))
}
