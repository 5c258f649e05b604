package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

func (a *app) plot() *cobra.Command {
	var out, versus string
	c := &cobra.Command{
		Use:   "plot RUN... -o FILE.png",
		Short: "Draw the codes of samples as a plane, and compare them with principal components",
		Long: `Draw the codes of samples as a plane, in a colour for each class if they have labels.
Codes of more than two dimensions are brought to the plane of their first two principal
components. Several runs are drawn below each other.

--vs pca puts the samples' own principal components beside it: the plane of the first
two; the straight plane of PCA beside the curved surface that the decoder makes, in the
space of the first three; and for pictures a walk over both. It prints the share of
samples whose nearest neighbour among the training samples is of another class, by the
code and by as many components, the squared error of both reconstructions, and the time
of a search by the code and by all values of a sample.` + dataHelp,
		Example: `stheno plot runs/vae -o plane.png
stheno plot runs/vae --vs pca -o planes.png
stheno train --data s-curve --model dense --hidden 32,32,2 --activation tanh --codeActivation linear --epochs 1 -o runs/curve
stheno plot runs/curve --vs pca -o curve.png`,
		Args: cobra.MinimumNArgs(1),
	}
	u := useFlags(c)
	c.Flags().StringVarP(&out, "out", "o", "", "file to write: png")
	c.Flags().StringVar(&versus, "vs", "", "what to draw beside it: "+strings.Join(recipe.Comparisons(), ", "))
	c.RunE = func(c *cobra.Command, args []string) error {
		if filepath.Ext(out) != ".png" {
			return usage{fmt.Errorf("-o %s: want the name of a png file", out)}
		}
		if versus != "" {
			if err := recipe.CheckComparison(versus); err != nil {
				return usage{err}
			}
		}
		var plots []*recipe.Plotted
		for _, path := range args {
			err := with(path, u.o, func(run *recipe.Run) error {
				p, err := run.Plot(c.Context(), u.data, versus)
				plots = append(plots, p)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		if err := recipe.WritePNG(out, recipe.Below(plots)); err != nil {
			return err
		}
		return a.result(map[string]any{"file": out, "runs": plots}, func(w io.Writer) error { return printPlots(w, out, plots) })
	}
	return c
}

func printPlots(to io.Writer, out string, plots []*recipe.Plotted) error {
	fmt.Fprintf(to, "%s: codes of %s\n", out, plots[0].Samples)
	if plots[0].PCA == nil {
		return nil
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "run\tvalues\t1-NN error, codes\tPCA\tMSE, model\tPCA\tms a search, codes\tvalues of a sample")
	share := func(e *float64) string {
		if e == nil {
			return "-"
		}
		return fmt.Sprintf("%.4f", *e)
	}
	for _, p := range plots {
		v := p.PCA
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%.5f\t%.5f\t%.3g\t%.3g\n", p.Run, v.Values, share(v.Error), share(v.PCAError), v.MSE, v.PCAMSE, 1e3*v.Seconds, 1e3*v.ValueSeconds)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	v := plots[0].PCA
	_, err := fmt.Fprintf(to, "%d samples, the nearest of %d training samples; the times are the medians of %d\n", v.Samples, v.References, v.Timed)
	return err
}
