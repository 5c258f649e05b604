package graph

import (
	"cmp"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// Draw identifies the stream of random numbers for a parameter's initial value.
type Draw struct {
	Seed uint64
	Name string // the parameter's full name
}

// Init fills w with the initial value of a parameter, in float64, in row-major
// order. Random numbers come from the seed and the parameter's name alone, so the
// value does not depend on the order of building. They are rounded to float32, so
// that float32 and float64 models start from the same values.
type Init func(d Draw, shape Shape, w []float64) error

// Zeros starts at 0.
func Zeros() Init { return Constant(0) }

// Ones starts at 1.
func Ones() Init { return Constant(1) }

// Constant starts at v.
func Constant(v float64) Init {
	return func(_ Draw, _ Shape, w []float64) error {
		for i := range w {
			w[i] = v
		}
		return nil
	}
}

// Uniform draws from the interval [lo, hi].
func Uniform(lo, hi float64) Init {
	return func(d Draw, _ Shape, w []float64) error {
		if !(lo <= hi) || math.IsInf(hi-lo, 0) {
			return fmt.Errorf("uniform start in [%g, %g]: want finite bounds in order", lo, hi)
		}
		d.each(w, func(word uint32) float64 { return lo + float64((hi-lo)*float64(lower.UniformOf(word))) })
		return nil
	}
}

// Normal draws from the normal distribution with the given mean and standard
// deviation.
func Normal(mean, std float64) Init {
	return func(d Draw, _ Shape, w []float64) error {
		if !(std >= 0) || math.IsInf(std, 0) || math.IsInf(mean, 0) || math.IsNaN(mean) {
			return fmt.Errorf("normal start of mean %g and standard deviation %g: want finite numbers, and a standard deviation of at least 0", mean, std)
		}
		d.each(w, func(word uint32) float64 { return mean + float64(std*float64(lower.NormalOf(word))) })
		return nil
	}
}

// each sets w[i], rounded to float32, from the i-th word of the stream: word
// i%4 of the Philox block with the counter (i/4, 0, 0, 2^32-1). No draw inside
// a graph has that last word.
func (d Draw) each(w []float64, f func(word uint32) float64) {
	key := lower.RandomKey(d.Seed, d.Name)
	for i := 0; i < len(w); i += 4 {
		words := lower.Philox4x32([4]uint32{uint32(i / 4), 0, 0, math.MaxUint32}, key)
		for k := range min(4, len(w)-i) {
			w[i+k] = float64(float32(f(words[k])))
		}
	}
}

// GlorotUniform draws from [-a, a], a = sqrt(6 / (fanIn + fanOut)): the start
// of Glorot and Bengio (2010), for layers followed by tanh, sigmoid or
// nothing. Fans of 0 are those of the shape; see Fans.
func GlorotUniform(fanIn, fanOut int) Init {
	return byFans(fanIn, fanOut, func(in, out float64) Init {
		a := math.Sqrt(6 / (in + out))
		return Uniform(-a, a)
	})
}

// GlorotNormal draws normals of variance 2 / (fanIn + fanOut), not truncated.
// Fans of 0 are those of the shape; see Fans.
func GlorotNormal(fanIn, fanOut int) Init {
	return byFans(fanIn, fanOut, func(in, out float64) Init { return Normal(0, math.Sqrt(2/(in+out))) })
}

// HeUniform draws from [-a, a], a = sqrt(6 / fanIn): the start of He et al.
// (2015), for layers followed by ReLU. A fan of 0 is that of the shape; see Fans.
func HeUniform(fanIn int) Init {
	return byFans(fanIn, 1, func(in, _ float64) Init {
		a := math.Sqrt(6 / in)
		return Uniform(-a, a)
	})
}

// HeNormal draws normals of variance 2 / fanIn, not truncated. A fan of 0 is that
// of the shape; see Fans.
func HeNormal(fanIn int) Init {
	return byFans(fanIn, 1, func(in, _ float64) Init { return Normal(0, math.Sqrt(2/in)) })
}

// byFans returns an Init that depends on the fans. It takes a fan of 0 from the
// shape.
func byFans(fanIn, fanOut int, start func(in, out float64) Init) Init {
	return func(d Draw, shape Shape, w []float64) error {
		if fanIn < 0 || fanOut < 0 {
			return fmt.Errorf("fans %d and %d: want positive numbers, or 0 for the fans of the shape", fanIn, fanOut)
		}
		in, out := fanIn, fanOut
		if in == 0 || out == 0 {
			i, o, err := Fans(shape)
			if err != nil {
				return err
			}
			in, out = cmp.Or(in, i), cmp.Or(out, o)
		}
		return start(float64(in), float64(out))(d, shape, w)
	}
}

// Fans returns how many inputs each output of a weight sums over, and how many
// outputs each input reaches. For a dense weight [in, out] these are in and out; for
// a convolution's filter [out, in, k...] they are in and out times the number of
// taps.
func Fans(shape Shape) (in, out int, err error) {
	if len(shape) < 2 {
		return 0, 0, fmt.Errorf("a weight of shape %v has no fans: want [in, out] or [out, in, k...], or give the fans", shape)
	}
	if len(shape) == 2 {
		return shape[0], shape[1], nil
	}
	taps := shape[2:].Size()
	return shape[1] * taps, shape[0] * taps, nil
}
