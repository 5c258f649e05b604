package train

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/stheno-ml/stheno/checkpoint"
)

// Checkpoints say when training writes checkpoints. One is written at the end in any
// case, after an interruption, and after an error, and holds everything that training
// needs to go on: a training that is killed at any moment and resumed ends in the same
// bits as one that was not.
//
// A checkpoint is a file "step-000000500.safetensors". The last good one is never
// overwritten: a file gets its name when all of it is on the disk. A checkpoint is copied
// between two steps, and written while training goes on. If it cannot be written,
// training says so and goes on; it is an error only at the end.
type Checkpoints struct {
	// Dir is the folder. It is created if it does not exist. Only one training at a
	// time can use it.
	Dir string
	// EverySteps is the number of steps between two checkpoints; 0 means that steps do
	// not matter.
	EverySteps int
	// EveryEpochs is the number of epochs between two checkpoints; 0 means 1, below 0
	// means that epochs do not matter.
	EveryEpochs int
	// Every is the time between two checkpoints; 0 means ten minutes, below 0 means
	// that time does not matter.
	Every time.Duration
	// Keep is the number of most recent checkpoints that are kept; 0 means 2.
	Keep int
	// Best is the number of further checkpoints that are kept: those of the epochs with
	// the lowest Metric. They are called "best-step-000000500.safetensors".
	Best int
	// Metric is the number that Best compares, of the validation if there is one, else of
	// the training; "" means "loss".
	Metric string
	// Maximize keeps the epochs with the highest Metric instead.
	Maximize bool
	// Resume goes on from the newest checkpoint in Dir, and starts anew if Dir has none.
	// A checkpoint that is damaged is reported, and the one before it is used. Without
	// Resume, a folder that has checkpoints is an error.
	Resume bool
}

// Extensions and prefixes of the files.
const (
	extension = ".safetensors"
	stepFile  = "step-"
	bestFile  = "best-step-"
	errorFile = "error-step-"
	lockFile  = "lock"
)

func (c Checkpoints) validate() error {
	switch {
	case c.Dir == "":
		return errors.New("Options.Checkpoints has no folder: set Dir")
	case c.EverySteps < 0 || c.Keep < 0 || c.Best < 0:
		return fmt.Errorf("checkpoints every %d steps, of which %d and the best %d are kept: none can be negative", c.EverySteps, c.Keep, c.Best)
	}
	return nil
}

// saver writes the checkpoints of a training. A nil saver writes none.
type saver struct {
	c       Checkpoints
	lock    *flock.Flock
	last    time.Time // when the latest was begun
	failed  error     // of the latest attempt
	ended   bool      // no further checkpoint is to be written
	best    []bestStep
	writing *writing // the checkpoint that is being written, or nil
	copy    checkpoint.Snapshot
}

// bestStep is an epoch whose checkpoint is kept.
type bestStep struct {
	Step  int    `json:"step"`
	Value number `json:"value"`
}

// newSaver creates the folder and locks it.
func newSaver(c *Checkpoints) (*saver, error) {
	if c == nil {
		return nil, nil
	}
	if err := c.validate(); err != nil {
		return nil, err
	}
	s := &saver{c: *c, last: time.Now()}
	s.c.Keep, s.c.EveryEpochs = cmp.Or(c.Keep, 2), cmp.Or(c.EveryEpochs, 1)
	s.c.Every, s.c.Metric = cmp.Or(c.Every, 10*time.Minute), cmp.Or(c.Metric, Loss)
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("the folder of the checkpoints, %s: %w", c.Dir, err)
	}
	s.lock = flock.New(filepath.Join(c.Dir, lockFile))
	free, err := s.lock.TryLock()
	switch {
	case err != nil:
		return nil, fmt.Errorf("the folder of the checkpoints, %s: %w", c.Dir, err)
	case !free:
		return nil, fmt.Errorf("another training writes checkpoints to %s: wait for its end, or choose another folder", c.Dir)
	}
	return s, s.clean()
}

// clean removes what a killed training left half written.
func (s *saver) clean() error {
	parts, err := filepath.Glob(filepath.Join(escape(s.c.Dir), "*"+extension+".*"+checkpoint.Part))
	for _, p := range parts {
		err = errors.Join(err, os.Remove(p))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("the folder of the checkpoints: %w", err), s.close())
	}
	return nil
}

// escape protects a folder's name from the characters of a pattern.
func escape(dir string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`).Replace(dir)
}

func (s *saver) close() error {
	if s == nil {
		return nil
	}
	if s.writing != nil {
		<-s.writing.done
	}
	return s.lock.Close()
}

// due reports whether a checkpoint is to be written after a step.
func (s *saver) due(step int) bool {
	return s != nil && (s.c.EverySteps > 0 && step%s.c.EverySteps == 0 || s.c.Every > 0 && time.Since(s.last) >= s.c.Every)
}

// dueAfterEpoch reports whether a checkpoint is to be written after an epoch.
func (s *saver) dueAfterEpoch(epoch int) bool {
	return s != nil && (s.c.EveryEpochs > 0 && epoch%s.c.EveryEpochs == 0)
}

// path is the file of the checkpoint after a step.
func (s *saver) path(prefix string, step int) string {
	return filepath.Join(s.c.Dir, fmt.Sprintf("%s%09d%s", prefix, step, extension))
}

// steps returns the files of a kind, the newest first.
func (s *saver) files(prefix string) ([]string, error) {
	entries, err := os.ReadDir(s.c.Dir)
	if err != nil {
		return nil, fmt.Errorf("the folder of the checkpoints: %w", err)
	}
	var out []string
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, prefix) && strings.HasSuffix(name, extension) {
			out = append(out, filepath.Join(s.c.Dir, name))
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out, nil
}

// improve reports whether an epoch is among the best, and takes it into their list.
func (s *saver) improve(e Epoch, step int) bool {
	if s == nil || s.c.Best == 0 {
		return false
	}
	metrics := e.Metrics
	if e.Validation != nil {
		metrics = e.Validation
	}
	v, ok := metrics[s.c.Metric]
	if !ok || math.IsNaN(v) {
		return false
	}
	s.best = append(s.best, bestStep{step, number(v)})
	slices.SortStableFunc(s.best, func(a, b bestStep) int {
		if s.c.Maximize {
			a, b = b, a
		}
		return cmp.Compare(a.Value, b.Value)
	})
	s.best = s.best[:min(len(s.best), s.c.Best)]
	return slices.ContainsFunc(s.best, func(b bestStep) bool { return b.Step == step })
}
