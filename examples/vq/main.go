// Command vq trains an autoencoder with a discrete code (van den Oord et al. 2017): a
// picture is a grid of 7 by 7 vectors, each replaced by the nearest of a codebook. The
// gradient passes straight through to the encoder. Each entry of the codebook is a moving
// average of the vectors to which it is the nearest (appendix A.1). If there are hardly
// any, the entry moves to a vector of the batch.
//
//	go run ./examples/vq                                       # generated digits
//	go run ./examples/vq -data mnist -samples 60000 -epochs 3
//
// It prints the mean squared error on test pictures, the number of entries in use, and the
// perplexity, which is that number if all are used equally often. It writes test pictures
// above their reconstructions to vq.png. The second command prints
//
//	mean squared error 0.0037, perplexity 46.3, 64 of 64 entries in use, 104 moved
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
	"github.com/stheno-ml/stheno/models/conv"
)

const (
	grid, width = 7, 16 // of a picture's code
	decay       = 0.99  // of the moving averages
)

// quantized is a convolutional autoencoder with a codebook.
type quantized struct {
	conv.Config
	Entries int
	Fewest  float64 // vectors of a batch, on average, below which an entry moves
}

// Build adds the net to a graph.
func (m quantized) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input(graph.InputX, batch, 1, 28, 28)
	z := b.Reshape(b.Transpose(m.Encode(b, x), 0, 2, 3, 1), -1, width)
	nearest, metrics := m.quantize(b.Scope("codebook"), z)
	code := b.Reshape(b.StraightThrough(nearest, z), batch, grid, grid, width)
	y := m.Decode(b, b.Transpose(code, 0, 3, 1, 2))
	commitment := b.MSE(z, b.StopGradient(nearest))
	net := m.Loss.Net(b, x, code, y)
	for i := range net.Tasks {
		net.Tasks[i].Loss = b.Add(net.Tasks[i].Loss, b.Scale(commitment, 0.25))
		net.Tasks[i].Metrics = append(net.Tasks[i].Metrics, metrics...)
	}
	return net
}

// quantize returns the nearest entry of the codebook for each vector of z [V, width].
func (m quantized) quantize(b *graph.Builder, z *graph.Node) (nearest *graph.Node, metrics []graph.Metric) {
	sum, count := b.State("sum", graph.Normal(0, 1), m.Entries, width), b.State("count", graph.Ones(), m.Entries, 1)
	moved, entries := b.State("moved", nil), b.Div(sum, count)
	// The squared distance, without |z|², which is the same for all entries.
	distance := b.Sub(b.Sum(b.Square(entries), 1), b.Scale(b.MatMul(z, b.Transpose(entries, 1, 0)), 2))
	number := b.ArgMin(distance, 1)
	hits := b.Sum(b.OneHot(number, m.Entries), 0)
	if b.Training {
		mean := func(old, now *graph.Node) *graph.Node { return b.Add(b.Scale(old, decay), b.Scale(now, 1-decay)) }
		nextSum, nextCount := mean(sum, b.ScatterAdd(z, number, 0, m.Entries)), mean(count, b.Reshape(hits, -1, 1))
		few := b.Less(nextCount, b.Number(m.Fewest))
		pick := b.Floor(b.Scale(b.Uniform("pick", 1, m.Entries), float64(z.Shape()[0])))
		b.Update(sum, b.Where(few, b.Gather(z, b.Reshape(pick, -1), 0), nextSum))
		b.Update(count, b.Where(few, b.Number(1), nextCount))
		b.Update(moved, b.Add(moved, b.Sum(few)))
	}
	share := b.Div(hits, b.Sum(hits))
	entropy := b.Neg(b.Sum(b.Mul(share, b.Log(b.AddConst(share, 1e-10)))))
	used := b.Sum(b.Greater(hits, b.Number(0)))
	return b.Gather(entries, number, 0), []graph.Metric{{Name: "perplexity", Node: b.Exp(entropy)}, {Name: "used", Node: used}, {Name: "moved", Node: moved}}
}

type options struct {
	data, folder    string
	samples, epochs int
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
	training, test, err := stheno.Data(o.data)
	if err != nil {
		return err
	}
	training, test = data.Limit(training, o.samples), data.Limit(test, 1000)
	model := quantized{conv.Config{Encoder: []int{16, 32, width}, CodeActivation: "linear"}, 64, 0.9}
	ae, err := stheno.Train(ctx, model, training, stheno.Options{Epochs: o.epochs, Batch: 32, EvalBatch: test.Len(), Progress: w})
	if err != nil {
		return err
	}
	defer ae.Close()
	means, err := ae.Evaluate(ctx, test)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "mean squared error %.4f, perplexity %.1f, %.0f of %d entries in use, %.0f moved\n",
		means["mse"], means["perplexity"], means["used"], model.Entries, means["moved"])
	x, err := data.ArrayOf(data.Limit(test, 12), "x")
	if err != nil {
		return err
	}
	y, err := ae.Reconstruct(x.Values)
	if err != nil {
		return err
	}
	path := filepath.Join(o.folder, "vq.png")
	fmt.Fprintln(w, "pictures:", path)
	return picture.Grid(path, slices.Concat(x.Values, y), 28, 28, 12)
}
