package baseline

// Checks that each net is the one described: its loss against plain loops over
// the same weights.

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// values are a net's weights by name.
type values map[string][]float64

// affine is x w + bias for one image.
func (v values) affine(name string, x []float64) []float64 {
	y := append([]float64(nil), v[name+".bias"]...)
	for i, a := range x {
		for j := range y {
			y[j] += a * v[name+".w"][i*len(y)+j]
		}
	}
	return y
}

func (v values) dense(x, _ []float64) float64 {
	h := x
	for i := range 5 {
		h = apply(plainReLU, v.affine(fmt.Sprintf("dense%d", i+1), h))
	}
	return plainCrossEntropy(v.affine("logits", h), x) / pixels
}

func (v values) vae(x, noise []float64) float64 {
	h := apply(plainReLU, v.affine("encoder", x))
	mu, logVar := v.affine("mu", h), v.affine("logVar", h)
	z, kl := make([]float64, len(mu)), 0.
	for i := range z {
		z[i] = mu[i] + math.Exp(logVar[i]/2)*noise[i]
		kl -= (1 + logVar[i] - mu[i]*mu[i] - math.Exp(logVar[i])) / 2
	}
	return plainCrossEntropy(v.affine("logits", apply(plainReLU, v.affine("decoder", z))), x) + kl
}

func (v values) lstm(x, _ []float64) float64 {
	h, c := make([]float64, 128), make([]float64, 128)
	for row := range side {
		v.cell("encoder", x[row*side:(row+1)*side], h, c)
	}
	code, loss := v.affine("code", h), 0.
	h, c = make([]float64, 128), make([]float64, 128)
	for row := range side {
		v.cell("decoder", code, h, c)
		loss += plainCrossEntropy(v.affine("logits", h), x[row*side:(row+1)*side])
	}
	return loss / pixels
}

// cell changes the state h, c in place.
func (v values) cell(name string, x, h, c []float64) {
	gate := func(name string, f func(float64) float64) []float64 {
		y := append([]float64(nil), v[name+".bias"]...)
		for j := range y {
			for i, a := range x {
				y[j] += a * v[name+".x"][i*len(y)+j]
			}
			for i, a := range h {
				y[j] += a * v[name+".h"][i*len(y)+j]
			}
		}
		return apply(f, y)
	}
	in, forget := gate(name+".input", plainSigmoid), gate(name+".forget", plainSigmoid)
	candidate, out := gate(name+".candidate", math.Tanh), gate(name+".output", plainSigmoid)
	for j := range h {
		c[j] = forget[j]*c[j] + in[j]*candidate[j]
		h[j] = out[j] * math.Tanh(c[j])
	}
}

func (v values) conv(x, _ []float64) float64 {
	h := plainPool(apply(plainReLU, v.conv3("conv1", x, side, 1, 16)), side)
	h = plainPool(apply(plainReLU, v.conv3("conv2", h, 14, 16, 8)), 14)
	h = apply(plainReLU, v.conv3("conv3", h, 7, 8, 8))
	h = plainUp(apply(plainReLU, v.conv3("conv4", h, 7, 8, 8)), 7)
	h = plainUp(apply(plainReLU, v.conv3("conv5", h, 14, 8, 8)), 14)
	h = apply(plainReLU, v.conv3("conv6", h, side, 8, 16))
	return plainCrossEntropy(v.conv3("logits", h, side, 16, 1), x) / pixels
}

// conv3 maps x [in,n,n] to [out,n,n], zeros around it.
func (v values) conv3(name string, x []float64, n, in, out int) []float64 {
	y := make([]float64, out*n*n)
	for at := range y {
		o, r, c := at/(n*n), at/n%n, at%n
		y[at] = v[name+".bias"][o]
		for k := range in * 9 {
			i, kr, kc := k/9, r+k/3%3-1, c+k%3-1
			if kr >= 0 && kr < n && kc >= 0 && kc < n {
				y[at] += x[(i*n+kr)*n+kc] * v[name+".w"][o*in*9+k]
			}
		}
	}
	return y
}

// plainPool maps x [channels,n,n] to [channels,n/2,n/2].
func plainPool(x []float64, n int) []float64 {
	y := make([]float64, len(x)/4)
	for at := range y {
		from := at/(n/2)*2*n + at%(n/2)*2
		y[at] = max(x[from], x[from+1], x[from+n], x[from+n+1])
	}
	return y
}

// plainUp maps x [channels,n,n] to [channels,2n,2n].
func plainUp(x []float64, n int) []float64 {
	y := make([]float64, len(x)*4)
	for at := range y {
		y[at] = x[at/(4*n)*n+at%(2*n)/2]
	}
	return y
}

func apply(f func(float64) float64, x []float64) []float64 {
	for i := range x {
		x[i] = f(x[i])
	}
	return x
}

func plainReLU(x float64) float64    { return math.Max(x, 0) }
func plainSigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// plainCrossEntropy is the sum over the elements.
func plainCrossEntropy(z, t []float64) float64 {
	sum := 0.
	for i, z := range z {
		sum += math.Max(z, 0) - z*t[i] + math.Log1p(math.Exp(-math.Abs(z)))
	}
	return sum
}

func TestLossMatchesPlainLoops(t *testing.T) {
	const batch = 2
	x := strokes(batch)
	for _, c := range []struct {
		model string
		loss  func(v values, x, noise []float64) float64
	}{
		{"dense", values.dense},
		{"conv", values.conv},
		{"vae", values.vae},
		{"lstm", values.lstm},
	} {
		net := openFloat64(t, c.model, 3)
		train(t, net, x, 2) // biases away from zero
		v := values{}
		for _, w := range net.train.learnables {
			v[w.Name()] = append([]float64(nil), w.Value().Data().([]float64)...)
		}
		got, err := net.gradients(x)
		require.NoError(t, err)
		want := 0.
		for image := range batch {
			plain, noise := make([]float64, pixels), []float64(nil)
			for i := range plain {
				plain[i] = float64(x[image*pixels+i])
			}
			if net.train.noise != nil {
				all := net.train.noise.Value().Data().([]float64)
				noise = all[image*len(all)/batch : (image+1)*len(all)/batch]
			}
			want += c.loss(v, plain, noise) / batch
		}
		require.InEpsilon(t, want, got, 1e-6, c.model) // softplus(z) is z from 16 on in Gorgonia
	}
}
