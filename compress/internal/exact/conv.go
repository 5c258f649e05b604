package exact

// Geometry is how square kernels move over images: with the given stride, over an image
// of Rows and Columns with Top rows and Left columns of zeros before it, to Down rows
// and Across columns of windows.
type Geometry struct {
	Kernel, Stride int
	Rows, Columns  int
	Top, Left      int
	Down, Across   int
}

// SameGeometry pads so that there is a window for every stride-th pixel; an odd row or
// column of padding is after the image.
func SameGeometry(rows, columns, kernel, stride int) Geometry {
	windows := func(n int) (count, before int) {
		count = (n + stride - 1) / stride
		return count, max(0, (count-1)*stride+kernel-n) / 2
	}
	g := Geometry{Kernel: kernel, Stride: stride, Rows: rows, Columns: columns}
	g.Down, g.Top = windows(rows)
	g.Across, g.Left = windows(columns)
	return g
}

// overlap is the range of windows p, from first to end-1, whose cell k lies within n
// cells, of which margin is before the first.
func overlap(k, margin, stride, windows, n int) (first, end int) {
	// 0 <= p stride + k - margin < n
	first = max(0, (margin-k+stride-1)/stride)
	if last := n - 1 + margin - k; last >= 0 {
		end = min(windows, last/stride+1)
	}
	return first, max(first, end)
}

// Conv is a convolution from In to Out channels.
type Conv struct {
	Geometry
	In, Out int
	W       []float64 // [Out, In, Kernel, Kernel]
	Bias    []float64 // [Out]; nil is none
}

// Sizes implements Layer.
func (c Conv) Sizes() (in, out int) { return c.In * c.Rows * c.Columns, c.Out * c.Down * c.Across }

// apply sums over channels, then rows, then columns of the kernel.
func (c Conv) apply(x, y []float64) {
	clear(y)
	area := c.Down * c.Across
	for o := range c.Out {
		to := y[o*area:][:area]
		for i := range c.In {
			from := x[i*c.Rows*c.Columns:][:c.Rows*c.Columns]
			for k := range c.Kernel * c.Kernel {
				c.taps(k, c.W[(o*c.In+i)*c.Kernel*c.Kernel+k], from, to, false)
			}
		}
		addBias(to, c.Bias, o)
	}
}

// taps adds cell k of a kernel times its weight: of the image to the windows, or of
// the windows to the image.
func (g Geometry) taps(k int, w float64, image, windows []float64, toImage bool) {
	row, column := k/g.Kernel, k%g.Kernel
	p0, p1 := overlap(row, g.Top, g.Stride, g.Down, g.Rows)
	q0, q1 := overlap(column, g.Left, g.Stride, g.Across, g.Columns)
	for p := p0; p < p1; p++ {
		at := (p*g.Stride+row-g.Top)*g.Columns + q0*g.Stride + column - g.Left
		for q := q0; q < q1; q++ {
			if v := &windows[p*g.Across+q]; toImage {
				image[at] += float64(w * *v)
			} else {
				*v += float64(w * image[at])
			}
			at += g.Stride
		}
	}
}

// ConvTranspose is the transposed convolution from In to Out channels: from windows to
// images of its geometry.
type ConvTranspose struct {
	Geometry
	In, Out int
	W       []float64 // [In, Out, Kernel, Kernel]
	Bias    []float64 // [Out]; nil is none
}

// Sizes implements Layer.
func (c ConvTranspose) Sizes() (in, out int) {
	return c.In * c.Down * c.Across, c.Out * c.Rows * c.Columns
}

// apply sums over channels, then rows, then columns of the kernel.
func (c ConvTranspose) apply(x, y []float64) {
	clear(y)
	area := c.Rows * c.Columns
	for o := range c.Out {
		to := y[o*area:][:area]
		for i := range c.In {
			from := x[i*c.Down*c.Across:][:c.Down*c.Across]
			for k := range c.Kernel * c.Kernel {
				c.taps(k, c.W[(i*c.Out+o)*c.Kernel*c.Kernel+k], to, from, true)
			}
		}
		addBias(to, c.Bias, o)
	}
}

func addBias(y, bias []float64, channel int) {
	if bias == nil {
		return
	}
	for i := range y {
		y[i] += bias[channel]
	}
}
