package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/impute"
	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/recipe"
)

// imputation are the flags of impute.
type imputation struct {
	out, method   string
	drop          []string
	draws, epochs int
	seed          uint64
	check         bool
	o             recipe.OpenOptions
}

// imputationMethods are the values of --method.
var imputationMethods = []string{"normal", "miwae", "denoising", "neighbours", "mean"}

func (a *app) impute() *cobra.Command {
	var f imputation
	c := &cobra.Command{
		Use:   "impute TABLE.csv -o OUT.csv",
		Short: "Fill the missing values of a table",
		Long: `Fill the missing values of a CSV table, and copy all others as they are.

A value is missing where there is nothing, or ?, NA, NaN or null. Methods:

  normal      a normal distribution of the rows, by expectation maximisation: fast, and
              hard to beat where the columns are related linearly
  miwae       an importance-weighted autoencoder of incomplete rows
  denoising   a denoising autoencoder, which learns to say what was hidden
  neighbours  the mean of the ten nearest rows
  mean        the mean of the column, or the most frequent category

Without --draws each missing value is what is expected. With --draws N there are N
files, OUT-1.csv to OUT-N.csv, each with values as they might be: compute what you need
from each, and average (multiple imputation).

With --check a tenth of the known values is hidden first, and the error of filling them
is printed for the method and for the mean, in standard deviations.`,
		Example: `stheno impute holes.csv -o filled.csv
stheno impute holes.csv -o filled.csv --method miwae --draws 3 --epochs 20
stheno impute holes.csv -o filled.csv --method neighbours --check`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVarP(&f.out, "out", "o", "", "file to write")
	c.Flags().StringVar(&f.method, "method", imputationMethods[0], strings.Join(imputationMethods, ", "))
	c.Flags().IntVar(&f.draws, "draws", 0, "number of files with drawn values (default none: expected values)")
	c.Flags().StringSliceVar(&f.drop, "drop", nil, "columns to copy without reading, such as names")
	c.Flags().IntVar(&f.epochs, "epochs", 0, "the most epochs to train (default by the number of rows)")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of weights, training and draws")
	c.Flags().BoolVar(&f.check, "check", false, "hide a tenth of the known values first, and print the error of filling them")
	backendFlags(c, &f.o)
	c.RunE = func(c *cobra.Command, args []string) error { return a.imputeTable(c.Context(), args[0], f) }
	return c
}

// imputed is the result of impute.
type imputed struct {
	Files   []string           `json:"files"`
	Rows    int                `json:"rows"`
	Missing int                `json:"missing"` // values of x: a category counts once for each of its columns
	Method  string             `json:"method"`
	Error   map[string]float64 `json:"error,omitempty"` // of hidden values by method, in standard deviations
}

func (a *app) imputeTable(ctx context.Context, path string, f imputation) error {
	if f.out == "" {
		return usage{errors.New("no file for the filled table: name one with -o")}
	}
	if f.draws < 0 {
		return usage{fmt.Errorf("--draws %d: want 0 or more", f.draws)}
	}
	method, err := a.imputationMethod(f)
	if err != nil {
		return usage{err}
	}
	frame, err := data.OpenCSV(path, data.CSVOptions{Drop: f.drop})
	if err != nil {
		return err
	}
	table, err := impute.FromFrame(frame)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	done := imputed{Rows: table.Rows(), Missing: table.Missing(), Method: f.method}
	if f.check {
		done.Error = map[string]float64{}
		for name, m := range map[string]impute.Method{"mean": impute.Mean{}, f.method: method} {
			if done.Error[name], err = impute.Check(ctx, m, table, 0.1, f.seed); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	imputer, err := method.Fit(ctx, table)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for i := range max(1, f.draws) {
		out := f.out
		filled := impute.Table{}
		if f.draws == 0 {
			filled, err = imputer.Impute(ctx, table)
		} else {
			ext := filepath.Ext(out)
			out = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(out, ext), i+1, ext)
			filled, err = imputer.Draw(ctx, table, f.seed+uint64(i))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := fillFile(path, out, frame, filled); err != nil {
			return err
		}
		done.Files = append(done.Files, out)
	}
	return a.result(done, func(w io.Writer) error {
		fmt.Fprintf(w, "%s: %d of %d values filled by %s\n", strings.Join(done.Files, ", "), done.Missing, len(table.Values), f.method)
		for _, name := range sorted(done.Error) {
			fmt.Fprintf(w, "error of hidden values by %s: %.3f standard deviations\n", name, done.Error[name])
		}
		return nil
	})
}

// fillFile copies a table with its missing values filled. The file at out is complete or
// is not there.
func fillFile(path, out string, frame *data.Frame, filled impute.Table) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	row := make([]float32, filled.Columns)
	return atomicfile.Write(out, func(w io.Writer) error {
		return data.FillCSV(w, in, path, &frame.Schema, func(i int) []float32 {
			for j, v := range filled.Row(i) {
				row[j] = float32(v)
			}
			return row
		})
	})
}

func (a *app) imputationMethod(f imputation) (impute.Method, error) {
	o := impute.Options{Seed: f.seed, Epochs: f.epochs, Progress: a.progress()}
	var err error
	if o.Backend, err = f.o.BackendOf(); err != nil {
		return nil, err
	}
	switch f.method {
	case "normal":
		return impute.Normal{}, nil
	case "miwae":
		return impute.MIWAE{Options: o}, nil
	case "denoising":
		return impute.Denoising{Options: o}, nil
	case "neighbours":
		return impute.Neighbours{}, nil
	case "mean":
		return impute.Mean{}, nil
	}
	return nil, recipe.Nearest("method", f.method, imputationMethods)
}
