package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

func (a *app) generate() *cobra.Command {
	var out string
	var class int
	var check bool
	g := recipe.Generation{}
	c := &cobra.Command{
		Use:   "generate RUN -o FILE",
		Short: "Generate samples, or a walk between two of them",
		Long: `Generate samples. Codes are drawn from the model's prior, or from what is fitted to the
codes of training samples: a mixture of normals (--sampler gmm) or a normalising flow
(--sampler flow). Both suit models without a prior, too. --class generates a class: by a
model that is conditional on it, or by a sampler that is fitted to the codes of the
class. --walk A,B goes from the code of one sample to that of another; a conditional
model changes from the class of the one to that of the other half way.

--check trains a small classifier on the run's training samples, which need labels. It
prints the share of generated samples that it takes for the class they were generated
for, and the Fréchet distance of all from the test samples by its last hidden layer,
beside that of as many training samples. Use 1,000 samples or more.

The file is a png with the samples side by side, or csv, npy or npz. Texts are printed, or
written as txt or csv; music is written as mid, wav, csv or png.` + dataHelp,
		Example: `stheno generate runs/vae -n 64 -o samples.png
stheno generate runs/vae --sampler gmm --components 5 -n 16 -o gmm.png
stheno generate runs/vae --sampler flow --epochs 5 -n 16 --check -o flow.png
stheno generate runs/cvae --class 7 -n 16 --check -o sevens.png
stheno generate runs/vae --walk 3,17 -n 10 -o walk.png
stheno generate runs/names -n 20 --temperature 0.8
stheno generate runs/chorales -n 4 -o chorale.mid`,
		Args: cobra.ExactArgs(1),
	}
	u := useFlags(c)
	c.Flags().StringVarP(&out, "out", "o", "", "file to write: "+strings.Join(recipe.Outputs(), ", "))
	c.Flags().IntVarP(&g.N, "number", "n", 0, "number of samples (default 64), or of steps of a walk (default 10)")
	c.Flags().IntVar(&class, "class", 0, "class to generate (default all in turns, if the model is conditional on it)")
	c.Flags().StringVar(&g.Sampler, "sampler", "", "what codes are drawn from: "+strings.Join(recipe.Samplers(), ", ")+" (default the prior if the model has one, else gmm)")
	c.Flags().IntVar(&g.Components, "components", 0, "normals in the mixture (default 10)")
	c.Flags().IntVar(&g.Epochs, "epochs", 0, "epochs of the flow (default 20)")
	c.Flags().IntSliceVar(&g.Walk, "walk", nil, "numbers of two samples to walk between, such as 3,17")
	c.Flags().BoolVar(&check, "check", false, "compare the samples with test samples by a classifier")
	c.Flags().Uint64Var(&g.Seed, "seed", 1, "seed of what is drawn")
	fillSequences := sequenceFlags(c, &g)
	c.RunE = func(c *cobra.Command, args []string) error {
		fillSequences()
		if c.Flags().Changed("class") {
			g.Class = &class
		}
		g.From = u.data
		return with(args[0], u.o, func(run *recipe.Run) error {
			if ok, err := a.generateSequences(c.Context(), run, g, out); ok {
				return err
			}
			if err := recipe.CheckOutput(out); err != nil {
				return usage{err}
			}
			x, err := run.Generate(c.Context(), g)
			if err != nil {
				return err
			}
			if err := recipe.Write(out, x, run.Columns()); err != nil {
				return err
			}
			where := fmt.Sprintf("%s, seed %d", args[0], g.Seed)
			if !check {
				return a.wrote(out, x, where)
			}
			j, err := run.Judge(c.Context(), x, g)
			if err != nil {
				return err
			}
			return a.result(map[string]any{"file": out, "shape": x.Shape, "samples": where, "check": j}, func(w io.Writer) error {
				fmt.Fprintf(w, "%s: %v of %s\n", out, x.Shape, where)
				if j.Recognised != nil {
					fmt.Fprintf(w, "taken for their class: %.4f (test samples: %.4f)\n", *j.Recognised, j.Accuracy)
				}
				_, err := fmt.Fprintf(w, "Fréchet distance from the test samples: %.4g (as many training samples: %.4g)\n", j.Distance, j.Floor)
				return err
			})
		})
	}
	return c
}
