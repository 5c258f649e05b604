package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
	"github.com/stheno-ml/stheno/vm"
)

// dataHelp explains which samples a command uses.
const dataHelp = `

RUN is a run folder or a model file. --data names the samples: train, validation or
test for the parts of the run's own, or a data set, file or folder, which is read
as those that the model was trained on (the same columns, the same scale).`

// use are the flags of a command that uses a run.
type use struct {
	o    recipe.OpenOptions
	data string
}

func useFlags(c *cobra.Command) *use {
	u := &use{}
	c.Flags().StringVar(&u.data, "data", "", "samples: train, validation, test, a data set, a file or a folder (default test)")
	backendFlags(c, &u.o)
	return u
}

func backendFlags(c *cobra.Command, o *recipe.OpenOptions) {
	c.Flags().StringVar(&o.Backend, "backend", "", "what runs the model: "+strings.Join(recipe.Backends(), ", ")+" (default that of the run)")
	c.Flags().IntVar(&o.Threads, "threads", 0, "processors to use (default that of the run)")
	c.Flags().StringVar(&o.ISA, "isa", "", "instruction set of the processor (default that of the run)")
	c.Flags().StringVar(&o.DataDir, "dataDir", "", "folder of the data sets that are named (default that of the run)")
}

// with opens a run, calls f and closes the run.
func with(path string, o recipe.OpenOptions, f func(*recipe.Run) error) error {
	run, err := recipe.Open(path, o)
	if err != nil {
		return err
	}
	defer run.Close()
	return f(run)
}

func (a *app) eval() *cobra.Command {
	c := &cobra.Command{
		Use:   "eval RUN",
		Short: "Print the losses and metrics of a model on samples",
		Long:  `Print the means of a model's losses and metrics over samples. Of a preset's run, print its figures.` + dataHelp,
		Example: `stheno eval runs/vae
stheno eval runs/vae --data validation
stheno eval runs/table --data table.csv --json`,
		Args: cobra.ExactArgs(1),
	}
	u := useFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		return with(args[0], u.o, func(run *recipe.Run) error {
			means, err := run.Evaluate(c.Context(), u.data)
			if err != nil {
				return err
			}
			return a.result(means, func(w io.Writer) error { return printMeans(w, "", means) })
		})
	}
	return c
}

func (a *app) encode() *cobra.Command {
	return a.compute("encode", "Write the codes of samples to a file",
		"Write the codes of samples to a file: csv, npy or npz, by its extension.",
		`stheno encode runs/vae -o codes.csv
stheno encode runs/table --data table.csv -o codes.npz`,
		(*recipe.Run).Encode, false)
}

func (a *app) reconstruct() *cobra.Command {
	return a.compute("reconstruct", "Write the reconstructions of samples to a file",
		"Write the reconstructions of samples to a file, in the scale of the samples: csv, npy, npz or\npng, by its extension. A png has the pictures side by side.",
		`stheno reconstruct runs/vae -o recon.png
stheno reconstruct runs/table --data table.csv -o recon.csv`,
		(*recipe.Run).Reconstruct, true)
}

// computation computes an output of the net for samples.
type computation func(r *recipe.Run, ctx context.Context, from string) (vm.Array, *recipe.Input, error)

// compute is a command that writes an output of the net.
func (a *app) compute(name, short, long, example string, f computation, asColumns bool) *cobra.Command {
	var out string
	c := &cobra.Command{Use: name + " RUN -o FILE", Short: short, Long: long + dataHelp, Example: example, Args: cobra.ExactArgs(1)}
	u := useFlags(c)
	c.Flags().StringVarP(&out, "out", "o", "", "file to write: "+strings.Join(recipe.Outputs(), ", "))
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := recipe.CheckOutput(out); err != nil {
			return usage{err}
		}
		return with(args[0], u.o, func(run *recipe.Run) error {
			values, in, err := f(run, c.Context(), u.data)
			if err != nil {
				return err
			}
			var columns []string
			if asColumns {
				columns = in.Columns()
			}
			if err := recipe.Write(out, values, columns); err != nil {
				return err
			}
			return a.wrote(out, values, in.Where)
		})
	}
	return c
}

// wrote prints what was written.
func (a *app) wrote(path string, values vm.Array, where string) error {
	return a.result(map[string]any{"file": path, "shape": values.Shape, "samples": where}, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: %v of %s\n", path, values.Shape, where)
		return err
	})
}

// sorted are the names in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
