package data_test

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno/data"
)

// Pictures in a folder for each class become a set.
func ExampleOpenImageFolder() {
	dir := scratch()
	defer os.RemoveAll(dir)
	for class, grey := range map[string]uint8{"day": 255, "night": 51} {
		check(os.Mkdir(filepath.Join(dir, class), 0o755))
		picture := image.NewGray(image.Rect(0, 0, 4, 4))
		for i := range picture.Pix {
			picture.Pix[i] = grey
		}
		picture.Set(0, 0, color.White)
		file, err := os.Create(filepath.Join(dir, class, "1.png"))
		check(err)
		check(png.Encode(file, picture))
		check(file.Close())
	}
	set, err := data.OpenImageFolder(dir, data.ImageFolderOptions{Grey: true})
	check(err)
	fmt.Println(set.Classes, set.Fields())
	sample := data.NewSample(set)
	check(set.Read(1, sample))
	fmt.Println(sample[0][:3], sample[1])
	// Output:
	// [day night] [x [1 4 4] label [] of 2 classes]
	// [1 0.2 0.2] [1]
}

// An array that is larger than memory is read sample by sample.
func ExampleOpenDiskNPY() {
	path := filepath.Join(scratch(), "codes.npy")
	defer os.RemoveAll(filepath.Dir(path))
	check(data.SaveNPY(path, data.Array{Shape: []int{2}, Values: []float32{1, 2, 3, 4, 5, 6}}, ""))
	set, err := data.OpenDiskNPY(path, data.DiskOptions{})
	check(err)
	defer set.Close()
	show(data.Limit(set, 2), nil)
	// Output:
	// [x [2]]
	// [[1 2]]
	// [[3 4]]
}

// Bytes of images, without a header, become values from 0 to 1.
func ExampleOpenDisk() {
	path := filepath.Join(scratch(), "images.u8")
	defer os.RemoveAll(filepath.Dir(path))
	check(os.WriteFile(path, []byte{0, 255, 255, 0}, 0o644))
	set, err := data.OpenDisk(path, data.DiskOptions{Shape: []int{1, 1, 2}, Type: "|u1", Scale: 1. / 255})
	check(err)
	defer set.Close()
	show(set, nil)
	// Output:
	// [x [1 1 2]]
	// [[0 1]]
	// [[1 0]]
}
