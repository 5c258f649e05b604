package metrics_test

import (
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/metrics"
)

// The classes of these codes differ in their first element.
func ExampleProbe() {
	codes, label := []float64{-2, 1, -1, 5, 1, 1, 2, 5}, []int{0, 0, 1, 1}
	s, err := metrics.Probe{L2: 0.01}.Fit(codes, 2, label)
	if err != nil {
		log.Fatal(err)
	}
	wrong, err := s.Error(codes, label)
	fmt.Println(wrong, err)
	// Output: 0 <nil>
}

// The points are near a line through the origin.
func ExampleFitPCA() {
	p, err := metrics.FitPCA([]float64{3, 4, -3, -4, 6, 8, -6, -8}, 2, 1)
	if err != nil {
		log.Fatal(err)
	}
	angles, err := metrics.PrincipalAngles(p.Directions, []float64{1, 0}, 2)
	fmt.Printf("%.2f %v\n", angles, err)
	// Output: [53.13] <nil>
}
