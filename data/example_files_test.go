package data_test

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno/data"
)

// scratch is a folder for an example's files; remove it after use.
func scratch() string {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	return dir
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Codes of a model go to NumPy, and come back.
func ExampleSaveNPY() {
	dir := scratch()
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "codes.npy")
	check(data.SaveNPY(path, data.Array{Shape: []int{2}, Values: []float32{.5, 1, 1.5, 2}}, ""))
	a, err := data.OpenNPY(path)
	check(err)
	fmt.Println(a.Name, a.Len(), a.Shape, a.Values)
	// Output:
	// x 2 [2] [0.5 1 1.5 2]
}

func ExampleWriteNPZ() {
	var file bytes.Buffer
	check(data.WriteNPZ(&file, "", data.Array{Name: "X", Shape: []int{2}, Values: []float32{.5, 1, 1.5, 2}}, data.Labels([]int{0, 1})))
	path := filepath.Join(scratch(), "table.npz")
	defer os.RemoveAll(filepath.Dir(path))
	check(os.WriteFile(path, file.Bytes(), 0o644))
	archive, err := data.OpenNPZ(path)
	check(err)
	show(archive.Table("X", "label"))
	// Output:
	// [x [2] label [] of 2 classes]
	// [[0.5 1] [0]]
	// [[1.5 2] [1]]
}

// The variables of a mat file, stored column by column, become rows and their labels.
func ExampleMAT_Table() {
	file, err := data.OpenMAT("testdata/flowers.mat")
	check(err)
	show(file.Table("X", "y"))
	_, err = file.Array("names")
	fmt.Println(err)
	// Output:
	// [x [3] label [] of 2 classes]
	// [[5.1 3.5 1.4] [0]]
	// [[4.9 3 1.4] [0]]
	// [[7 3.2 4.7] [1]]
	// [[6.4 3.2 4.5] [1]]
	// testdata/flowers.mat: array "names": it is a cell array: only full arrays of numbers can be read
}

// A sound becomes samples for a net of one axis: half a second each, a quarter of a second apart.
func ExampleWAV_Windows() {
	path := filepath.Join(scratch(), "tone.wav")
	defer os.RemoveAll(filepath.Dir(path))
	check(data.SaveWAV(path, &data.WAV{Rate: 8, Channels: 1, Values: []float32{0, .5, 1, .5, 0, -.5, -1, -.5}}))
	sound, err := data.OpenWAV(path)
	check(err)
	fmt.Println(sound.Seconds(), "s")
	show(sound.Windows(sound.Rate/2, sound.Rate/4))
	// Output:
	// 1 s
	// [x [1 4]]
	// [[0 0.5 1 0.5]]
	// [[1 0.5 0 -0.5]]
	// [[0 -0.5 -1 -0.5]]
}
