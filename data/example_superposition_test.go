package data_test

import (
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/data"
)

func ExampleSuperposition() {
	s := data.Superposition{Features: 12, Dims: 4, Active: 2}
	directions, err := s.Directions()
	if err != nil {
		log.Fatal(err)
	}
	set, err := s.Samples(1_000_000) // drawn when they are read
	if err != nil {
		log.Fatal(err)
	}
	sample := data.NewSample(set)
	if err := set.Read(999_999, sample); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(directions), "directions;", set.Fields())
	// Output: 12 directions; [x [4] features [12]]
}
