package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/detect"
	"github.com/stheno-ml/stheno/detect/series"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/recipe"
)

// seriesFlags are the flags of detect that make its file a series.
type seriesFlags struct {
	time, value, labels, kind string
	known, window, epochs     int
	mend                      bool
}

// seriesKinds are the nets of --kind.
var seriesKinds = []string{string(series.Dense), string(series.Conv), string(series.LSTM)}

func (f *seriesFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.time, "time", "", "column of the times of a series")
	c.Flags().StringVar(&f.value, "value", "", "column of the values of a series")
	c.Flags().StringVar(&f.labels, "labels", "", "JSON file of the stretches of a series that are anomalies")
	c.Flags().StringVar(&f.kind, "kind", seriesKinds[0], "net of a series: "+strings.Join(seriesKinds, ", "))
	c.Flags().IntVar(&f.known, "known", 0, "points at the start of a series to learn from (default a quarter)")
	c.Flags().IntVar(&f.window, "window", 0, "points in a window of a series (default 100, at most a quarter of those known)")
	c.Flags().IntVar(&f.epochs, "epochs", 0, "epochs to train on a series (default 50) or on pictures (default 20)")
	c.Flags().BoolVar(&f.mend, "mend", false, "sort times, average repeated ones and fill gaps, which are errors otherwise")
}

// given reports whether the file is a series.
func (f *seriesFlags) given(c *cobra.Command) bool {
	return c.Flags().Changed("time") || c.Flags().Changed("value")
}

func (a *app) detectSeries(ctx context.Context, path string, f detection) error {
	o := series.CSVOptions{Time: f.series.time, Value: f.series.value}
	if f.series.mend {
		o.Irregular = series.Mend
	}
	kind := -1
	for i, k := range seriesKinds {
		if k == f.series.kind {
			kind = i
		}
	}
	if kind < 0 {
		return usage{recipe.Nearest("kind", f.series.kind, seriesKinds)}
	}
	s, err := series.OpenCSV(path, o)
	if err != nil {
		return err
	}
	n := f.series.known
	if n == 0 {
		n = s.Len() / 4
	}
	known, err := s.First(n)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	window := f.series.window
	if window == 0 {
		window = min(100, max(4, n/4))
	}
	on, err := f.o.BackendOf()
	if err != nil {
		return err
	}
	d := series.Detector{Kind: series.Kind(f.series.kind), Window: window, Epochs: f.series.epochs}
	model, err := d.Fit(ctx, known, detect.Options{Seed: f.seed, Backend: on, Progress: func(step string) { a.say("%s", step) }})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer model.Close()
	scores, err := model.Score(s)
	if err != nil {
		return err
	}
	series.Finite(scores)
	done, _, err := f.judge(scores)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	done.Method = f.series.kind
	var times []string
	for _, t := range s.Times() {
		times = append(times, t.Format(time.RFC3339))
	}
	for _, at := range series.Strangest(scores, f.top, window) {
		point := strange{Row: at + 1, Score: scores[at]}
		if times != nil {
			point.Time = " at " + times[at]
		}
		done.Strangest = append(done.Strangest, point)
	}
	if f.series.labels != "" {
		intervals, err := series.OpenLabels(f.series.labels, filepath.Base(path))
		if err != nil {
			return err
		}
		anomaly, err := s.Within(intervals)
		if err != nil {
			return err
		}
		vus, err := metrics.VUSPR(scores, anomaly, series.Period(s.Values()))
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		done.VUSPR = &vus
	}
	return a.detected(done, path, scores, nil, times, f)
}
