// Command denoise trains a convolutional autoencoder to remove noise from pictures
// (Vincent et al. 2008). A sample has a noisy picture in the field "x" and the clean one
// in the field "target". They feed the inputs of these names.
//
//	go run ./examples/denoise                                  # generated digits
//	go run ./examples/denoise -data mnist -samples 60000 -epochs 5
//
// It prints the mean squared errors of noisy and denoised test pictures, and writes
// clean, noisy and denoised pictures below each other to denoise.png.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/examples/internal/picture"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
)

// denoiser is a convolutional autoencoder whose output is compared with a picture
// other than its input.
type denoiser struct{ conv.Config }

func (m denoiser) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input(graph.InputX, batch, 1, 28, 28)
	target := b.Input(graph.InputTarget, batch, 1, 28, 28)
	code := m.Encode(b, x)
	return m.Loss.Net(b, target, code, m.Decode(b, code))
}

// noisy returns a set with the fields "x", with noise, and "target", without.
func noisy(set data.Set, std float32) (data.Set, error) {
	shape := []int{1, 28, 28}
	fields := []data.Field{{Name: "x", Shape: shape}, {Name: "target", Shape: shape}}
	return data.Map(set, fields, 1, func(_ int, r *rand.Rand, from, to [][]float32) error {
		copy(to[1], from[0])
		for k, v := range from[0] {
			to[0][k] = v + std*float32(r.NormFloat64())
		}
		return nil
	})
}

type options struct {
	data            string
	samples, epochs int
	folder          string
}

func main() {
	var o options
	flag.StringVar(&o.data, "data", "digits", "data set: digits, mnist, fashion-mnist or a folder")
	flag.IntVar(&o.samples, "samples", 6000, "maximum number of samples to train on")
	flag.IntVar(&o.epochs, "epochs", 10, "passes over the samples")
	flag.StringVar(&o.folder, "o", os.TempDir(), "folder for the pictures")
	flag.Parse()
	if err := run(os.Stdout, o); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer, o options) error {
	ctx := context.Background()
	train, test, err := stheno.Data(o.data)
	if err != nil {
		return err
	}
	if train, err = noisy(data.Limit(train, o.samples), 0.5); err != nil {
		return err
	}
	if test, err = noisy(data.Limit(test, 1000), 0.5); err != nil {
		return err
	}
	ae, err := stheno.Train(ctx, denoiser{}, train, stheno.Options{Epochs: o.epochs, Batch: 32, Validation: test, Progress: w})
	if err != nil {
		return err
	}
	defer ae.Close()

	x, err := data.ArrayOf(test, "x")
	if err != nil {
		return err
	}
	target, err := data.ArrayOf(test, "target")
	if err != nil {
		return err
	}
	denoised, err := ae.Reconstruct(x.Values)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "mean squared error: noisy %.4f, denoised %.4f\n", mse(x.Values, target.Values), mse(denoised, target.Values))

	const some = 12 * 28 * 28
	path := filepath.Join(o.folder, "denoise.png")
	fmt.Fprintln(w, "pictures:", path)
	return picture.Grid(path, slices.Concat(target.Values[:some], x.Values[:some], denoised[:some]), 28, 28, 12)
}

func mse(x, target []float32) (sum float64) {
	for i, v := range x {
		sum += float64((v - target[i]) * (v - target[i]))
	}
	return sum / float64(len(x))
}
