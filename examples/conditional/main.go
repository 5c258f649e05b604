// Command conditional trains a variational autoencoder that reads each picture's digit
// as an input (Kingma et al. 2014, M2), and then draws each digit. The label is a field
// of the samples. It feeds the input of the same name.
//
//	go run ./examples/conditional                              # generated digits
//	go run ./examples/conditional -data mnist -samples 60000
//
// It prints how many of the drawn pictures are nearest to the mean picture of the
// requested digit, and writes a row of each digit to conditional.png. All pictures of a
// column are drawn from one code: they share their style.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/examples/internal/picture"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/vm"
)

const digits, columns, pixels = 10, 12, 28 * 28

type options struct {
	data            string
	samples, epochs int
	folder          string
}

func main() {
	var o options
	flag.StringVar(&o.data, "data", "digits", "data set: digits, mnist, fashion-mnist or a folder")
	flag.IntVar(&o.samples, "samples", 6000, "maximum number of samples to train on")
	flag.IntVar(&o.epochs, "epochs", 15, "passes over the samples")
	flag.StringVar(&o.folder, "o", os.TempDir(), "folder for the pictures")
	flag.Parse()
	if err := run(os.Stdout, o); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer, o options) error {
	train, test, err := stheno.Data(o.data)
	if err != nil {
		return err
	}
	train, test = data.Limit(train, o.samples), data.Limit(test, 1000)
	model := vae.Config{Latent: 3, Classes: digits}
	ae, err := stheno.Train(context.Background(), model, train, stheno.Options{Epochs: o.epochs, Batch: 32, Validation: test, Progress: w})
	if err != nil {
		return err
	}
	defer ae.Close()

	means, err := meansOf(train)
	if err != nil {
		return err
	}
	var drawn []float32
	right := 0
	for digit := range digits {
		label := slices.Repeat([]float32{float32(digit)}, columns)
		row, err := ae.Sample(columns, 1, vm.Array{Name: graph.InputLabel, Shape: []int{columns}, Data: label})
		if err != nil {
			return err
		}
		for one := range slices.Chunk(row, pixels) {
			if nearest(means, one) == digit {
				right++
			}
		}
		drawn = append(drawn, row...)
	}
	fmt.Fprintf(w, "nearest to the requested digit: %d of %d\n", right, digits*columns)
	path := filepath.Join(o.folder, "conditional.png")
	fmt.Fprintln(w, "pictures:", path)
	return picture.Grid(path, drawn, 28, 28, columns)
}

// meansOf returns the mean picture of each digit.
func meansOf(set data.Set) (means [digits][]float32, err error) {
	for digit := range means {
		of, err := data.OfClasses(set, "label", digit)
		if err != nil {
			return means, err
		}
		x, err := data.ArrayOf(of, "x")
		if err != nil {
			return means, err
		}
		means[digit] = make([]float32, pixels)
		for i, v := range x.Values {
			means[digit][i%pixels] += v / float32(x.Len())
		}
	}
	return means, nil
}

// nearest returns the digit whose mean picture is nearest.
func nearest(means [digits][]float32, one []float32) (digit int) {
	var least float32
	for d, mean := range means {
		var distance float32
		for i, v := range one {
			distance += (v - mean[i]) * (v - mean[i])
		}
		if d == 0 || distance < least {
			least, digit = distance, d
		}
	}
	return digit
}
