// Command anomalies finds what is strange in a table or in a series.
//
//	go run ./examples/anomalies -table ../shared/data/odds/cardio.mat
//	go run ./examples/anomalies -table payments.csv -label fraud
//	go run ./examples/anomalies -series ../shared/data/timeseries/nab/realKnownCause/nyc_taxi.csv -known 2579 \
//		-labels ../shared/data/timeseries/nab/labels/combined_windows.json -picture taxi.png
//
// Of a table it prints the strangest rows, each with the columns that make it so, and, if
// there are labels, how well the scores agree with them. Of a series it prints the
// strangest stretches, and draws the values with the score below.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/detect"
)

type options struct {
	table, label   string
	series, labels string
	known          int
	picture        string
	seed           uint64
}

func main() {
	var o options
	flag.StringVar(&o.table, "table", "", "csv, npz or mat `file`; arrays are called X and y")
	flag.StringVar(&o.label, "label", "", "`column` of a csv file that is not 0 for anomalies")
	flag.StringVar(&o.series, "series", "", "csv `file` with the columns timestamp and value")
	flag.StringVar(&o.labels, "labels", "", "json `file` with the times of the anomalies, as NAB has it")
	flag.IntVar(&o.known, "known", 0, "`points` at the start to learn from; 0 means a quarter")
	flag.StringVar(&o.picture, "picture", "", "png `file` to draw the series in")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of all random numbers")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, o options) error {
	switch {
	case o.table != "" && o.series == "":
		return inTable(ctx, w, o)
	case o.series != "" && o.table == "":
		return inSeries(ctx, w, o)
	}
	return fmt.Errorf("anomalies: give a -table or a -series")
}

func inTable(ctx context.Context, w io.Writer, o options) error {
	set, err := detect.Open(o.table, data.CSVOptions{Label: o.label})
	if err != nil {
		return err
	}
	table, err := detect.NewTable(set, detect.TableOptions{File: o.table})
	if err != nil {
		return err
	}
	model, err := detect.Default().Fit(ctx, table, detect.Options{Seed: o.seed})
	if err != nil {
		return err
	}
	defer model.Close()
	scores, err := model.Score(table)
	if err != nil {
		return err
	}
	threshold, err := detect.RobustDeviation(scores, 3.5)
	if err != nil {
		return err
	}
	calibration, err := detect.Calibrate(scores, threshold)
	if err != nil {
		return err
	}
	above := 0
	for _, a := range detect.Above(scores, threshold) {
		if a {
			above++
		}
	}
	fmt.Fprintf(w, "%d of %d rows are above the threshold of %.3f\n", above, table.Len(), threshold)
	order := make([]int, table.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if scores[a] > scores[b] {
			return -1
		}
		return 1
	})
	for _, row := range order[:min(3, len(order))] {
		parts, err := model.Explain(table, row)
		if err != nil {
			return err
		}
		var why []string
		for _, p := range detect.Strongest(parts, 3) {
			why = append(why, p.String())
		}
		fmt.Fprintf(w, "row %d: score %.2f, probability %.2f, confidence %.2f: %s\n",
			row+1, scores[row], calibration.Probability(scores[row]), calibration.Confidence(scores[row]), strings.Join(why, "; "))
	}
	if _, err := data.FieldOf(set, "label"); err != nil {
		return nil // there is nothing to compare with
	}
	anomaly, err := detect.Labels(set)
	if err != nil {
		return err
	}
	quality, err := detect.Evaluate(scores, anomaly)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "anomalies by the labels: %s\n", quality)
	return nil
}
