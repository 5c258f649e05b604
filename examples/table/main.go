// Command table finds anomalies in a table of numbers. An autoencoder learns to
// reconstruct half of the normal rows through a narrow code. Of the other rows, those
// that it reconstructs badly are unlike normal rows.
//
//	go run ./examples/table                                        # a small table in this folder
//	go run ./examples/table -data ../shared/data/tabular/6_cardio.npz # a table of ADBench
//
// The file has the arrays X [rows, columns] and y [rows], where 1 is an anomaly. The
// command prints the area under the ROC curve, which is the probability that an anomaly
// scores higher than a normal row. It does so for the autoencoder and for the distance
// from the mean of the normal rows.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
)

type options struct {
	file         string
	epochs, code int
}

func main() {
	var o options
	flag.StringVar(&o.file, "data", "examples/table/testdata/valley.npz", "npz `file` with X and y")
	flag.IntVar(&o.epochs, "epochs", 100, "passes over the rows")
	flag.IntVar(&o.code, "code", 2, "elements in the code of a row")
	flag.Parse()
	if _, _, err := run(os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run returns the areas for the autoencoder and for the distance from the mean.
func run(w io.Writer, o options) (ae, mean float64, err error) {
	set, known, err := open(o.file)
	if err != nil {
		return 0, 0, err
	}
	x, err := data.ArrayOf(set, "x")
	if err != nil {
		return 0, 0, err
	}
	label, err := data.ArrayOf(set, "label")
	if err != nil {
		return 0, 0, err
	}
	columns := x.Shape[0]
	m, err := stheno.Train(context.Background(), dense.Config{
		Input: columns, Hidden: []int{4 * columns, o.code}, Activation: "tanh", CodeActivation: "linear", Loss: graph.MSE,
	}, known, stheno.Options{Epochs: o.epochs, Batch: 32, Optimizer: optim.Adam{Rate: new(3e-3)}})
	if err != nil {
		return 0, 0, err
	}
	defer m.Close()
	score, err := m.Score(x.Values)
	if err != nil {
		return 0, 0, err
	}
	distance := make([]float64, set.Len())
	for i, v := range x.Values {
		distance[i/columns] += float64(v) * float64(v) // the mean is 0
	}
	var scores, distances []float64 // of the rows to evaluate
	var anomalous []bool            // whether such a row is
	left, anomalies := known.Len(), 0
	for i, l := range label.Values {
		if l == 0 && left > 0 {
			left--
			continue
		}
		if l == 1 {
			anomalies++
		}
		scores, distances, anomalous = append(scores, float64(score[i])), append(distances, distance[i]), append(anomalous, l == 1)
	}
	if anomalies == 0 {
		return 0, 0, fmt.Errorf("%s: y is 1 for no row: there are no anomalies to find", o.file)
	}
	ae, mean = metrics.ROCAUC(scores, anomalous), metrics.ROCAUC(distances, anomalous)
	fmt.Fprintf(w, "%d anomalies and %d other rows of %d columns: ROC-AUC %.3f, by the distance from the mean %.3f\n",
		anomalies, len(scores)-anomalies, columns, ae, mean)
	return ae, mean, nil
}

// open returns the rows of a table, and the first half of the normal rows. Columns
// are standardised by the latter.
func open(file string) (set, known data.Set, err error) {
	f, err := data.OpenNPZ(file)
	if err != nil {
		return nil, nil, err
	}
	if set, err = f.Table("X", "y"); err != nil {
		return nil, nil, err
	}
	if known, err = data.OfClasses(set, "label", 0); err != nil {
		return nil, nil, err
	}
	known = data.Limit(known, known.Len()/2)
	if set, err = data.Standardize(set, "x", known); err != nil {
		return nil, nil, err
	}
	known, err = data.Standardize(known, "x", known)
	return set, known, err
}
