// Command compress writes pictures of digits to a file without loss, by a variational
// autoencoder and bits-back coding, and reads them back. Beside the size of the file it
// prints those of gzip, bzip2 (if it is installed) and PNG, and what pictures of noise
// take.
//
//	go run ./examples/compress -epochs 3                       # generated digits
//	go run ./examples/compress -data mnist                     # trains for 20 epochs: minutes
//	go run ./examples/compress -data mnist -lossy -seed 1      # quantised codes beside JPEG and PCA
//
// With -weights it takes the weights of a checkpoint of the preset bbans-mnist, which is
// the same model, instead of training. docs/compression.md has what it printed.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/compress"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/estimate"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

type options struct {
	data, folder, weights string
	samples, test, epochs int
	seed                  uint64
	lossy                 bool
}

func main() {
	var o options
	flag.StringVar(&o.data, "data", "digits", "data set: digits, mnist, fashion-mnist or a folder")
	flag.StringVar(&o.folder, "o", "compressed", "folder of the files")
	flag.StringVar(&o.weights, "weights", "", "checkpoint with the weights of the model, instead of training")
	flag.IntVar(&o.samples, "samples", 60000, "pictures to train on at most")
	flag.IntVar(&o.test, "test", 10000, "pictures to code at most")
	flag.IntVar(&o.epochs, "epochs", 20, "passes over the pictures")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the weights and of training")
	flag.BoolVar(&o.lossy, "lossy", false, "code with loss, and draw PSNR against size")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, o); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer, o options) error {
	training, test, err := stheno.Data(o.data)
	if err != nil {
		return err
	}
	training, test = data.Limit(training, o.samples), data.Limit(test, o.test)
	if err := os.MkdirAll(o.folder, 0o755); err != nil {
		return err
	}
	if o.lossy {
		return lossy(ctx, w, o, training, test)
	}
	net := vae.Config{Hidden: []int{200}, Latent: 50, BatchNorm: true, Likelihood: vae.BetaBinomial}
	p, err := weights(ctx, net, training, o)
	if err != nil {
		return err
	}
	bound, err := estimate.Bound(ctx, net, test, estimate.Options{Backend: cpu.Config{}, Params: p, Seed: o.seed, Draws: 2})
	if err != nil {
		return err
	}
	m, err := compress.New(net, p)
	if err != nil {
		return err
	}
	s, err := there(w, m, test, filepath.Join(o.folder, "images.stz"))
	if err != nil {
		return err
	}
	if err := others(w, test); err != nil {
		return err
	}
	fmt.Fprintf(w, "bound, two drawn codes a picture: %.4f bits a pixel\n", -bound.ELBO/(float64(s.Values/s.Samples)*0.6931471805599453))
	noise, err := uniform(o.seed, min(1000, test.Len()))
	if err != nil {
		return err
	}
	s, err = compress.Encode(io.Discard, m, noise, compress.Options{})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "uniform noise by the same model: %.2f bits a pixel\n", s.BitsPerValue())
	return nil
}

// weights trains the model, or reads its weights.
func weights(ctx context.Context, net vae.Config, set data.Set, o options) (*graph.Params, error) {
	if o.weights != "" {
		c, err := checkpoint.Load(o.weights)
		return c.Params, err
	}
	r, err := train.Fit(ctx, net, set, train.Options{Backend: cpu.Config{}, Batch: 100, Epochs: o.epochs, Optimizer: optim.Adam{Rate: new(5e-4)}, Seed: o.seed, Progress: os.Stderr})
	if err != nil {
		return nil, err
	}
	return r.Params, nil
}

// there writes samples to a file, and reads them back.
func there(w io.Writer, m *compress.Model, set data.Set, path string) (compress.Stats, error) {
	f, err := os.Create(path)
	if err != nil {
		return compress.Stats{}, err
	}
	start := time.Now()
	s, err := compress.Encode(f, m, set, compress.Options{})
	if err := errors.Join(err, f.Close()); err != nil {
		return s, err
	}
	encoding := time.Since(start)
	raw, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	start = time.Now()
	back, _, err := compress.Decode(bytes.NewReader(raw), m, compress.Options{})
	if err != nil {
		return s, err
	}
	x, err := data.ArrayOf(set, graph.InputX)
	if err != nil {
		return s, err
	}
	if !slices.Equal(x.Values, back.Values) {
		return s, errors.New("the pictures that came back are not those that went in")
	}
	fmt.Fprintf(w, "%d pictures, the file: %d bytes, %.4f bits a pixel (%d bits of them clean); the same bits came back; %.0f s to write, %.0f s to read\n",
		s.Samples, len(raw), s.BitsPerValue(), s.Clean, encoding.Seconds(), time.Since(start).Seconds())
	return s, nil
}

// others prints what programs for any data make of the pictures.
func others(w io.Writer, set data.Set) error {
	x, err := data.ArrayOf(set, graph.InputX)
	if err != nil {
		return err
	}
	pixels := sheetOf(x.Values).Pix
	flat := make([]byte, len(x.Values)) // one picture after the other
	for i, v := range x.Values {
		flat[i] = byte(v*255 + 0.5)
	}
	var zipped, sheet bytes.Buffer
	z, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err = z.Write(flat); err == nil {
		err = z.Close()
	}
	e := png.Encoder{CompressionLevel: png.BestCompression}
	if err := errors.Join(err, e.Encode(&sheet, sheetOf(x.Values))); err != nil {
		return err
	}
	single := 0
	for i := 0; i < len(flat); i += 784 {
		var one bytes.Buffer
		if err := e.Encode(&one, &image.Gray{Pix: flat[i : i+784], Stride: 28, Rect: image.Rect(0, 0, 28, 28)}); err != nil {
			return err
		}
		single += one.Len()
	}
	show := func(name string, bytes int) {
		fmt.Fprintf(w, "%s: %d bytes, %.3f bits a pixel\n", name, bytes, 8*float64(bytes)/float64(len(flat)))
	}
	show("gzip -9", zipped.Len())
	if path, err := exec.LookPath("bzip2"); err == nil {
		cmd := exec.Command(path, "-9")
		cmd.Stdin = bytes.NewReader(flat)
		out, err := cmd.Output()
		if err != nil {
			return err
		}
		show("bzip2 -9", len(out))
	}
	show(fmt.Sprintf("PNG, one sheet of %d pixels", len(pixels)), sheet.Len())
	show("PNG, a file for each picture", single)
	return nil
}

// sheetOf draws pictures of 28 by 28 pixels, 100 in a row.
func sheetOf(x []float32) *image.Gray {
	n := len(x) / 784
	across := min(n, 100)
	sheet := image.NewGray(image.Rect(0, 0, 28*across, 28*((n+across-1)/across)))
	for i, v := range x {
		k, row, column := i/784, i%784/28, i%28
		sheet.Pix[(k/across*28+row)*sheet.Stride+k%across*28+column] = byte(v*255 + 0.5)
	}
	return sheet
}

// uniform are n pictures of independent uniform pixels.
func uniform(seed uint64, n int) (data.Set, error) {
	r := rand.New(rand.NewPCG(seed, 0))
	x := make([]float32, 784*n)
	for i := range x {
		x[i] = float32(r.IntN(256)) / 255
	}
	return data.InMemory(data.Array{Name: graph.InputX, Shape: []int{784}, Values: x})
}
