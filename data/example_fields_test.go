package data_test

import (
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/stheno-ml/stheno/data"
)

// three is a set of three points and their classes.
func three() data.Set {
	set, err := data.InMemory(
		data.Array{Name: "x", Shape: []int{2}, Values: []float32{1, 2, 3, 4, 5, 6}},
		data.Labels([]int{2, 0, 1}),
	)
	if err != nil {
		log.Fatal(err)
	}
	return set
}

// show prints the fields of a set and its samples.
func show(set data.Set, err error) {
	if err != nil {
		log.Fatal(err)
	}
	sample := data.NewSample(set)
	fmt.Println(set.Fields())
	for i := range set.Len() {
		if err := set.Read(i, sample); err != nil {
			log.Fatal(err)
		}
		fmt.Println(sample)
	}
}

// A net with an input "condition" gets the class of each sample.
func ExampleOneHot() {
	set, err := data.OneHot(three(), "label")
	if err != nil {
		log.Fatal(err)
	}
	show(data.Rename(set, "label", "condition"))
	// Output:
	// [x [2] condition [3]]
	// [[1 2] [0 0 1]]
	// [[3 4] [1 0 0]]
	// [[5 6] [0 1 0]]
}

// The function makes a noisy x beside the clean target.
func ExampleMap() {
	made := []data.Field{{Name: "x", Shape: []int{2}}, {Name: "target", Shape: []int{2}}}
	show(data.Map(three(), made, 1, func(i int, r *rand.Rand, from, to [][]float32) error {
		copy(to[1], from[0])
		for k, v := range from[0] {
			to[0][k] = v + float32(r.IntN(8)-4)/8
		}
		return nil
	}))
	// Output:
	// [x [2] label [] of 3 classes target [2]]
	// [[0.625 1.625] [2] [1 2]]
	// [[2.75 4.125] [0] [3 4]]
	// [[4.5 5.625] [1] [5 6]]
}

func ExampleSelect() {
	show(data.Select(three(), "label"))
	// Output:
	// [label [] of 3 classes]
	// [[2]]
	// [[0]]
	// [[1]]
}

func ExampleReshape() {
	show(data.Reshape(three(), "x", 1, 1, 2))
	// Output:
	// [x [1 1 2] label [] of 3 classes]
	// [[1 2] [2]]
	// [[3 4] [0]]
	// [[5 6] [1]]
}

// Weights computed elsewhere become a field of the set.
func ExampleWith() {
	weights, err := data.InMemory(data.Array{Name: "weight", Values: []float32{1, .5, .25}})
	if err != nil {
		log.Fatal(err)
	}
	show(data.With(three(), weights))
	// Output:
	// [x [2] label [] of 3 classes weight []]
	// [[1 2] [2] [1]]
	// [[3 4] [0] [0.5]]
	// [[5 6] [1] [0.25]]
}

func ExampleOfClasses() {
	show(data.OfClasses(three(), "label", 0, 1))
	// Output:
	// [x [2] label [] of 3 classes]
	// [[3 4] [0]]
	// [[5 6] [1]]
}

// Arrays of an npz file, however NumPy stored them, become rows and their labels.
func ExampleNPZ_Table() {
	file, err := data.OpenNPZ("testdata/flowers.npz")
	if err != nil {
		log.Fatal(err)
	}
	show(file.Table("X", "y"))
	// Output:
	// [x [3] label [] of 2 classes]
	// [[5.1 3.5 1.4] [0]]
	// [[4.9 3 1.4] [0]]
	// [[7 3.2 4.7] [1]]
	// [[6.4 3.2 4.5] [1]]
}

func ExampleOpenNPZ() {
	file, err := data.OpenNPZ("testdata/flowers.npz")
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range file.Arrays {
		fmt.Println(a.Name, a.Len(), a.Shape, a.Values[:3])
	}
	// Output:
	// X 4 [3] [5.1 3.5 1.4]
	// y 4 [] [0 0 1]
}

// A net that reads "target" in place of "x".
func ExampleRename() {
	show(data.Rename(three(), "x", "target"))
	// Output:
	// [target [2] label [] of 3 classes]
	// [[1 2] [2]]
	// [[3 4] [0]]
	// [[5 6] [1]]
}
