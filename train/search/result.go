package search

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/stheno-ml/stheno/internal/atomicfile"
)

// Result is the outcome of a search.
type Result struct {
	Space    Space
	Metric   string
	Maximize bool
	Trials   []Trial // in the order of their numbers
}

// Best is the trial with the best value, the first of several; nil if none has one.
// After halving, values are those after different numbers of epochs.
func (r *Result) Best() *Trial {
	ranked := r.ranked()
	if len(ranked) == 0 {
		return nil
	}
	if _, ok := ranked[0].Value(); !ok {
		return nil
	}
	return &ranked[0]
}

// ranked are the trials, the best first and those that failed last.
func (r *Result) ranked() []Trial {
	if r == nil {
		return nil
	}
	out := slices.Clone(r.Trials)
	slices.SortStableFunc(out, func(a, b Trial) int {
		x, good := a.Value()
		y, alsoGood := b.Value()
		switch {
		case !good || !alsoGood:
			return cmp.Compare(rank(good), rank(alsoGood))
		case r.Maximize:
			return cmp.Compare(y, x)
		}
		return cmp.Compare(x, y)
	})
	return out
}

// rank puts trials with a value first.
func rank(good bool) int {
	if good {
		return 0
	}
	return 1
}

var errNothing = errors.New("search: there is no result, or nothing to write it to")

// Table writes the best n trials in columns, or all if n is 0.
func (r *Result) Table(w io.Writer, n int) error {
	if r == nil || w == nil {
		return errNothing
	}
	ranked := r.ranked()
	if n > 0 {
		ranked = ranked[:min(n, len(ranked))]
	}
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(out, "trial\t%s\tepochs\tseconds\tstate", r.Metric)
	for _, p := range r.Space {
		fmt.Fprintf(out, "\t%s", p.name)
	}
	fmt.Fprintln(out)
	for _, t := range ranked {
		value := ""
		if v, ok := t.Value(); ok {
			value = strconv.FormatFloat(v, 'g', 5, 64)
		}
		fmt.Fprintf(out, "%d\t%s\t%d\t%.1f\t%s", t.Number, value, len(t.Epochs), t.Seconds, t.State())
		for _, p := range r.Space {
			fmt.Fprintf(out, "\t%s", text(t.Values[p.name]))
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}

// CSV writes the trials in the order of their numbers: number, bracket, the values of the
// parameters, the metric after the last epoch and after each, separated by spaces, the
// number of epochs, the state, the error, and the seconds. Only the seconds differ
// between two searches with the same settings.
func (r *Result) CSV(w io.Writer) error {
	if r == nil || w == nil {
		return errNothing
	}
	out := csv.NewWriter(w)
	head := []string{"trial", "bracket"}
	for _, p := range r.Space {
		head = append(head, p.name)
	}
	rows := [][]string{append(head, r.Metric, "by epoch", "epochs", "state", "error", "seconds")}
	for _, t := range r.Trials {
		row := []string{strconv.Itoa(t.Number), strconv.Itoa(t.Bracket)}
		for _, p := range r.Space {
			row = append(row, exact(t.Values[p.name]))
		}
		value, each := "", []string{}
		if v, ok := t.Value(); ok {
			value = exact(v)
		}
		for _, v := range t.Epochs {
			each = append(each, exact(v))
		}
		rows = append(rows, append(row, value, strings.Join(each, " "), strconv.Itoa(len(t.Epochs)), t.State(), t.Error, fmt.Sprintf("%.2f", t.Seconds)))
	}
	return out.WriteAll(rows)
}

// table writes the table of a search in a folder.
func (r *Result) table(dir string) error {
	if dir == "" {
		return nil
	}
	return atomicfile.Write(filepath.Join(dir, "trials.csv"), r.CSV)
}
