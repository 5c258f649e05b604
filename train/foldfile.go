package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/internal/atomicfile"
)

// foldFile is the file with the result of a fold. Its zero value is no file.
type foldFile struct {
	path     string
	settings []setting
}

// savedFold is what the file has.
type savedFold struct {
	Settings []setting         `json:"settings"`
	Seed     uint64            `json:"seed"`
	Samples  int               `json:"samples"`
	Tested   int               `json:"tested"`
	Training map[string]number `json:"training"`
	Test     map[string]number `json:"test"`
}

// foldFile returns the file of fold i, with the settings that its result depends on, as
// far as they can be compared: schedules, Prepare and callbacks are functions.
func (v *crossValidation) foldFile(c Checkpoints, i int, o Options, training, test data.Set) (foldFile, error) {
	o, err := o.complete(v.model)
	if err != nil {
		return foldFile{}, err
	}
	here, err := o.weights(v.model)
	if err != nil {
		return foldFile{}, err
	}
	indices := fnv.New64a()
	for _, k := range data.Indices(v.folds[i].Test) {
		fmt.Fprintln(indices, k)
	}
	return foldFile{filepath.Join(c.Dir, "result.json"), []setting{
		{"model", here.Model},
		{"its settings", string(here.Config)},
		{"element type", o.Params.Dtype().String()},
		{"seed", strconv.FormatUint(o.Seed, 10)},
		{"epochs", strconv.Itoa(o.Epochs)},
		{"steps", strconv.Itoa(o.Steps)},
		{"batch", strconv.Itoa(o.Batch)},
		{"micro-batch", strconv.Itoa(o.MicroBatch)},
		{"last batch of an epoch dropped", strconv.FormatBool(o.DropLast)},
		{"batches to learn by heart", strconv.Itoa(o.Overfit)},
		{"validation split", describe(o.ValidationSplit)},
		{"augmentation", describe(o.Augment)},
		{"optimiser", describe(o.Optimizer)},
		{"schedules", joined(slices.Sorted(maps.Keys(o.Schedules)))},
		{"frozen weights", describe(o.Freeze)},
		{"samples to train on", strconv.Itoa(training.Len())},
		{"samples of the test part", fmt.Sprintf("%d, indices %016x", test.Len(), indices.Sum64())},
	}}, nil
}

// read returns the result in the file, or nil if there is none.
func (f foldFile) read(resume bool) (*FoldResult, error) {
	if err := atomicfile.Clean(f.path); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !resume {
		return nil, fmt.Errorf("%s has the result of a fold: set Checkpoints.Resume to go on with that cross-validation, or choose another folder", f.path)
	}
	var s savedFold
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("%s: %w: remove the file to train and evaluate the fold again", f.path, err)
	}
	if out := unlike(f.settings, s.Settings); len(out) > 0 {
		return nil, fmt.Errorf("%s belongs to another cross-validation:\n\t%s\nuse the settings of that one, or choose another folder", f.path, strings.Join(out, "\n\t"))
	}
	fold, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(filepath.Dir(f.path)), "fold-"))
	return &FoldResult{Fold: fold, Seed: s.Seed, Samples: s.Samples, Tested: s.Tested, Training: floats(s.Training), Test: floats(s.Test)}, err
}

// write writes the result, all of it or nothing.
func (f foldFile) write(r *FoldResult) error {
	if f.path == "" {
		return nil
	}
	text, err := json.MarshalIndent(savedFold{f.settings, r.Seed, r.Samples, r.Tested, numbers(r.Training), numbers(r.Test)}, "", "\t")
	if err != nil {
		return err
	}
	return atomicfile.Write(f.path, func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}
