package code

import (
	"math/rand/v2"
	"testing"

	"github.com/stheno-ml/stheno/lower"
)

// randomConv is a convolution of any geometry that fits.
func randomConv(r *rand.Rand) convCase {
	upTo := func(n int) int { return 1 + r.IntN(n) }
	for {
		c := convCase{n: upTo(5), c: upTo(9), o: upTo(9), size: [2]int{upTo(11), upTo(11)}, kernel: [2]int{upTo(5), upTo(5)}}
		c.geometry = lower.Geometry{Stride: [2]int{upTo(3), upTo(3)}, Dilation: [2]int{upTo(3), upTo(3)}}
		c.geometry.Pad = lower.Margins{Top: r.IntN(4), Bottom: r.IntN(4), Left: r.IntN(4), Right: r.IntN(4)}
		if _, err := c.geometry.Windows(c.size, c.kernel); err == nil {
			return c
		}
	}
}

// addRandom adds a convolution and its gradients, and a product of matrices
// that are views: some are reversed or have stride 2.
func addRandom(t testing.TB, s *battery, r *rand.Rand) {
	c := randomConv(r)
	x, w, y := c.shapes(t)
	s.add(func(f *lower.Func, in []lower.Value) []lower.Value {
		return []lower.Value{
			f.Apply(lower.Conv{Geometry: c.geometry}, in[0], in[1])[0],
			f.Apply(lower.ConvData{Geometry: c.geometry, In: c.size}, in[2], in[1])[0],
			f.Apply(lower.ConvFilter{Geometry: c.geometry, Kernel: c.kernel}, in[0], in[2])[0],
		}
	}, x, w, y)
	m, n, k, step, turned := 1+r.IntN(90), 1+r.IntN(90), 1+r.IntN(200), 1+r.IntN(2), r.IntN(2) > 0
	s.add(func(f *lower.Func, in []lower.Value) []lower.Value {
		a := f.Slice(f.Apply(lower.Flip{Axes: []int{r.IntN(3)}}, in[0])[0], 2, 0, k*step, step)
		return []lower.Value{f.MatMul(a, back(f, in[1], turned))}
	}, lower.Shape{1, m, k * step}, turn(turned, 1, k, n))
}

func TestRandomProducts(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	var s battery
	for range 8 {
		addRandom(t, &s, r)
	}
	f := s.function()
	check(t, f, inputs(f, 7), near)
}

func FuzzProducts(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		var s battery
		addRandom(t, &s, rand.New(rand.NewPCG(seed, 0)))
		of := s.function()
		check(t, of, inputs(of, seed), near)
	})
}
