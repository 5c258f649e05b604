package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

func (a *app) inpaint() *cobra.Command {
	var f restoration
	c := &cobra.Command{
		Use:   "inpaint DIR|DATA -o OUT --hide.kind KIND [--run RUN | --data WHOLE]",
		Short: "Fill in what is hidden of pictures",
		Long: `Hide a part of each picture of a folder or a data set, fill it in, and write the
pictures to a folder as PNG files. --hide.kind is

  centre  the square of --hide.size pixels in the middle (default half of the side)
  block   a square anywhere, another one for each picture
  mask    what is black in the picture --hide.mask, which has the size of the pictures

A net learns from whole pictures: those of --data, or a part of those that are given; the
others are then filled in. The default model is conv.Inpainting. --run uses a run or model
file that was trained before. With --cut.size the net learns from squares of the pictures,
and fills in pictures of any size in tiles.

The result says how near the hidden pixels are to the originals (the mean squared error,
PSNR in dB, and SSIM of the rectangle around them), beside leaving them black, the mean of
the training pictures there, and their principal components, fitted to what is shown by
least squares, with the number of components that is best.`,
		Example: `stheno inpaint mnist -o filled/ --hide.kind centre --hide.size 14 --epochs 1 --save runs/inpainter --compare filled.png
stheno inpaint mnist -o filled-blocks/ --run runs/inpainter --hide.kind block --hide.size 10 -n 5
stheno inpaint pictures/ -o filled-pictures/ --hide.kind block --hide.size 4 --epochs 1
stheno inpaint photos/ -o filled-photos/ --data pictures/ --cut.size 8 --cut.count 50 --hide.kind block --hide.size 3 --epochs 1`,
		Args: cobra.ExactArgs(1),
	}
	f.add(c, "data.hide.kind", "data.hide.size", "data.hide.mask")
	c.RunE = func(c *cobra.Command, args []string) error {
		if f.out == "" {
			return usage{errors.New("no folder for the filled pictures: name one with -o")}
		}
		asked, err := f.asked()
		if err != nil {
			return err
		}
		if asked.Hide.Kind == "" && f.run == "" {
			return usage{errors.New("nothing is hidden: say what with --hide.kind")}
		}
		defaults := inForm("model.type=conv.Inpainting", "model.encoder=16,32,64", "model.strided=true", "model.shrinkLast=true")
		run, from, err := a.open(c.Context(), &f, args[0], defaults)
		if err != nil {
			return err
		}
		defer run.Close()
		done, err := run.Inpaint(c.Context(), recipe.Inpainting{From: from, Out: f.out, Hide: asked.Hide, Limit: f.limit, Compare: f.compare})
		if err != nil {
			return err
		}
		return a.result(done, func(w io.Writer) error { return printRestored(w, f.out, done) })
	}
	return c
}
