package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

func (a *app) probe() *cobra.Command {
	o := recipe.OpenOptions{}
	p := recipe.Probing{}
	c := &cobra.Command{
		Use:   "probe RUN",
		Short: "Measure how well the classes are found by the codes, with few labels and with all",
		Long: `Measure how well the classes of test samples are found with a number of labels:

  logistic regression and the nearest neighbours, by the codes, with the encoder as it is
  the same by as many principal components
  the whole net with a softmax head on the code, fine-tuned from the run's encoder
  the same net from scratch

The labels are those of as many training samples of each class as is possible. At most
10,000 test samples count. The net is trained for five epochs, and at least 500 steps, on
batches of 100 with Adam at a rate that falls from .001; if its encoder was trained
before, 500 steps of the head alone come first. The samples need labels (for a
table, data.label), and the model must not read them.`,
		Example: `stheno probe runs/vae
stheno probe runs/vae --labels 20,all --neighbours 1,3 --steps 50
stheno probe runs/vae --labels all --finetune=false`,
		Args: cobra.ExactArgs(1),
	}
	backendFlags(c, &o)
	c.Flags().StringSliceVar(&p.Labels, "labels", nil, "numbers of training samples whose label is used, or all (default 100,1000,all)")
	c.Flags().IntSliceVar(&p.Neighbours, "neighbours", nil, "numbers of neighbours that vote (default 1,5)")
	c.Flags().BoolVar(&p.FineTune, "finetune", true, "train the net with a head, from the run's encoder and from scratch")
	c.Flags().IntVar(&p.Steps, "steps", 0, "steps of fine-tuning (default five epochs, and at least 500)")
	c.Flags().Uint64Var(&p.Seed, "seed", 1, "seed of the labels that are used, and of fine-tuning")
	c.RunE = func(c *cobra.Command, args []string) error {
		if !c.Flags().Changed("labels") {
			p.Labels = nil
		}
		return with(args[0], o, func(run *recipe.Run) error {
			found, err := run.Probe(c.Context(), p)
			if err != nil {
				return err
			}
			return a.result(found, func(w io.Writer) error { return printProbed(w, found) })
		})
	}
	return c
}

// printProbed prints a row for each method and a column for each number of labels.
func printProbed(to io.Writer, p *recipe.Probed) error {
	fmt.Fprintf(to, "%d values, %d classes, %d samples to test\n", p.Dims, p.Classes, p.Test)
	var methods []string
	var labels []int
	accuracy := map[string]map[int]float64{}
	for _, r := range p.Rows {
		if accuracy[r.Method] == nil {
			accuracy[r.Method] = map[int]float64{}
			methods = append(methods, r.Method)
		}
		if !slices.Contains(labels, r.Labels) {
			labels = append(labels, r.Labels)
		}
		accuracy[r.Method][r.Labels] = r.Accuracy
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "test accuracy with labels")
	for _, n := range labels {
		fmt.Fprintf(w, "\t%d", n)
	}
	fmt.Fprintln(w)
	for _, m := range methods {
		fmt.Fprint(w, m)
		for _, n := range labels {
			fmt.Fprintf(w, "\t%.4f", accuracy[m][n])
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}
