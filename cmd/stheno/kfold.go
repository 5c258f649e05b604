package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

func (a *app) kfold() *cobra.Command {
	var folds int
	var out string
	c := &cobra.Command{
		Use:   "kfold [CONFIG.yaml]",
		Short: "Cross-validate: train once for each part of the samples",
		Long: `Cross-validate: the training samples are divided into folds, and the model is trained
once for each, on all others, and evaluated on it. The result is the mean and the standard
deviation over the folds. If it is interrupted, the same command goes on.` + flagsHelp,
		Example: `stheno kfold --data table.csv --label kind --model dense --hidden 8,2 -k 3 -o runs/folds`,
		Args:    cobra.MaximumNArgs(1),
	}
	settings := configFlags(c)
	c.Flags().IntVarP(&folds, "folds", "k", 5, "number of folds")
	c.Flags().StringVarP(&out, "out", "o", "", "folder of the cross-validation (default a new one in "+runsFolder+")")
	c.RunE = func(c *cobra.Command, args []string) error {
		r, name, err := load(args, *settings)
		if err != nil {
			return err
		}
		if out == "" {
			out = newRun(name + "-folds")
		}
		v, err := r.CrossValidate(c.Context(), out, folds, recipe.Options{Progress: a.progress()})
		if err != nil {
			return err
		}
		type means struct {
			Mean map[string]float64 `json:"mean"`
			Std  map[string]float64 `json:"std"`
		}
		return a.result(means{v.Mean, v.Std}, func(to io.Writer) error {
			w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "number\tmean\tdeviation")
			for _, name := range sorted(v.Mean) {
				fmt.Fprintf(w, "%s\t%.6g\t%.3g\n", name, v.Mean[name], v.Std[name])
			}
			return w.Flush()
		})
	}
	return c
}
