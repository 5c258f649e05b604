package exact

// Layer maps the values of one sample to those of the next layer.
type Layer interface {
	// Sizes are the numbers of values that it takes and returns.
	Sizes() (in, out int)
	// apply writes its result for x to y. It does not keep them.
	apply(x, y []float64)
}

// Net is a sequence of layers. Its zero value is the identity.
type Net struct{ layers []Layer }

// Add appends layers. It reports whether each takes as many values as the one before
// it returns.
func (n *Net) Add(layers ...Layer) bool {
	for _, l := range layers {
		if k := len(n.layers); k > 0 {
			_, out := n.layers[k-1].Sizes()
			if in, _ := l.Sizes(); in != out {
				return false
			}
		}
		n.layers = append(n.layers, l)
	}
	return true
}

// Sizes are the numbers of values of the first layer's input and of the last one's
// output.
func (n *Net) Sizes() (in, out int) {
	if len(n.layers) == 0 {
		return 0, 0
	}
	in, _ = n.layers[0].Sizes()
	_, out = n.layers[len(n.layers)-1].Sizes()
	return in, out
}

// Room is memory for running nets. Each goroutine needs its own.
type Room struct{ a, b []float64 }

// Run returns the net's output for x, which is valid until the room is used again. It
// does not change x, which must not be in the room.
func (n *Net) Run(r *Room, x []float64) []float64 {
	for _, l := range n.layers {
		_, out := l.Sizes()
		if cap(r.a) < out {
			r.a = make([]float64, out)
		}
		y := r.a[:out]
		l.apply(x, y)
		x = y
		r.a, r.b = r.b, r.a
	}
	return x
}

// Dense is a fully connected layer, y = x W + Bias.
type Dense struct {
	In, Out int
	W       []float64 // [In, Out]
	Bias    []float64 // [Out]; nil is none
}

// Sizes implements Layer.
func (d Dense) Sizes() (in, out int) { return d.In, d.Out }

// apply adds the rows of W in their order. Rows of zeros of x add nothing, so they are
// left out; four at a time only save memory traffic.
func (d Dense) apply(x, y []float64) {
	clear(y)
	var rows [4][]float64
	var at [4]float64
	n := 0
	for i, v := range x {
		if v == 0 {
			continue
		}
		rows[n], at[n] = d.W[i*d.Out:][:len(y)], v
		if n++; n < len(rows) {
			continue
		}
		n = 0
		w0, w1, w2, w3 := rows[0][:len(y)], rows[1][:len(y)], rows[2][:len(y)], rows[3][:len(y)]
		x0, x1, x2, x3 := at[0], at[1], at[2], at[3]
		for j, s := range y {
			s += float64(x0 * w0[j])
			s += float64(x1 * w1[j])
			s += float64(x2 * w2[j])
			y[j] = s + float64(x3*w3[j])
		}
	}
	for k := range n {
		w, v := rows[k][:len(y)], at[k]
		for j, s := range y {
			y[j] = s + float64(v*w[j])
		}
	}
	for j, b := range d.Bias {
		y[j] += b
	}
}

// Affine is y = (x - Mean) Scale + Shift for each channel, as in batch normalisation
// outside training.
type Affine struct {
	Area               int // values of a channel
	Mean, Scale, Shift []float64
}

// Normalise is the Affine of a batch normalisation's weights and running statistics.
func Normalise(area int, mean, variance, gamma, beta []float64, epsilon float64) Affine {
	a := Affine{area, mean, make([]float64, len(mean)), beta}
	for i, g := range gamma {
		a.Scale[i] = g / sqrt(variance[i]+epsilon)
	}
	return a
}

// Sizes implements Layer.
func (a Affine) Sizes() (in, out int) { return a.Area * len(a.Mean), a.Area * len(a.Mean) }

func (a Affine) apply(x, y []float64) {
	for c, mean := range a.Mean {
		scale, shift := a.Scale[c], a.Shift[c]
		for i := c * a.Area; i < (c+1)*a.Area; i++ {
			y[i] = float64((x[i]-mean)*scale) + shift
		}
	}
}

// Product is the product, value by value, of the outputs of two nets with the same
// input.
type Product struct{ A, B Net }

// Sizes implements Layer.
func (p Product) Sizes() (in, out int) { return p.A.Sizes() }

func (p Product) apply(x, y []float64) {
	var r Room
	copy(y, p.A.Run(&r, x))
	for i, v := range p.B.Run(&r, x) {
		y[i] = float64(y[i] * v)
	}
}
