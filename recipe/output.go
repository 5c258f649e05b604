package recipe

import (
	"encoding/csv"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/train/picture"
	"github.com/stheno-ml/stheno/vm"
)

// Outputs are the extensions of the files that Write writes.
func Outputs() []string { return []string{"npz", "npy", "csv", "png"} }

// Write writes an array [N, ...] to a file, in the format of its extension: npz and npy
// for NumPy, csv with a row for each sample, and png with the samples as pictures side by
// side. columns are the names in a csv file; nil means c1, c2 and so on.
func Write(path string, a vm.Array, columns []string) error {
	if err := CheckOutput(path); err != nil {
		return err
	}
	if len(a.Shape) == 0 || graph.Shape(a.Shape).Size() != len(a.Data) {
		return fmt.Errorf("%s: %d values are not an array %v", path, len(a.Data), a.Shape)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	samples := data.Array{Name: a.Name, Shape: a.Shape[1:], Values: a.Data}
	switch extension(path) {
	case "npz":
		return data.SaveNPZ(path, data.NPYFloat32, samples)
	case "npy":
		return data.SaveNPY(path, samples, data.NPYFloat32)
	case "png":
		return writeGrid(path, a)
	}
	return writeCSV(path, a, columns)
}

// CheckOutput returns an error unless Write can write a file of that name.
func CheckOutput(path string) error {
	if path == "" {
		return errors.New("no file to write to: name one with -o")
	}
	if !slices.Contains(Outputs(), extension(path)) {
		return fmt.Errorf("-o %s: the extension is the format: want one of %s", path, joinNames(Outputs()))
	}
	return nil
}

func writeCSV(path string, a vm.Array, columns []string) error {
	width := graph.Shape(a.Shape[1:]).Size()
	if len(columns) != width {
		columns = nil
		for i := range width {
			columns = append(columns, fmt.Sprintf("c%d", i+1))
		}
	}
	return atomicfile.Write(path, func(to io.Writer) error {
		w := csv.NewWriter(to)
		if err := w.Write(columns); err != nil {
			return err
		}
		row := make([]string, width)
		for i := range a.Shape[0] {
			for k, v := range a.Data[i*width : (i+1)*width] {
				row[k] = strconv.FormatFloat(float64(v), 'g', -1, 32)
			}
			if err := w.Write(row); err != nil {
				return err
			}
		}
		w.Flush()
		return w.Error()
	})
}

// mostInGrid is the number of samples that a picture of them has at most.
const mostInGrid = 1024

// writeGrid draws samples in rows, in a picture about as wide as it is high.
func writeGrid(path string, a vm.Array) error {
	n := min(a.Shape[0], mostInGrid)
	side := int(math.Ceil(math.Sqrt(float64(n))))
	size := len(a.Data) / a.Shape[0]
	var rows [][]float32
	for at := 0; at < n; at += side {
		row := slices.Clone(a.Data[at*size : min(at+side, n)*size])
		rows = append(rows, append(row, make([]float32, side*size-len(row))...))
	}
	shape := a.Shape[1:]
	if edge := int(math.Round(math.Sqrt(float64(size)))); len(shape) == 1 && edge*edge == size {
		shape = []int{1, edge, edge} // a flat sample of a square picture
	}
	img, err := picture.Grid(shape, rows...)
	if err != nil {
		return err
	}
	return WritePNG(path, img)
}

// WritePNG writes a picture.
func WritePNG(path string, img image.Image) error {
	return atomicfile.Write(path, func(w io.Writer) error { return png.Encode(w, img) })
}

// Picture is a sample [1,H,W] or [3,H,W] of values in [0,1] as a picture. Values outside
// are clipped.
func Picture(shape []int, x []float32) (image.Image, error) {
	if len(shape) != 3 || shape[0] != 1 && shape[0] != 3 || graph.Shape(shape).Size() != len(x) {
		return nil, fmt.Errorf("samples of shape %v are no pictures: want [1,H,W] or [3,H,W]", shape)
	}
	h, w := shape[1], shape[2]
	level := func(v float32) uint8 { return uint8(math.Round(255 * float64(min(max(v, 0), 1)))) }
	if shape[0] == 1 {
		img := image.NewGray(image.Rect(0, 0, w, h))
		for i, v := range x {
			img.SetGray(i%w, i/w, color.Gray{Y: level(v)})
		}
		return img, nil
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range h * w {
		img.SetRGBA(i%w, i/w, color.RGBA{level(x[i]), level(x[h*w+i]), level(x[2*h*w+i]), 255})
	}
	return img, nil
}

// Columns are the names of the columns of a table, nil for anything else.
func (in *Input) Columns() []string {
	if in.schema == nil {
		return nil
	}
	return in.schema.Names()
}
