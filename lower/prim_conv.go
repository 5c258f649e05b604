package lower

import "fmt"

// Margins are rows and columns added around an image.
type Margins struct{ Top, Bottom, Left, Right int }

// Along returns the margins before and after the rows (axis 0) or the columns (axis
// 1).
func (m Margins) Along(axis int) (before, after int) {
	if axis == 0 {
		return m.Top, m.Bottom
	}
	return m.Left, m.Right
}

// Geometry is how a kernel moves over an image; rows first, columns second.
type Geometry struct {
	Stride   [2]int  // from one window to the next, at least 1
	Dilation [2]int  // from one tap of the kernel to the next, at least 1
	Pad      Margins // of zeros, at least 0
	// Groups divides channels and kernels into that many consecutive groups. Each
	// group of kernels reads only its group of channels. 0 is one group.
	Groups int
}

// ChannelGroups returns the number of groups, at least 1.
func (g Geometry) ChannelGroups() int { return max(1, g.Groups) }

// text has all attributes, as listings show them.
func (g Geometry) text() string {
	groups := ""
	if g.Groups > 1 {
		groups = fmt.Sprintf(", groups %d", g.Groups)
	}
	return fmt.Sprintf("[stride %v, dilation %v, pad %d:%d %d:%d%s]",
		g.Stride, g.Dilation, g.Pad.Top, g.Pad.Bottom, g.Pad.Left, g.Pad.Right, groups)
}

// checkGroups returns an error unless the groups divide the channels and the kernels.
func (g Geometry) checkGroups(channels, kernels int) error {
	if n := g.ChannelGroups(); channels%n != 0 || kernels%n != 0 {
		return fmt.Errorf("%d groups of %d channels and %d kernels: want a number that divides both", n, channels, kernels)
	}
	return nil
}

// Windows returns the number of windows of a kernel along each axis of an image,
// which is the size of the result: (in + before + after - dilation*(kernel-1) -
// 1)/stride + 1, rounded down.
func (g Geometry) Windows(image, kernel [2]int) ([2]int, error) {
	var out [2]int
	for a, what := range [...]string{"rows", "columns"} {
		before, after := g.Pad.Along(a)
		switch {
		case g.Stride[a] < 1:
			return out, fmt.Errorf("stride %d along the %s: want at least 1", g.Stride[a], what)
		case g.Dilation[a] < 1:
			return out, fmt.Errorf("dilation %d along the %s: want at least 1", g.Dilation[a], what)
		case before < 0 || after < 0:
			return out, fmt.Errorf("padding %d and %d along the %s: want at least 0", before, after, what)
		case kernel[a] < 1 || image[a] < 1:
			return out, fmt.Errorf("%s: kernel %d on an image of %d: want at least 1", what, kernel[a], image[a])
		case max(before, after, kernel[a], g.Dilation[a], g.Stride[a]) > 1<<30:
			return out, fmt.Errorf("kernel, stride, dilation and padding along the %s must be below 2^30", what)
		}
		taps := int64(g.Dilation[a])*int64(kernel[a]-1) + 1
		padded := int64(image[a]) + int64(before) + int64(after)
		if taps > padded {
			return out, fmt.Errorf("%s: the kernel covers %d (kernel %d, dilation %d), the padded image has %d", what, taps, kernel[a], g.Dilation[a], padded)
		}
		out[a] = int((padded-taps)/int64(g.Stride[a])) + 1
	}
	return out, nil
}

// Conv correlates images x [N, C, H, W] with kernels w [O, C/G, KH, KW], for G groups:
//
//	y[n,o,p,q] = sum over c,i,j of w[o,c,i,j] * x[n, c0+c, p*stride+i*dilation-top, q*stride+j*dilation-left]
//
// where x is zero outside of the image, and c0 is the first channel of the group of
// kernel o.
type Conv struct{ Geometry }

func (p Conv) String() string { return "conv" + p.text() }

