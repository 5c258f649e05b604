package recipe

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
)

// CrossValidate trains the model once for each of some folds of its training and
// validation samples, and evaluates it on each fold's own test part. It leaves its
// checkpoints in a folder, and goes on from them if it was interrupted. Folds are made as
// data.split says.
func (r *Recipe) CrossValidate(ctx context.Context, dir string, folds int, o Options) (*train.CrossValidation, error) {
	switch {
	case r.Preset != "":
		return nil, fmt.Errorf("the preset %s trains as it was published: write a configuration to cross-validate", r.Preset)
	case dir == "":
		return nil, errors.New("the cross-validation has no folder: name one")
	case folds < 2:
		return nil, fmt.Errorf("%d folds: want at least 2", folds)
	}
	none := 0.0
	r.Data.Validation = &none
	s, err := r.prepare(ctx, o.Progress)
	if err != nil {
		return nil, err
	}
	settings, err := r.options()
	if err != nil {
		return nil, err
	}
	by := data.FoldOptions{Seed: r.Seed, InOrder: r.Data.Split == "order" || r.Data.Split == "" && r.Data.Window > 0}
	if r.Data.Split == "classes" {
		by.Stratify = graph.InputLabel
	}
	settings.Progress = o.Progress
	settings.Checkpoints = &train.Checkpoints{Dir: filepath.Join(dir, "folds"), Resume: true}
	callbacks := settings.Callbacks
	settings.Callbacks = nil
	if len(callbacks) > 0 {
		return nil, errors.New("a cross-validation has no validation samples to stop or to lower the rate by: leave out train.earlyStopping, train.plateau and train.watch")
	}
	c, err := train.CrossValidate(ctx, r.Model.Value, s.Train, settings, train.FoldOptions{Folds: folds, By: by})
	if err != nil {
		return c, err
	}
	return c, writeJSON(dir, "kfold.json", map[string]any{"mean": c.Mean, "std": c.Std})
}
