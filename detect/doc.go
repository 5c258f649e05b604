// Package detect finds anomalies in tables: rows that are unlike the others.
//
//	frame, err := data.OpenCSV("payments.csv", data.CSVOptions{Label: "fraud"})
//	table, err := detect.NewTable(frame, detect.TableOptions{})
//	model, err := detect.Default().Fit(ctx, table, detect.Options{})
//	scores, err := model.Score(table)      // [rows], greater is stranger
//	parts, err := model.Explain(table, 12) // why row 12 is strange, column by column
//
// A Detector is the settings of a method, and Fit returns its Model. Autoencoder, VAE,
// PCA, Neighbours, IsolationForest and Tails are detectors, and so is Consensus, which
// averages those of its members. None of them reads labels. To learn from normal rows
// only, fit to the part of the table that Table.Where returns.
//
// A score has no unit. A Threshold says from which score on a row is an anomaly, and
// Calibration turns scores into probabilities and says how sure they are.
//
// Values may be missing, and columns may be categories. Package series is for values in
// the order of time.
package detect

import (
	"context"
	"fmt"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/vm"
)

// Detector is a method with its settings. The zero value of each in this package is
// ready for use.
type Detector interface {
	// Fit learns from the rows of a table.
	Fit(ctx context.Context, t *Table, o Options) (Model, error)
	// String names the method.
	String() string
}

// Model is a detector that was fitted to a table. Any number of goroutines can use it at
// the same time.
type Model interface {
	// Score returns a number for each row of a table [rows], which is greater for
	// stranger rows. The table must have the columns of the one that was fitted.
	Score(t *Table) ([]float64, error)
	// Explain returns what each column adds to the score of a row, in the order of the
	// columns. See Part.
	Explain(t *Table, row int) ([]Part, error)
	// Close frees the memory of compiled nets.
	Close() error
}

// Options are the settings that all detectors share. The zero value is the default.
type Options struct {
	// Seed determines all random numbers. The same seed gives the same scores.
	Seed uint64
	// Backend trains and runs nets; nil means cpu.Config{}.
	Backend vm.Backend
	// Progress, if not nil, is called before each step that takes long, with its name,
	// such as a member of a Consensus.
	Progress func(step string)
}

func (o Options) backend() vm.Backend {
	if o.Backend == nil {
		return cpu.Config{}
	}
	return o.Backend
}

func (o Options) progress(step string) {
	if o.Progress != nil {
		o.Progress(step)
	}
}

// checked returns an error unless a detector can be fitted to the table.
func checked(ctx context.Context, t *Table, least int) error {
	switch {
	case ctx == nil:
		return fmt.Errorf("detect: no context: give context.Background()")
	case t == nil || t.n == 0:
		return fmt.Errorf("detect: the table has no rows")
	case t.n < least:
		return fmt.Errorf("detect: %s has %d rows, want at least %d", t.name(), t.n, least)
	}
	return ctx.Err()
}
