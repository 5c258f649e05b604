package data_test

import (
	"fmt"
	"log"
	"time"

	"github.com/stheno-ml/stheno/data"
)

// A meter that was read every minute, but for a pause.
func ExampleNewWindows() {
	power, err := data.Table(data.Array{Shape: []int{1}, Values: []float32{5, 6, 7, 1, 2, 3}}, data.Array{})
	if err != nil {
		log.Fatal(err)
	}
	windows, err := data.NewWindows(power, data.WindowOptions{
		Length: 2,
		Time:   []float64{0, 60, 120, 900, 960, 1020},
		MaxGap: 90,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(windows)
	show(windows, nil)
	// Output:
	// 4 windows of 2 steps, 1 apart, over 6 steps of 1 channels
	// [x [1 2]]
	// [[5 6]]
	// [[6 7]]
	// [[1 2]]
	// [[2 3]]
}

// A model scores windows; the steps have the mean over the windows that they are in.
func ExampleWindows_Spread() {
	power, err := data.Table(data.Array{Shape: []int{1}, Values: []float32{5, 6, 90, 5}}, data.Array{})
	if err != nil {
		log.Fatal(err)
	}
	windows, err := data.NewWindows(power, data.WindowOptions{Length: 2})
	if err != nil {
		log.Fatal(err)
	}
	scores, err := windows.Spread([]float32{0.5, 8, 9})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(windows.Rows(2), scores)
	// Output: [2 3] [0.5 4.25 8.5 9]
}

func ExampleSeconds() {
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	fmt.Println(data.Seconds([]time.Time{first, first.Add(90 * time.Second)}))
	// Output: [0 90]
}
