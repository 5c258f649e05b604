package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image/jpeg"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/compress"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/train/figure"
)

// point is a file's size and how close to the pictures it is. The model is what a
// decoder needs once, in bytes.
type point struct {
	name         string
	bytes, model int
	psnr         float64
}

// The sizes of codes, and the steps in standard deviations of a code.
var (
	autoencoders = []int{16, 32, 64}
	components   = []int{8, 16, 32, 64, 128}
	steps        = []float64{2, 1.4, 1, 0.7, 0.5, 0.35, 0.25, 0.15}
	qualities    = []int{1, 2, 5, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90}
)

// lossy prints and draws PSNR against bits a pixel: of quantised codes of autoencoders,
// of principal components with the same coder, and of JPEG.
func lossy(ctx context.Context, w io.Writer, o options, training, test data.Set) error {
	x, err := data.ArrayOf(test, graph.InputX)
	if err != nil {
		return err
	}
	var nets, pcas, jpegs []point
	for _, k := range autoencoders {
		p, err := autoencoder(ctx, o, k, training, test, x.Values)
		if err != nil {
			return err
		}
		nets = append(nets, p...)
	}
	known, err := data.ArrayOf(data.Limit(training, 10000), graph.InputX)
	if err != nil {
		return err
	}
	plane, err := planeOf(known.Values)
	if err != nil {
		return err
	}
	for _, k := range components {
		p, err := principal(plane, k, x.Values)
		if err != nil {
			return err
		}
		pcas = append(pcas, p...)
	}
	for _, q := range qualities {
		p, err := jpegOf(q, x.Values)
		if err != nil {
			return err
		}
		jpegs = append(jpegs, p)
	}
	var lines []figure.Line
	for _, c := range []struct {
		name   string
		points []point
		model  bool
	}{{"autoencoder", nets, false}, {"PCA", pcas, false}, {"JPEG", jpegs, false}, {"autoencoder and its decoder", nets, true}, {"PCA and its directions", pcas, true}} {
		line := figure.Line{Name: c.name, Dashed: c.model}
		fmt.Fprintf(w, "%s\n", c.name)
		for _, p := range best(c.points, c.model) {
			bits := 8 * float64(p.size(c.model)) / float64(len(x.Values))
			fmt.Fprintf(w, "  %-22s %9d bytes  %.4f bits a pixel  %.2f dB\n", p.name, p.size(c.model), bits, p.psnr)
			line.X, line.Y = append(line.X, bits), append(line.Y, p.psnr)
		}
		lines = append(lines, line)
	}
	return figure.Draw(filepath.Join(o.folder, "compression.png"), figure.Axes{X: "bits a pixel", Y: "PSNR, dB", LogX: true, Left: true}, lines...)
}

func (p point) size(model bool) int {
	if model {
		return p.bytes + p.model
	}
	return p.bytes
}

// best are the points that no smaller one is as close as, by size.
func best(points []point, model bool) (out []point) {
	points = slices.Clone(points)
	slices.SortFunc(points, func(a, b point) int { return cmp.Compare(a.size(model), b.size(model)) })
	for _, p := range points {
		if len(out) == 0 || p.psnr > out[len(out)-1].psnr {
			out = append(out, p)
		}
	}
	return out
}

// psnrOf is the peak signal-to-noise ratio of pictures in [0,1], in decibels.
func psnrOf(x, y []float32) float64 {
	sum := 0.
	for i, v := range x {
		d := float64(v) - float64(min(max(y[i], 0), 1))
		sum += d * d
	}
	return -10 * math.Log10(sum/float64(len(x)))
}

// autoencoder trains an autoencoder with k numbers of code, and codes the test pictures.
func autoencoder(ctx context.Context, o options, k int, training, test data.Set, x []float32) (points []point, err error) {
	net := dense.Config{Hidden: []int{256, k}, Activation: "silu", CodeActivation: "linear", Loss: graph.MSE}
	a, err := stheno.Train(ctx, net, training, stheno.Options{Backend: cpu.Config{}, Batch: 64, Epochs: o.epochs, Seed: o.seed, Progress: os.Stderr, Name: fmt.Sprint(k)})
	if err != nil {
		return nil, err
	}
	defer a.Close()
	z, err := a.Encode(x)
	if err != nil {
		return nil, err
	}
	decoder := 0
	for _, p := range a.Params().Trainable() {
		if strings.HasPrefix(p.Name(), "decoder/") {
			decoder += 4 * p.Shape().Size()
		}
	}
	for _, s := range steps {
		var file bytes.Buffer
		if _, err := compress.EncodeLossy(&file, a, test, compress.CodeOptions{Step: s * deviation(z)}); err != nil {
			return nil, err
		}
		size := file.Len()
		y, _, err := compress.DecodeLossy(&file, a, compress.Options{})
		if err != nil {
			return nil, err
		}
		points = append(points, point{fmt.Sprintf("%d numbers, step %g", k, s), size, decoder, psnrOf(x, y.Values)})
	}
	return points, nil
}

// planeOf fits as many principal components as are ever used.
func planeOf(x []float32) (*metrics.PCA, error) {
	wide := make([]float64, len(x))
	for i, v := range x {
		wide[i] = float64(v)
	}
	return metrics.FitPCA(wide, 784, slices.Max(components))
}

// principal codes the test pictures x by the first k principal components of others.
func principal(p *metrics.PCA, k int, x []float32) (points []point, err error) {
	n := len(x) / 784
	z := make([]float32, n*k)
	for i := range z {
		sum := 0.
		for j, d := range p.Directions[i%k*784 : (i%k+1)*784] {
			sum += d * (float64(x[i/k*784+j]) - p.Mean[j])
		}
		z[i] = float32(sum)
	}
	for _, s := range steps {
		var file bytes.Buffer
		if _, err := compress.EncodeCodes(&file, data.Array{Shape: []int{k}, Values: z}, compress.CodeOptions{Step: s * deviation(z)}); err != nil {
			return nil, err
		}
		size := file.Len()
		back, _, _, err := compress.DecodeCodes(&file, compress.Options{})
		if err != nil {
			return nil, err
		}
		y := make([]float32, len(x))
		for i := range n {
			sample := slices.Clone(p.Mean)
			for c, v := range back.Values[i*k : (i+1)*k] {
				for j, d := range p.Directions[c*784 : (c+1)*784] {
					sample[j] += d * float64(v)
				}
			}
			for j, v := range sample {
				y[i*784+j] = float32(v)
			}
		}
		points = append(points, point{fmt.Sprintf("%d numbers, step %g", k, s), size, 4 * 784 * (k + 1), psnrOf(x, y)})
	}
	return points, nil
}

// deviation is the root of the mean square of codes.
func deviation(z []float32) float64 {
	sum := 0.
	for _, v := range z {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(z)))
}

// jpegOf codes all pictures as one sheet.
func jpegOf(quality int, x []float32) (point, error) {
	var file bytes.Buffer
	sheet := sheetOf(x)
	if err := jpeg.Encode(&file, sheet, &jpeg.Options{Quality: quality}); err != nil {
		return point{}, err
	}
	size := file.Len()
	back, err := jpeg.Decode(&file)
	if err != nil {
		return point{}, err
	}
	a, b := make([]float32, len(sheet.Pix)), make([]float32, len(sheet.Pix))
	for i, v := range sheet.Pix {
		grey, _, _, _ := back.At(i%sheet.Stride, i/sheet.Stride).RGBA()
		a[i], b[i] = float32(v)/255, float32(grey>>8)/255
	}
	return point{fmt.Sprintf("quality %d", quality), size, 0, psnrOf(a, b)}, nil
}
