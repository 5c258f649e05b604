// Command attention reads digits row by row, as sequences. Three nets classify them: a
// gated recurrent unit written here in the builder's ops, the layer graph.GRU (Cho et al.
// 2014), and transformer blocks (Vaswani et al. 2017). A fourth, an autoencoder of
// transformer blocks, fills in rows that are hidden from it (Devlin et al. 2019, for words).
//
//	go run ./examples/attention                                # generated digits
//	go run ./examples/attention -data mnist -samples 20000 -epochs 3
//
// It prints the time of each epoch, and after it the accuracy of a classifier on the test
// pictures. For the hidden rows it prints the mean squared error, and that of the mean of
// the seen rows next to each. It writes test pictures, what the autoencoder sees of them,
// and what it makes of that, to attention.png. With the second command, the lines of the
// last epochs end with
//
//	unrolled GRU  validation accuracy 0.95600
//	graph.GRU     validation accuracy 0.95800
//	transformer   validation accuracy 0.94600
//	hidden rows   validation around 0.04618  validation hidden 0.01923
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
	"github.com/stheno-ml/stheno/optim"
)

const rows, columns, units = 28, 28, 64

// unrolled is a gated recurrent unit over x [N, rows, columns]. It returns the last state
// [N, units]. For another recurrence, change the formula in the loop.
func unrolled(b *graph.Builder, x *graph.Node) *graph.Node {
	wx := b.Param("wx", graph.Blocks(1, 3, graph.GlorotUniform(0, 0)), columns, 3*units)
	wh := b.Param("wh", graph.Blocks(1, 3, graph.Orthogonal(1)), units, 3*units)
	bias := b.Split(b.Param("b", nil, 4*units), 0, 4)
	h := b.BroadcastTo(b.Number(0), x.Shape()[0], units)
	for t := range rows {
		row := b.Reshape(b.Slice(x, 1, t, t+1), -1, columns)
		in, state := b.Split(b.MatMul(row, wx), 1, 3), b.Split(b.MatMul(h, wh), 1, 3)
		reset := b.Sigmoid(b.AddN(in[0], state[0], bias[0]))
		update := b.Sigmoid(b.AddN(in[1], state[1], bias[1]))
		next := b.Tanh(b.AddN(in[2], bias[2], b.Mul(reset, b.Add(state[2], bias[3]))))
		h = b.Add(next, b.Mul(update, b.Sub(h, next)))
	}
	return h
}

// layer is the same unit as a layer of package graph.
func layer(b *graph.Builder, x *graph.Node) *graph.Node { return graph.GRU{Units: units}.Apply(b, x) }

// attentive is two transformer blocks over x [N, rows, columns]. It returns [N, rows, units].
func attentive(b *graph.Builder, x *graph.Node) *graph.Node {
	h := graph.SinePositions{}.Apply(b, graph.Dense{Units: units}.Apply(b.Scope("rows"), x))
	h = graph.TransformerBlock{Heads: 4, Hidden: 2 * units}.Apply(b.Scope("block1"), h)
	h = graph.TransformerBlock{Heads: 4, Hidden: 2 * units}.Apply(b.Scope("block2"), h)
	return graph.LayerNorm{}.Apply(b.Scope("norm"), h)
}

// pooled is the mean of attentive over the rows, [N, units].
func pooled(b *graph.Builder, x *graph.Node) *graph.Node { return b.Mean(attentive(b, x), 1) }

// classifier classifies pictures by what read returns for them, [N, units].
type classifier struct {
	read func(b *graph.Builder, x *graph.Node) *graph.Node
}

// Build adds the net to a graph.
func (m classifier) Build(b *graph.Builder, batch int) graph.Net {
	x, label := b.Input(graph.InputX, batch, rows, columns), b.Input(graph.InputLabel, batch)
	logits := graph.Dense{Units: 10}.Apply(b.Scope("logits"), m.read(b.Scope("reader"), x))
	accuracy := graph.Metric{Name: "accuracy", Node: b.Accuracy(logits, label)}
	return graph.Net{
		Outputs: map[string]*graph.Node{"logits": logits},
		Tasks:   []graph.Task{{Name: "class", Loss: b.CrossEntropyOfLabels(logits, label), Metrics: []graph.Metric{accuracy}}},
	}
}

// filler reconstructs the rows that are hidden from it, each with probability Hidden.
type filler struct{ Hidden float64 }

// Build adds the net to a graph.
func (m filler) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input(graph.InputX, batch, rows, columns)
	hidden := b.Less(b.Uniform("hidden", batch, rows, 1), b.Number(m.Hidden))
	seen := b.Where(hidden, b.Number(0), x)
	both := b.Concat(2, seen, b.AddConst(b.Neg(hidden), 1)) // the last column says whether a row is seen
	h := attentive(b.Scope("reader"), both)
	y := b.Sigmoid(graph.Dense{Units: columns}.Apply(b.Scope("pixels"), h))
	edge := b.BroadcastTo(b.Number(0), batch, 1, columns+1)
	sum := b.Add(b.Concat(1, edge, b.Slice(both, 1, 0, rows-1)), b.Concat(1, b.Slice(both, 1, 1, rows), edge))
	around := b.Div(b.Slice(sum, 2, 0, columns), b.Maximum(b.Slice(sum, 2, columns, columns+1), b.Number(1)))
	wrong := func(y *graph.Node) *graph.Node { return b.MaskedMean(b.Square(b.Sub(y, x)), hidden) }
	return graph.Net{
		Outputs: map[string]*graph.Node{"seen": seen, "filled": b.Where(hidden, y, x)},
		Tasks:   []graph.Task{{Name: "hidden", Loss: wrong(y), Metrics: []graph.Metric{{Name: "around", Node: wrong(around)}}}},
	}
}

type options struct {
	data, folder    string
	samples, epochs int
}

func main() {
	var o options
	flag.StringVar(&o.data, "data", "digits", "data set: digits, mnist, fashion-mnist or a folder")
	flag.IntVar(&o.samples, "samples", 6000, "maximum number of samples to train on")
	flag.IntVar(&o.epochs, "epochs", 5, "passes over the samples")
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
	var net *stheno.Autoencoder
	for _, m := range []struct {
		name  string
		model stheno.Model
	}{{"unrolled GRU", classifier{unrolled}}, {"graph.GRU", classifier{layer}}, {"transformer", classifier{pooled}}, {"hidden rows", filler{0.5}}} {
		net, err = stheno.Train(ctx, m.model, training, stheno.Options{
			Epochs: o.epochs, Batch: 32, Optimizer: optim.Adam{Rate: new(3e-3)}, Validation: test, Progress: w, Name: m.name,
		})
		if err != nil {
			return err
		}
		defer net.Close()
	}
	x, err := data.ArrayOf(data.Limit(test, 12), "x")
	if err != nil {
		return err
	}
	seen, err := net.Output("seen", x.Values)
	if err != nil {
		return err
	}
	filled, err := net.Output("filled", x.Values)
	if err != nil {
		return err
	}
	path := filepath.Join(o.folder, "attention.png")
	fmt.Fprintln(w, "pictures:", path)
	return picture.Grid(path, slices.Concat(x.Values, seen, filled), rows, columns, 12)
}
