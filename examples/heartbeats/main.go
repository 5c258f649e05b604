// Command heartbeats finds abnormal heartbeats. An LSTM autoencoder learns to reconstruct
// normal beats of an electrocardiogram (Malhotra et al. 2016). Beats that it reconstructs
// badly are unlike them. Each beat is cut off after a random number of steps: neither the
// net nor its loss reads further.
//
//	go run ./examples/heartbeats                              # $STHENO_DATA, or generated beats
//	go run ./examples/heartbeats -data ECG5000_TRAIN.txt      # a file of the UCR archive
//
// A line of the file is a beat: its class, where 1 is normal, and its values. The command
// trains with half of the normal beats, and prints the area under the ROC curve for the
// others: the probability that an abnormal beat has a larger mean squared error than a
// normal one. It does so for whole beats and for those that were cut off. With ECG5000 in
// $STHENO_DATA, the first command prints
//
//	trained with 146 normal beats of 140 steps; 146 others and 208 abnormal ones: ROC-AUC 0.968, cut off 0.819
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// recurrent is an LSTM autoencoder of sequences of at most Steps steps.
type recurrent struct{ Steps, Units, Code int }

// Build adds the net to a graph.
func (m recurrent) Build(b *graph.Builder, batch int) graph.Net {
	x, lengths := b.Input(graph.InputX, batch, m.Steps, 1), b.Input(graph.InputLengths, batch)
	h := graph.LSTM{Units: m.Units, Bidirectional: true}.ApplyLengths(b.Scope("encoder"), x, lengths)
	code := graph.Dense{Units: m.Code}.Apply(b.Scope("code"), h)
	h = graph.LSTM{Units: m.Units, Steps: m.Steps, ReturnSequences: true}.Apply(b.Scope("decoder"), code)
	y := graph.Dense{Units: 1}.Apply(b.Scope("out"), h)
	wrong := b.Square(b.Sub(y, x))
	mask := b.LengthMask(lengths, m.Steps)
	return graph.Net{
		Outputs: map[string]*graph.Node{
			graph.OutputCode: code, graph.OutputRecon: y,
			graph.OutputScore: b.Mean(b.MaskRescaled(wrong, mask), 1, 2),
		},
		Tasks: []graph.Task{{Name: "mse", Loss: b.MaskedMean(wrong, mask)}},
	}
}

type options struct {
	file   string
	epochs int
}

func main() {
	var o options
	flag.StringVar(&o.file, "data", "", "`file` of beats; by default timeseries/ecg5000/ECG5000_TRAIN.txt in $STHENO_DATA, else beats are generated")
	flag.IntVar(&o.epochs, "epochs", 100, "passes over the beats")
	flag.Parse()
	if _, err := run(os.Stdout, o); err != nil {
		log.Fatal(err)
	}
}

// run returns the areas for whole beats and for beats that are cut off.
func run(w io.Writer, o options) (areas [2]float64, err error) {
	x, label, err := open(w, o.file)
	if err != nil {
		return areas, err
	}
	n, steps, r := label.Len(), x.Shape[0], rand.New(rand.NewPCG(1, 1))
	whole, lengths := slices.Repeat([]float32{float32(steps)}, n), data.Array{Name: "lengths"}
	for range n {
		lengths.Values = append(lengths.Values, float32(steps/2+r.IntN(steps/2+1)))
	}
	set, err := data.InMemory(x, label, lengths)
	if err != nil {
		return areas, err
	}
	normal, err := data.OfClasses(set, "label", 0)
	if err != nil {
		return areas, err
	}
	known := data.Limit(normal, normal.Len()/2)
	ae, err := stheno.Train(context.Background(), recurrent{steps, 32, 8}, known, stheno.Options{
		Epochs: o.epochs, Batch: 16, Schedules: map[string]train.Schedule{"rate": train.Cosine(5e-3, 1e-4)},
	})
	if err != nil {
		return areas, err
	}
	defer ae.Close()
	var evaluated []int // beats
	var abnormal []bool // whether an evaluated beat is
	left := known.Len()
	for i, l := range label.Values {
		if l == 0 && left > 0 {
			left--
			continue
		}
		evaluated, abnormal = append(evaluated, i), append(abnormal, l == 1)
	}
	for i, values := range [][]float32{whole, lengths.Values} {
		score, err := ae.Score(x.Values, vm.Array{Name: "lengths", Shape: []int{n}, Data: values})
		if err != nil {
			return areas, err
		}
		scores := make([]float64, len(evaluated))
		for k, beat := range evaluated {
			scores[k] = float64(score[beat])
		}
		areas[i] = metrics.ROCAUC(scores, abnormal)
	}
	others := normal.Len() - known.Len()
	fmt.Fprintf(w, "trained with %d normal beats of %d steps; %d others and %d abnormal ones: ROC-AUC %.3f, cut off %.3f\n",
		known.Len(), steps, others, len(abnormal)-others, areas[0], areas[1])
	return areas, nil
}

// open returns the beats of a file, x [steps, 1], and their labels, 0 for a normal beat and
// 1 for another. If no file is named and none is found, it generates beats.
func open(w io.Writer, file string) (x, label data.Array, err error) {
	x, label = data.Array{Name: "x"}, data.Array{Name: "label", Classes: 2}
	name := cmp.Or(file, filepath.Join(os.Getenv("STHENO_DATA"), "timeseries", "ecg5000", "ECG5000_TRAIN.txt"))
	text, err := os.ReadFile(name)
	if err != nil && file == "" {
		fmt.Fprintln(w, "no ECG5000 in $STHENO_DATA: the beats are generated")
		x, label = generated(500)
		return x, label, nil
	}
	if err != nil {
		return x, label, err
	}
	number, steps := 0, 0
	for line := range strings.Lines(string(text)) {
		number++
		fields := strings.Fields(line)
		if steps = cmp.Or(steps, len(fields)); len(fields) != steps {
			return x, label, fmt.Errorf("%s: line %d has %d numbers, the first one %d", name, number, len(fields), steps)
		}
		for i, field := range fields {
			v, err := strconv.ParseFloat(field, 32)
			if err != nil {
				return x, label, fmt.Errorf("%s: line %d: %w", name, number, err)
			}
			if i == 0 {
				label.Values = append(label.Values, float32(min(v-1, 1)))
			} else {
				x.Values = append(x.Values, float32(v))
			}
		}
	}
	x.Shape = []int{len(x.Values) / max(1, label.Len()), 1}
	return x, label, nil
}

// generated returns n beats of 140 steps, each the sum of four waves. In every third beat,
// the last wave is upside down.
func generated(n int) (x, label data.Array) {
	const steps = 140
	r := rand.New(rand.NewPCG(1, 2))
	x, label = data.Array{Name: "x", Shape: []int{steps, 1}}, data.Array{Name: "label", Classes: 2}
	vary := func(v, by float64) float64 { return v + by*r.NormFloat64() }
	for i := range n {
		last := 0.8 - 1.6*float64(i%3/2)
		beat := make([]float32, steps)
		for _, wave := range [][3]float64{{30, 6, 0.5}, {50, 3, 3}, {57, 3, -1}, {90, 10, last}} {
			centre, width, height := vary(wave[0], 2), wave[1]*vary(1, 0.1), wave[2]*vary(1, 0.1)
			for t := range beat {
				beat[t] += float32(height * math.Exp(-math.Pow((float64(t)-centre)/width, 2)/2))
			}
		}
		x.Values, label.Values = append(x.Values, beat...), append(label.Values, float32(i%3/2))
	}
	return x, label
}
