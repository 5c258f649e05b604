package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

func (a *app) probe() *cobra.Command {
	o := recipe.OpenOptions{}
	c := &cobra.Command{
		Use:   "probe RUN",
		Short: "Measure how well the codes separate the classes",
		Long: `Measure how well the codes separate the classes: logistic regression and the nearest
neighbour, fitted to the codes of at most 10,000 training samples, and tested on those of
at most 10,000 test samples, beside principal components of as many dimensions. The
samples need labels (for a table, data.label).`,
		Example: `stheno probe runs/vae`,
		Args:    cobra.ExactArgs(1),
	}
	backendFlags(c, &o)
	c.RunE = func(c *cobra.Command, args []string) error {
		return with(args[0], o, func(run *recipe.Run) error {
			p, err := run.Probe(c.Context())
			if err != nil {
				return err
			}
			return a.result(p, func(to io.Writer) error {
				fmt.Fprintf(to, "%d dimensions, %d classes, %d samples to fit, %d to test\n", p.Dims, p.Classes, p.Train, p.Test)
				w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "error of\tcodes\tprincipal components")
				fmt.Fprintf(w, "logistic regression\t%.4f\t%.4f\n", p.LinearError, p.PCALinearError)
				fmt.Fprintf(w, "nearest neighbour\t%.4f\t%.4f\n", p.NeighbourError, p.PCANeighbourError)
				return w.Flush()
			})
		})
	}
	return c
}
