package lower

import "fmt"

// Window is how a pooling window moves over an image; rows first, columns second.
// Pooling never selects a pixel of the padding.
type Window struct {
	Size   [2]int  // at least 1
	Stride [2]int  // from one window to the next, at least 1
	Pad    Margins // from 0 to Size-1, so that every window has a pixel of the image
}

// Windows returns the number of windows along each axis of an image.
func (w Window) Windows(image [2]int) ([2]int, error) {
	for a := range image {
		before, after := w.Pad.Along(a)
		if w.Size[a] > image[a]+max(before, 0)+max(after, 0) {
			return [2]int{}, fmt.Errorf("the window %v is larger than the image %v", w.Size, image)
		}
		if w.Size[a] > 0 && max(before, after) >= w.Size[a] {
			return [2]int{}, fmt.Errorf("padding %d and %d must be below the window's size, %d", before, after, w.Size[a])
		}
	}
	return Geometry{Stride: w.Stride, Dilation: [2]int{1, 1}, Pad: w.Pad}.Windows(image, w.Size)
}

// text has all attributes, as listings show them.
func (w Window) text() string {
	return fmt.Sprintf("[size %v, stride %v, pad %d:%d %d:%d]",
		w.Size, w.Stride, w.Pad.Top, w.Pad.Bottom, w.Pad.Left, w.Pad.Right)
}

// pooled infers the result of pooling images, given as the first operand.
func (w Window) pooled(in []Shape, names ...string) ([]Shape, error) {
	if err := checkImages(in, names...); err != nil {
		return nil, err
	}
	x := in[0]
	out, err := w.Windows(plane(x))
	if err != nil {
		return nil, err
	}
	return []Shape{{x[0], x[1], out[0], out[1]}}, nil
}

// Pool takes the maximum of every window of images x [N, C, H, W]; NaN if the window
// has a NaN.
type Pool struct{ Window }

func (p Pool) String() string { return "pool" + p.text() }

// Infer requires images.
func (p Pool) Infer(in []Shape) ([]Shape, error) { return p.pooled(in, "images x [N, C, H, W]") }

// PoolAt takes for every window of images x [N, C, H, W] the pixel of h [N, C, H, W]
// at the place of x's maximum: the first one in row-major order, or the first NaN. It
// is the derivative of Pool in the direction h.
type PoolAt struct{ Window }

func (p PoolAt) String() string { return "pool_at" + p.text() }

// Infer requires two arrays of the same shape.
func (p PoolAt) Infer(in []Shape) ([]Shape, error) {
	out, err := p.pooled(in, "images x [N, C, H, W]", "values h [N, C, H, W]")
	if err == nil && !in[0].Equal(in[1]) {
		err = fmt.Errorf("operands differ in shape: %v and %v", in[0], in[1])
	}
	return out, err
}

// PoolGrad is the gradient of Pool. It adds every element of g [N, C, P, Q] to zeros
// [N, C, H, W], at the place of the window's maximum of x [N, C, H, W]; see PoolAt.
type PoolGrad struct{ Window }

func (p PoolGrad) String() string { return "pool_grad" + p.text() }

// Infer requires a g with the shape of the pooled x.
func (p PoolGrad) Infer(in []Shape) ([]Shape, error) {
	out, err := p.pooled(in, "images x [N, C, H, W]", "gradients g [N, C, P, Q]")
	if err != nil {
		return nil, err
	}
	if !in[1].Equal(out[0]) {
		return nil, fmt.Errorf("the gradient is %v, the pooled images are %v", in[1], out[0])
	}
	return []Shape{in[0]}, nil
}

// Divisor is the number by which PoolSum and PoolSpread divide.
type Divisor uint8

// The divisors.
const (
	ExcludePad Divisor = iota // the pixels of the window inside the image: a mean without the padding
	IncludePad                // Size[0]*Size[1]: a mean in which the padding counts as zeros
	NoDivisor                 // 1: a sum
)

func (s Divisor) String() string { return [...]string{"exclude pad", "include pad", "none"}[s] }

// PoolSum adds up the pixels of every window of images x [N, C, H, W] and divides the
// sum.
type PoolSum struct {
	Window
	Divisor Divisor
}

func (p PoolSum) String() string { return fmt.Sprintf("pool_sum%s, divisor %v", p.text(), p.Divisor) }

// Infer requires images.
func (p PoolSum) Infer(in []Shape) ([]Shape, error) { return p.pooled(in, "images x [N, C, H, W]") }

// PoolSpread is the gradient of PoolSum for images of size In: it adds every element
// of g [N, C, P, Q], divided, to the pixels of its window. With Stride = Size and
// NoDivisor it repeats pixels.
type PoolSpread struct {
	Window
	Divisor Divisor
	In      [2]int
}

func (p PoolSpread) String() string {
	return fmt.Sprintf("pool_spread%s, divisor %v, to %v", p.text(), p.Divisor, p.In)
}

// Infer requires a g with the shape of pooled images of size In.
func (p PoolSpread) Infer(in []Shape) ([]Shape, error) {
	if err := checkImages(in, "gradients g [N, C, P, Q]"); err != nil {
		return nil, err
	}
	g := in[0]
	out, err := p.Windows(p.In)
	if err != nil {
		return nil, err
	}
	if out != plane(g) {
		return nil, fmt.Errorf("images of %v pool to %v, the gradient is %v", p.In, out, plane(g))
	}
	return []Shape{{g[0], g[1], p.In[0], p.In[1]}}, nil
}
