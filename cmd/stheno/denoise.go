package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

func (a *app) denoise() *cobra.Command {
	var from, out, clean string
	o := recipe.OpenOptions{}
	c := &cobra.Command{
		Use:   "denoise DIR -o OUT [--run RUN]",
		Short: "Clean the pictures of a folder",
		Long: `Clean the pictures of a folder, and write them to another folder as PNG files under
the same names, in the size that the model was trained on.

The model is a denoising autoencoder. To train one on a folder of clean pictures, use a
model with the setting noise: it learns to remove noise that is added while training.
kind is gaussian (level is the standard deviation, where white is 1), masking or
salt-and-pepper (level is the part of the pixels). Without --run, the newest run in the
folder runs is used.

With --clean, a folder of the clean pictures by the same names, the result says how near
the pictures are to these before and after, as PSNR in dB and as SSIM, and how near a
median filter of 3 by 3 pixels brings them.`,
		Example: `stheno train --data pictures/ --model conv --noise.kind gaussian --noise.level 0.2 -o runs/denoiser
stheno denoise noisy/ -o cleaned/ --run runs/denoiser
stheno denoise noisy/ -o cleaned/ --run runs/denoiser --clean pictures/`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVarP(&out, "out", "o", "", "folder to write to")
	c.Flags().StringVar(&from, "run", "", "run folder or model file (default the newest in "+runsFolder+")")
	c.Flags().StringVar(&clean, "clean", "", "folder of the clean pictures, to compare")
	backendFlags(c, &o)
	c.RunE = func(c *cobra.Command, args []string) error {
		if out == "" {
			return usage{errors.New("no folder for the clean pictures: name one with -o")}
		}
		if from == "" {
			var err error
			if from, err = newestRun(); err != nil {
				return err
			}
			a.say("using the run %s", from)
		}
		return with(from, o, func(run *recipe.Run) error {
			done, err := run.Denoise(c.Context(), args[0], out, clean)
			if err != nil {
				return err
			}
			return a.result(done, func(w io.Writer) error {
				fmt.Fprintf(w, "%s: %d pictures\n", out, len(done))
				if clean == "" {
					return nil
				}
				before, after, median := recipe.Means(done)
				for _, m := range []struct {
					what string
					n    recipe.Nearness
				}{{"before", before}, {"after", after}, {"by a median filter", median}} {
					fmt.Fprintf(w, "mean PSNR %.2f dB, SSIM %.3f %s\n", m.n.PSNR, m.n.SSIM, m.what)
				}
				return nil
			})
		})
	}
	return c
}

// newestRun is the run in the folder of runs whose model is the newest.
func newestRun() (string, error) {
	files, err := filepath.Glob(filepath.Join(runsFolder, "*", recipe.ModelFile))
	if err != nil {
		return "", err
	}
	newest, when := "", int64(0)
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && info.ModTime().UnixNano() > when {
			newest, when = filepath.Dir(f), info.ModTime().UnixNano()
		}
	}
	if newest == "" {
		return "", fmt.Errorf("there is no trained run in %s: train one, or name one with --run", runsFolder)
	}
	return newest, nil
}
