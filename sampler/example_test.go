package sampler_test

import (
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/sampler"
)

func ExampleGaussianMixture() {
	var codes []float32 // around -5 and 5
	for i := range 1000 {
		side := float32(5 - 10*(i%2))
		codes = append(codes, side+float32(i%7)/10, 2*side)
	}
	m, err := sampler.GaussianMixture{Components: 2}.Fit(codes, 2)
	if err != nil {
		log.Fatal(err)
	}
	z, err := m.Draw(100, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("weights %.1f, %d values\n", m.Weights, len(z))
	// Output:
	// weights [0.5 0.5], 200 values
}

func ExampleSpherical() {
	z, err := sampler.Spherical([]float32{1, 0}, []float32{0, 1}, 3)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", z)
	// Output:
	// [1.00 0.00 0.71 0.71 0.00 1.00]
}
