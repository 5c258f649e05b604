// Anomalies by the model of a run.

package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/detect"
	"github.com/stheno-ml/stheno/recipe"
)

// ofNoRun are the flags of detect that say how to learn, which a run has done.
var ofNoRun = []string{"method", "label", "drop", "train", "fit", "one-scale", "seed", "epochs", "kind", "known", "window", "time", "value", "labels", "mend", "size", "heatmaps"}

// detectByRun scores samples by a run's model.
func (a *app) detectByRun(ctx context.Context, from string, f detection, c *cobra.Command) error {
	if at := slices.IndexFunc(ofNoRun, func(name string) bool { return c.Flags().Changed(name) }); at >= 0 {
		return usage{fmt.Errorf("--%s says how to learn, and --run has learnt: leave one out", ofNoRun[at])}
	}
	return with(f.run, f.o, func(run *recipe.Run) error {
		scores, in, err := run.Scores(ctx, from)
		if err != nil {
			return err
		}
		done, calibration, err := f.judge(scores)
		if err != nil {
			return fmt.Errorf("%s: %w", from, err)
		}
		done.Method = run.Info.Model
		order := strangest(scores, f.top)
		done.strange(scores, order, calibration)
		for k, i := range order {
			if i < len(in.Paths) {
				done.Strangest[k].Why = []string{in.Paths[i]}
			}
		}
		var anomaly []bool
		if _, missing := data.FieldOf(in, "label"); missing == nil && f.normal != nil {
			if anomaly, err = detect.LabelsOf(in, in.Classes, f.normal...); err != nil {
				return fmt.Errorf("%s: %w", in.Where, err)
			}
		} else if f.normal != nil {
			return fmt.Errorf("%s: there are no classes to compare with: leave out --normal", in.Where)
		}
		return a.detected(done, from, scores, anomaly, nil, f)
	})
}
