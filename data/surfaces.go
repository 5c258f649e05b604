// Surfaces: points on curved surfaces in space, to see what a plane cannot follow.

package data

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// NewSwissRoll returns n points "x" [3] on a rolled-up sheet, with normal noise of standard deviation .02, and their
// "label", which tenth of the way from the inner end to the outer one they are in, 0 to 9. A point at the part s of the
// way and h of the height, both uniform, is
//
//	r (cos a, 0, sin a) / 10 + (0, 2h - 1, 0),  a = 3/2 pi (1 + 2s),  r = a
//
// as in Marsland (2009), in a box of about 2 by 2 by 2. The same seed gives the same points.
func NewSwissRoll(seed uint64, n int) Set { return newSurface(swissRoll, seed, 0, n) }

// NewSCurve is NewSwissRoll on a sheet that is bent to an S:
//
//	(sin a, 2h - 1, sign(a) (cos a - 1) / 2),  a = 3 pi (s - 1/2)
func NewSCurve(seed uint64, n int) Set { return newSurface(sCurve, seed, 0, n) }

// surface is where a point is at part s of the way, in the plane across the height.
type surface func(s float64) (x, z float64)

func swissRoll(s float64) (x, z float64) {
	a := 1.5 * math.Pi * (1 + 2*s)
	return a * math.Cos(a) / 10, a * math.Sin(a) / 10
}

func sCurve(s float64) (x, z float64) {
	a := 3 * math.Pi * (s - 0.5)
	return math.Sin(a), math.Copysign(1, a) * (math.Cos(a) - 1) / 2
}

// surfaceNoise is the standard deviation of the noise of points.
const surfaceNoise = 0.02

func newSurface(f surface, seed, stream uint64, n int) Set {
	r := rand.New(rand.NewPCG(seed, stream))
	x, label := make([]float32, 0, 3*max(n, 0)), make([]float32, 0, max(n, 0))
	for range n {
		s, h := r.Float64(), r.Float64()
		u, v := f(s)
		for _, p := range [3]float64{u, 2*h - 1, v} {
			x = append(x, float32(p+surfaceNoise*r.NormFloat64()))
		}
		label = append(label, float32(math.Floor(10*s)))
	}
	set, err := InMemory(Array{Name: "x", Shape: []int{3}, Values: x}, Array{Name: "label", Classes: 10, Values: label})
	if err != nil {
		return nil
	}
	return set
}

// The numbers of points of a surface that is opened by its name.
const surfaceTrain, surfaceTest = 4000, 1000

// openSurface opens a surface by its name: "swiss-roll" or "s-curve".
func openSurface(name string, opts Options) (*Dataset, bool) {
	f, ok := map[string]surface{"swiss-roll": swissRoll, "s-curve": sCurve}[name]
	if !ok {
		return nil, false
	}
	return &Dataset{
		Name: name, Train: newSurface(f, opts.Seed, 0, surfaceTrain), Test: newSurface(f, opts.Seed, 1, surfaceTest),
		Source: fmt.Sprintf("generated %s, seed %d", name, opts.Seed),
	}, true
}
