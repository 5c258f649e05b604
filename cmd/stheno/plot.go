package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

func (a *app) plot() *cobra.Command {
	var out, versus string
	c := &cobra.Command{
		Use:   "plot RUN -o FILE.png",
		Short: "Draw the codes of samples as a plane",
		Long: `Draw the codes of samples as a plane, in a colour for each class if they have labels.
Codes of more than two dimensions are brought to the plane of their first two principal
components. --vs pca puts the plane of the samples' own principal components beside it.` + dataHelp,
		Example: `stheno plot runs/vae -o plane.png
stheno plot runs/vae --vs pca -o planes.png`,
		Args: cobra.ExactArgs(1),
	}
	u := useFlags(c)
	c.Flags().StringVarP(&out, "out", "o", "", "file to write: png")
	c.Flags().StringVar(&versus, "vs", "", "what to draw beside it: pca")
	c.RunE = func(c *cobra.Command, args []string) error {
		if filepath.Ext(out) != ".png" {
			return usage{fmt.Errorf("-o %s: want the name of a png file", out)}
		}
		if versus != "" && versus != "pca" {
			return usage{recipe.Unknown("--vs", versus, []string{"pca"})}
		}
		return with(args[0], u.o, func(run *recipe.Run) error {
			img, in, err := run.Plot(c.Context(), u.data, versus == "pca")
			if err != nil {
				return err
			}
			if err := recipe.WritePNG(out, img); err != nil {
				return err
			}
			return a.result(map[string]string{"file": out, "samples": in.Where}, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s: codes of %s\n", out, in.Where)
				return err
			})
		})
	}
	return c
}
