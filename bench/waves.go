package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/stheno-ml/stheno/data"
)

// waves is a data.Set of generated images of any shape [channels, rows, columns].
// Each channel has a few plane waves of random direction, length and strength,
// squashed into (0,1). They replace photographs if only the shape of the data
// matters. An autoencoder can learn them.
type waves struct {
	seed  uint64
	n     int
	shape []int
}

// wavesOf is a data set of generated images.
func wavesOf(shape []int, seed uint64) *data.Dataset {
	return &data.Dataset{
		Name:   fmt.Sprintf("waves of %v", shape),
		Train:  waves{seed, 4096, shape},
		Test:   waves{seed + 1, 1024, shape},
		Source: "generated: only the shape of the data matters for this model's step",
	}
}

func (w waves) Len() int             { return w.n }
func (w waves) Fields() []data.Field { return []data.Field{{Name: "x", Shape: w.shape}} }

// Read fills the only field, x, with image i.
func (w waves) Read(i int, to [][]float32) error {
	if i < 0 || i >= w.n {
		return fmt.Errorf("waves: sample %d of %d", i, w.n)
	}
	r := rand.New(rand.NewPCG(w.seed, uint64(i)))
	x, rows, columns := to[0], w.shape[1], w.shape[2]
	sum := make([]float64, rows*columns)
	for c := range w.shape[0] {
		clear(sum)
		for range 3 {
			w.add(sum, columns, r)
		}
		for k, v := range sum {
			x[c*rows*columns+k] = float32(1 / (1 + math.Exp(-v)))
		}
	}
	return nil
}

// add adds a wave of one to four periods across the image.
func (w waves) add(sum []float64, columns int, r *rand.Rand) {
	angle, phase := 2*math.Pi*r.Float64(), 2*math.Pi*r.Float64()
	strength, periods := 0.5+1.5*r.Float64(), 1+3*r.Float64()
	along := 2 * math.Pi * periods / float64(columns)
	dy, dx := along*math.Sin(angle), along*math.Cos(angle)
	for k := range sum {
		sum[k] += strength * math.Sin(dy*float64(k/columns)+dx*float64(k%columns)+phase)
	}
}
