package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/detect"
	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/recipe"
)

// detection are the flags of detect.
type detection struct {
	method, label, train, out string
	fit, run                  string
	oneScale                  bool
	normal, drop              []string
	contamination, confidence float64
	top                       int
	seed                      uint64
	o                         recipe.OpenOptions
	series                    seriesFlags
	images                    imageFlags
}

// namedDetector is a detector with its name on the command line.
type namedDetector struct {
	name string
	of   detect.Detector
}

// detectors are the values of --method for tables.
var detectors = []namedDetector{
	{"consensus", detect.Default()},
	{"autoencoder", detect.Autoencoder{}},
	{"vae", detect.VAE{}},
	{"pca", detect.PCA{}},
	{"neighbours", detect.Neighbours{}},
	{"forest", detect.IsolationForest{}},
}

func detectorNames() []string {
	var names []string
	for _, d := range detectors {
		names = append(names, d.name)
	}
	return names
}

func (a *app) detect() *cobra.Command {
	var f detection
	c := &cobra.Command{
		Use:   "detect FILE|DIR",
		Short: "Find what is strange in a table, a series or a folder of pictures",
		Long: `Score the rows of a table, the points of a series or pictures by how strange they are.

A table is a csv, npz or mat file (with the arrays X and y). Numbers, categories and
missing values are understood. The default method is a consensus of several; none reads
the labels. --label names the column of classes, in a csv file; with it the result says
how well the scores find the anomalies, which are all classes but those that --normal
names; it may be left out if they are 0 and 1, or one is called normal. --train normal learns from
the normal rows alone, and --fit learns from another table with the same columns. With
--one-scale columns that vary more count for more: right where all are of one quantity,
such as the points of a heartbeat.

A row is an anomaly if its score is above a threshold: 3.5 robust deviations above the
median, or that of the share --contamination. Those whose verdict is less sure than
--confidence are left undecided. The strangest rows are printed with the columns that
make them so.

With --value or --time FILE is a series: a csv file with a column of values, and of
times. A net learns windows of the first --known points. --labels is a JSON file of
stretches of time, as NAB has it.

DIR is a folder of pictures, with a folder for each class if there are any. A net learns
those of the classes --normal, or all. --heatmaps writes the strangest, each beside the
errors of its pixels.

With --run the model of a run scores samples of the kind that it was trained on: by how
badly it reconstructs them, or how unlikely it finds them. train --keepClass learns from
the normal class alone.

-o writes all scores to a csv file.`,
		Example: `stheno detect table.csv --label kind --normal a --method pca --top 3
stheno detect table.csv --drop kind --method autoencoder --contamination 0.1 -o scores.csv
stheno detect new.csv --fit table.csv --label kind --normal a --train normal --method pca --one-scale
stheno detect load.csv --time time --value value --known 150 --window 20 --epochs 2 -o scores.csv
stheno detect pictures --epochs 2 --size 8 --heatmaps heat
stheno detect test --run runs/vae --normal 7`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVarP(&f.out, "out", "o", "", "csv file to write the scores to")
	c.Flags().StringVar(&f.method, "method", detectors[0].name, "of a table: "+strings.Join(detectorNames(), ", "))
	c.Flags().StringVar(&f.label, "label", "", "column of the classes of a csv table")
	c.Flags().StringSliceVar(&f.normal, "normal", nil, "classes that are normal")
	c.Flags().StringSliceVar(&f.drop, "drop", nil, "columns of a csv table to leave out")
	c.Flags().StringVar(&f.train, "train", "all", "rows of a table to learn from: all, normal")
	c.Flags().StringVar(&f.fit, "fit", "", "table to learn from (default FILE itself)")
	c.Flags().StringVar(&f.run, "run", "", "run whose model scores the samples, whatever they are")
	c.Flags().BoolVar(&f.oneScale, "one-scale", false, "all numbers of a table are of one quantity in one unit")
	c.Flags().Float64Var(&f.contamination, "contamination", 0, "share of the rows that are anomalies (default by robust deviations)")
	c.Flags().Float64Var(&f.confidence, "confidence", 0, "the least confidence of a verdict")
	c.Flags().IntVar(&f.top, "top", 10, "strangest rows to print")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of all random numbers")
	f.series.add(c)
	f.images.add(c)
	backendFlags(c, &f.o)
	c.RunE = func(c *cobra.Command, args []string) error {
		switch {
		case f.run != "":
			return a.detectByRun(c.Context(), args[0], f, c)
		case f.series.given(c):
			return a.detectSeries(c.Context(), args[0], f)
		case isFolder(args[0]):
			return a.detectImages(c.Context(), args[0], f)
		}
		return a.detectTable(c.Context(), args[0], f)
	}
	return c
}

// strange is a row or a point with its score.
type strange struct {
	Row         int      `json:"row"` // from 1
	Time        string   `json:"time,omitempty"`
	Score       float64  `json:"score"`
	Probability float64  `json:"probability,omitempty"`
	Why         []string `json:"why,omitempty"`
}

// detected is the result of detect.
type detected struct {
	Rows      int             `json:"rows"`
	Method    string          `json:"method"`
	Threshold float64         `json:"threshold"`
	Above     int             `json:"above"`
	Undecided int             `json:"undecided,omitempty"`
	Strangest []strange       `json:"strangest"`
	Quality   *detect.Quality `json:"quality,omitempty"`
	VUSPR     *float64        `json:"vus_pr,omitempty"`
	File      string          `json:"file,omitempty"`
}

func (d detected) print(w io.Writer) error {
	fmt.Fprintf(w, "%s: %d of %d are above the threshold of %.4g", d.Method, d.Above, d.Rows, d.Threshold)
	if d.Undecided > 0 {
		fmt.Fprintf(w, ", and %d are undecided", d.Undecided)
	}
	fmt.Fprintln(w)
	for _, s := range d.Strangest {
		fmt.Fprintf(w, "row %d%s: score %.4g", s.Row, s.Time, s.Score)
		if s.Probability > 0 {
			fmt.Fprintf(w, ", probability %.2f", s.Probability)
		}
		if len(s.Why) > 0 {
			fmt.Fprintf(w, ": %s", strings.Join(s.Why, "; "))
		}
		fmt.Fprintln(w)
	}
	if d.Quality != nil {
		fmt.Fprintf(w, "by the labels: %s\n", d.Quality)
	}
	if d.VUSPR != nil {
		fmt.Fprintf(w, "by the labels: VUS-PR %.3f\n", *d.VUSPR)
	}
	if d.File != "" {
		fmt.Fprintf(w, "wrote %s\n", d.File)
	}
	return nil
}

func (a *app) detectTable(ctx context.Context, path string, f detection) error {
	at := slices.IndexFunc(detectors, func(d namedDetector) bool { return d.name == f.method })
	if at < 0 {
		return usage{recipe.Nearest("method", f.method, detectorNames())}
	}
	if f.train != "all" && f.train != "normal" {
		return usage{recipe.Nearest("--train", f.train, []string{"all", "normal"})}
	}
	from, err := f.open(cmp.Or(f.fit, path), nil)
	if err != nil {
		return err
	}
	known, scored := from.table, from
	if f.train == "normal" {
		if known, err = from.normal(); err != nil {
			return err
		}
	}
	if f.fit != "" {
		if scored, err = f.open(path, from.schema); err != nil {
			return err
		}
	}
	if f.label != "" && from.anomaly == nil && scored.anomaly == nil {
		return usage{fmt.Errorf("neither %s nor %s has a column %q", f.fit, path, f.label)}
	}
	table, anomaly := scored.table, scored.anomaly
	on, err := f.o.BackendOf()
	if err != nil {
		return err
	}
	model, err := detectors[at].of.Fit(ctx, known, detect.Options{Seed: f.seed, Backend: on, Progress: func(step string) { a.say("%s", step) }})
	if err != nil {
		return err
	}
	defer model.Close()
	scores, err := model.Score(table)
	if err != nil {
		return err
	}
	done, calibration, err := f.judge(scores)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	done.Method = f.method
	done.strange(scores, strangest(scores, f.top), calibration)
	for i := range done.Strangest {
		s := &done.Strangest[i]
		parts, err := model.Explain(table, s.Row-1)
		if err != nil {
			return err
		}
		for _, p := range detect.Strongest(parts, 3) {
			s.Why = append(s.Why, p.String())
		}
	}
	return a.detected(done, path, scores, anomaly, nil, f)
}

// detected compares scores with the labels, where there are any, writes them, and prints the
// result.
func (a *app) detected(done detected, path string, scores []float64, anomaly []bool, times []string, f detection) error {
	if anomaly != nil {
		q, err := detect.Evaluate(scores, anomaly)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		done.Quality = &q
	}
	if done.File = f.out; f.out != "" {
		if err := writeScores(f.out, scores, times, done.Threshold); err != nil {
			return err
		}
	}
	return a.result(done, done.print)
}

// opened is a table of a file.
type opened struct {
	table   *detect.Table
	anomaly []bool       // which rows are, by the labels; nil without labels
	schema  *data.Schema // of a csv file; nil for others
}

// open reads a table, by the schema of the table that was learnt from where that is not nil.
// Of two tables, one may be without labels.
func (f detection) open(path string, like *data.Schema) (t opened, err error) {
	isCSV, label := strings.EqualFold(filepath.Ext(path), ".csv"), f.label
	if !isCSV && (f.label != "" || f.drop != nil) {
		return t, usage{fmt.Errorf("--label and --drop are for csv files: the labels of %s are its array y", path)}
	}
	if f.fit != "" && label != "" {
		frame, err := data.OpenCSV(path, data.CSVOptions{Drop: f.drop})
		if err != nil {
			return t, err
		}
		if !slices.ContainsFunc(frame.Schema.Columns, func(c data.Column) bool { return c.Name == label }) {
			label = ""
		}
	}
	set, err := detect.Open(path, data.CSVOptions{Label: label, Drop: f.drop})
	if err != nil {
		return t, err
	}
	if _, missing := data.FieldOf(set, "label"); missing == nil {
		if t.anomaly, err = detect.Labels(set, f.normal...); err != nil {
			return t, fmt.Errorf("%s: %w", path, err)
		}
	}
	if frame, ok := set.(*data.Frame); ok {
		t.schema = &frame.Schema
		if like != nil {
			if set, err = data.OpenCSV(path, data.CSVOptions{Schema: readLike(*like, frame.Schema)}); err != nil {
				return t, err
			}
		}
	}
	t.table, err = detect.NewTable(set, detect.TableOptions{File: path, OneScale: f.oneScale})
	return t, err
}

// readLike is a schema that reads a file with the columns of its own as those of another
// one, and passes over the labels, wherever they are.
func readLike(other, own data.Schema) *data.Schema {
	isLabel := func(c data.Column) bool { return c.Kind == data.LabelColumn }
	other.Columns = slices.DeleteFunc(slices.Clone(other.Columns), isLabel)
	if at := slices.IndexFunc(own.Columns, isLabel); at >= 0 {
		passed := data.Column{Name: own.Columns[at].Name, Kind: data.DroppedColumn}
		other.Columns = slices.Insert(other.Columns, min(at, len(other.Columns)), passed)
	}
	return &other
}

// normal is the rows that are normal by the labels.
func (t opened) normal() (*detect.Table, error) {
	if t.anomaly == nil {
		return nil, usage{fmt.Errorf("--train normal needs labels: name their column with --label")}
	}
	keep := make([]bool, len(t.anomaly))
	for i, bad := range t.anomaly {
		keep[i] = !bad
	}
	return t.table.Where(keep)
}

// judge sets the threshold of scores, and counts what is above it.
func (f detection) judge(scores []float64) (detected, *detect.Calibration, error) {
	done := detected{Rows: len(scores)}
	var err error
	if f.contamination > 0 {
		done.Threshold, err = detect.Contamination(scores, f.contamination)
	} else {
		done.Threshold, err = detect.RobustDeviation(scores, 3.5)
	}
	if err != nil {
		return done, nil, err
	}
	calibration, err := detect.Calibrate(scores, done.Threshold)
	if err != nil {
		return done, nil, err
	}
	for _, s := range scores {
		if f.confidence > 0 && calibration.Confidence(s) < f.confidence {
			done.Undecided++
		} else if s > done.Threshold {
			done.Above++
		}
	}
	return done, calibration, nil
}

// strange lists rows with their probabilities of being anomalies.
func (d *detected) strange(scores []float64, rows []int, c *detect.Calibration) {
	for _, row := range rows {
		d.Strangest = append(d.Strangest, strange{Row: row + 1, Score: scores[row], Probability: c.Probability(scores[row])})
	}
}

// strangest are the n rows with the greatest scores.
func strangest(scores []float64, n int) []int {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return order[:max(0, min(n, len(order)))]
}

// writeScores writes a line for each row: its number, its time if there are times, the
// score, and 1 if it is above the threshold.
func writeScores(path string, scores []float64, times []string, threshold float64) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		out := csv.NewWriter(w)
		header := []string{"row", "score", "anomaly"}
		if times != nil {
			header = slices.Insert(header, 1, "time")
		}
		if err := out.Write(header); err != nil {
			return err
		}
		for i, s := range scores {
			above := "0"
			if s > threshold {
				above = "1"
			}
			line := []string{strconv.Itoa(i + 1), strconv.FormatFloat(s, 'g', 9, 64), above}
			if times != nil {
				line = slices.Insert(line, 1, times[i])
			}
			if err := out.Write(line); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	})
}
