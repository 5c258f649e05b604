package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

func (a *app) generate() *cobra.Command {
	var out string
	var class int
	g := recipe.Generation{}
	c := &cobra.Command{
		Use:   "generate RUN -o FILE",
		Short: "Generate samples, or a walk between two of them",
		Long: `Generate samples. Codes are drawn from the model's prior, or from a mixture of normals
that is fitted to the codes of training samples (--sampler gmm), which suits models
without a prior, too. --walk A,B goes from the code of one sample to that of another.
The file is a png with the samples side by side, or csv, npy or npz.` + dataHelp,
		Example: `stheno generate runs/vae -n 64 -o samples.png
stheno generate runs/vae --sampler gmm --components 5 -n 16 -o gmm.png
stheno generate runs/cvae --class 7 -n 16 -o sevens.png
stheno generate runs/vae --walk 3,17 -n 10 -o walk.png`,
		Args: cobra.ExactArgs(1),
	}
	u := useFlags(c)
	c.Flags().StringVarP(&out, "out", "o", "", "file to write: "+strings.Join(recipe.Outputs(), ", "))
	c.Flags().IntVarP(&g.N, "number", "n", 0, "number of samples (default 64), or of steps of a walk (default 10)")
	c.Flags().IntVar(&class, "class", 0, "class to generate, for a model that is conditional on it (default all in turns)")
	c.Flags().StringVar(&g.Sampler, "sampler", "", "what codes are drawn from: "+strings.Join(recipe.Samplers(), ", ")+" (default the prior, if the model has one)")
	c.Flags().IntVar(&g.Components, "components", 0, "normals in the mixture (default 10)")
	c.Flags().IntSliceVar(&g.Walk, "walk", nil, "numbers of two samples to walk between, such as 3,17")
	c.Flags().Uint64Var(&g.Seed, "seed", 1, "seed of what is drawn")
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := recipe.CheckOutput(out); err != nil {
			return usage{err}
		}
		if c.Flags().Changed("class") {
			g.Class = &class
		}
		g.From = u.data
		return with(args[0], u.o, func(run *recipe.Run) error {
			x, err := run.Generate(c.Context(), g)
			if err != nil {
				return err
			}
			if err := recipe.Write(out, x, nil); err != nil {
				return err
			}
			return a.wrote(out, x, fmt.Sprintf("%s, seed %d", args[0], g.Seed))
		})
	}
	return c
}