// Infer requires kernels with as many channels as a group of the images has.
func (p Conv) Infer(in []Shape) ([]Shape, error) {
	if err := checkImages(in, "images x [N, C, H, W]", "kernels w [O, C/groups, KH, KW]"); err != nil {
		return nil, err
	}
	x, w := in[0], in[1]
	if err := p.checkGroups(x[1], w[0]); err != nil {
		return nil, err
	}
	if n := p.ChannelGroups(); x[1] != n*w[1] {
		if n > 1 {
			return nil, fmt.Errorf("the images have %d channels in %d groups, the kernels %d: want %d", x[1], n, w[1], x[1]/n)
		}
		return nil, fmt.Errorf("the images have %d channels, the kernels %d", x[1], w[1])
	}
	out, err := p.Windows(plane(x), plane(w))
	if err != nil {
		return nil, err
	}
	return []Shape{{x[0], w[0], out[0], out[1]}}, nil
}

// ConvData is the gradient of Conv with respect to the images, of size In,
// given the gradient dy [N, O, P, Q] of its result and the kernels
// w [O, C/G, KH, KW]. It is also the transposed convolution.
type ConvData struct {
	Geometry
	In [2]int
}

func (p ConvData) String() string { return fmt.Sprintf("conv_data%s to %v", p.text(), p.In) }

// Infer requires a dy that Conv can return for images of size In.
func (p ConvData) Infer(in []Shape) ([]Shape, error) {
	if err := checkImages(in, "gradients dy [N, O, P, Q]", "kernels w [O, C/groups, KH, KW]"); err != nil {
		return nil, err
	}
	dy, w := in[0], in[1]
	if dy[1] != w[0] {
		return nil, fmt.Errorf("the gradient has %d channels, but there are %d kernels", dy[1], w[0])
	}
	channels := w[1] * p.ChannelGroups()
	if err := p.checkGroups(channels, w[0]); err != nil {
		return nil, err
	}
	if err := p.checkWindows(p.In, plane(w), plane(dy)); err != nil {
		return nil, err
	}
	return []Shape{{dy[0], channels, p.In[0], p.In[1]}}, nil
}

// ConvFilter is the gradient of Conv with respect to the kernels, of size
// Kernel, given the images x [N, C, H, W] and the gradient dy [N, O, P, Q] of
// its result. It is [O, C/G, KH, KW].
type ConvFilter struct {
	Geometry
	Kernel [2]int
}

func (p ConvFilter) String() string { return fmt.Sprintf("conv_filter%s of %v", p.text(), p.Kernel) }

// Infer requires a dy that Conv can return for kernels of size Kernel.
func (p ConvFilter) Infer(in []Shape) ([]Shape, error) {
	if err := checkImages(in, "images x [N, C, H, W]", "gradients dy [N, O, P, Q]"); err != nil {
		return nil, err
	}
	x, dy := in[0], in[1]
	if x[0] != dy[0] {
		return nil, fmt.Errorf("there are %d images and %d gradients", x[0], dy[0])
	}
	if err := p.checkGroups(x[1], dy[1]); err != nil {
		return nil, err
	}
	if err := p.checkWindows(plane(x), p.Kernel, plane(dy)); err != nil {
		return nil, err
	}
	return []Shape{{dy[1], x[1] / p.ChannelGroups(), p.Kernel[0], p.Kernel[1]}}, nil
}

// checkWindows returns an error unless the kernel has out windows on the image.
func (g Geometry) checkWindows(image, kernel, out [2]int) error {
	got, err := g.Windows(image, kernel)
	if err == nil && got != out {
		err = fmt.Errorf("a %v kernel%s on an image of %v has %v windows, not %v", kernel, g.text(), image, got, out)
	}
	return err
}

// checkImages returns an error unless there is an operand of rank 4 for each name.
func checkImages(in []Shape, names ...string) error {
	if err := checkOperands(in, len(names)); err != nil {
		return err
	}
	for i, s := range in {
		if len(s) != 4 {
			return fmt.Errorf("operand %d is %v, want %s", i, s, names[i])
		}
	}
	return nil
}

// plane returns the last two extents of a shape of rank 4.
func plane(s Shape) [2]int { return [2]int{s[2], s[3]} }
