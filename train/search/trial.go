package search

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno/internal/atomicfile"
)

// Trial is one training of a search.
type Trial struct {
	Number int    `json:"trial"` // counted from 1
	Values Values `json:"values"`
	// Bracket is that of halving, counted from 1; 0 without.
	Bracket int `json:"bracket,omitempty"`
	// Epochs are the metric's values on the validation set, after each epoch.
	Epochs []float64 `json:"epochs"`
	// Stopped is why training ended before the planned epochs, such as Pruned, or "".
	Stopped string `json:"stopped,omitempty"`
	// Error is why the trial failed, or "". A trial that failed is worse than all others.
	Error string `json:"error,omitempty"`
	// Seconds is the time that its training took, without what a killed process did.
	Seconds float64 `json:"seconds"`
}

// Value is the metric after the last epoch; ok is false if the trial failed.
func (t Trial) Value() (v float64, ok bool) {
	if t.Error != "" || len(t.Epochs) == 0 {
		return 0, false
	}
	return t.Epochs[len(t.Epochs)-1], true
}

// State is "complete", "failed", or why training stopped.
func (t Trial) State() string {
	switch {
	case t.Error != "":
		return "failed"
	case t.Stopped != "":
		return t.Stopped
	}
	return "complete"
}

// settled reports whether the trial needs no training to be known after a number of
// epochs, or at its end if that is 0.
func (t Trial) settled(epochs int, whole bool) bool {
	return t.Error != "" || t.Stopped != "" || epochs > 0 && len(t.Epochs) >= epochs || epochs == 0 && whole
}

// record is a trial in a file. Whole means that it was trained for all epochs that its
// own options say.
type record struct {
	Trial
	Values json.RawMessage `json:"values"`
	Whole  bool            `json:"whole"`
}

// trialFile is the file of a trial in its folder.
func trialFile(folder string) string { return filepath.Join(folder, "trial.json") }

// read reads what is known of a trial from its folder.
func (t *Trial) read(folder string) (whole bool, err error) {
	path := trialFile(folder)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var r record
	if err := json.Unmarshal(content, &r); err != nil {
		return false, fmt.Errorf("%s: %w: remove the folder to run the trial again", path, err)
	}
	there := map[string]json.RawMessage{}
	if err := json.Unmarshal(r.Values, &there); err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	if r.Number != t.Number || !same(there, t.Values) {
		return false, fmt.Errorf("%s is trial %d with other values than this search tries: choose another folder", path, r.Number)
	}
	t.Epochs, t.Stopped, t.Error, t.Seconds = r.Epochs, r.Stopped, r.Error, r.Seconds
	return r.Whole, nil
}

// write writes what is known of a trial to its folder, all of it or nothing.
func (t *Trial) write(folder string, whole bool) error {
	values, err := json.Marshal(t.Values)
	if err != nil {
		return err
	}
	return writeJSON(trialFile(folder), record{*t, values, whole})
}

// writeJSON writes a value to a file, all of it or nothing.
func writeJSON(path string, v any) error {
	content, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(append(content, '\n'))
		return err
	})
}
