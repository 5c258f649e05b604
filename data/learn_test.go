// How hard the generated digits are, compared with MNIST at the same size: softmax regression .90, nearest neighbour
// .92, error left by 16 principal components .0270.

package data

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// sparse is an image without its black pixels.
type sparse struct {
	at    []int
	value []float64
	label int
}

func sparseDigits(seed uint64, n int) []sparse {
	d := newDigits(seed, 0, n)
	images := make([]sparse, n)
	for i := range images {
		var pix bitmap
		images[i].label = d.draw(i, &pix)
		for k, p := range pix {
			if p > 0 {
				images[i].at = append(images[i].at, k)
				images[i].value = append(images[i].value, float64(p)/255)
			}
		}
	}
	return images
}

func (s *sparse) dot(w []float64) (sum float64) {
	for k, at := range s.at {
		sum += s.value[k] * w[at]
	}
	return sum
}

func (s *sparse) addTo(w []float64, times float64) {
	for k, at := range s.at {
		w[at] += times * s.value[k]
	}
}

func TestDigitsAreLearntButNotByALinearModel(t *testing.T) {
	images := sparseDigits(1, 2500)
	train, test := images[:2000], images[2000:]
	linear, nearest := softmaxAccuracy(train, test), neighbourAccuracy(train, test)
	t.Logf("softmax regression %.3f, nearest neighbour %.3f", linear, nearest)
	require.Less(t, linear, .95, "a linear model solves the digits")
	require.Greater(t, linear, .80, "the digits of one class have nothing in common")
	require.Greater(t, nearest, .85, "the digits cannot be told apart")
}

func TestDigitsNeedAsManyComponentsAsMNIST(t *testing.T) {
	images := sparseDigits(2, 2500)
	mse := componentError(images[:2000], images[2000:], 16)
	t.Logf("test MSE with 16 principal components %.4f", mse)
	require.InDelta(t, .0270, mse, .003)
}

// softmaxAccuracy trains softmax regression on raw pixels by stochastic gradient descent.
func softmaxAccuracy(train, test []sparse) float64 {
	var w [10][]float64 // with the bias at the end
	for c := range w {
		w[c] = make([]float64, side*side+1)
	}
	scores := func(s *sparse) (z [10]float64, best int) {
		for c := range z {
			z[c] = s.dot(w[c]) + w[c][side*side]
			if z[c] > z[best] {
				best = c
			}
		}
		return z, best
	}
	g := splitMix(1)
	const epochs = 12
	for step := range epochs * len(train) {
		rate := .03 / (1 + 4*float64(step)/float64(len(train)*epochs))
		s := &train[g.below(len(train))]
		z, best := scores(s)
		sum, top := 0., z[best]
		for c := range z {
			z[c] = math.Exp(z[c] - top)
			sum += z[c]
		}
		for c := range z {
			slope := z[c] / sum
			if c == s.label {
				slope--
			}
			s.addTo(w[c], -rate*slope)
			w[c][side*side] -= rate * slope
		}
	}
	right := 0
	for i := range test {
		if _, best := scores(&test[i]); best == test[i].label {
			right++
		}
	}
	return float64(right) / float64(len(test))
}

// neighbourAccuracy labels each test image like the train image nearest to it.
func neighbourAccuracy(train, test []sparse) float64 {
	right := 0
	for i := range test {
		x := make([]float64, side*side)
		test[i].addTo(x, 1)
		least, label := math.Inf(1), -1
		for k := range train {
			s := &train[k]
			squares := 0.
			for _, v := range s.value {
				squares += v * v
			}
			if d := squares - 2*s.dot(x); d < least {
				least, label = d, s.label
			}
		}
		if label == test[i].label {
			right++
		}
	}
	return float64(right) / float64(len(test))
}

// componentError returns the mean squared error per pixel of the test images rebuilt from the first k principal
// components of the train images, which subspace iteration finds.
func componentError(train, test []sparse, k int) float64 {
	mean := make([]float64, side*side)
	for i := range train {
		train[i].addTo(mean, 1/float64(len(train)))
	}
	g := splitMix(3)
	basis := make([][]float64, k)
	for a := range basis {
		basis[a] = make([]float64, side*side)
		for j := range basis[a] {
			basis[a][j] = float64(g.normal(1000))
		}
	}
	orthonormalise(basis)
	for range 8 {
		for a, q := range basis {
			next := make([]float64, side*side)
			shift := dotOf(q, mean)
			for i := range train { // the centred images' codes sum to 0, so the mean need not be subtracted again
				train[i].addTo(next, train[i].dot(q)-shift)
			}
			basis[a] = next
		}
		orthonormalise(basis)
	}
	left := 0.
	for i := range test {
		x := make([]float64, side*side)
		test[i].addTo(x, 1)
		for j := range x {
			x[j] -= mean[j]
		}
		left += dotOf(x, x)
		for _, q := range basis {
			code := dotOf(x, q)
			left -= code * code
		}
	}
	return left / float64(len(test)*side*side)
}

func orthonormalise(basis [][]float64) {
	for a, q := range basis {
		for _, p := range basis[:a] {
			d := dotOf(p, q)
			for j := range q {
				q[j] -= d * p[j]
			}
		}
		norm := math.Sqrt(dotOf(q, q))
		for j := range q {
			q[j] /= norm
		}
	}
}

func dotOf(a, b []float64) (sum float64) {
	for j := range a {
		sum += a[j] * b[j]
	}
	return sum
}
