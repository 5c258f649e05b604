package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

func (a *app) denoise() *cobra.Command {
	var f restoration
	var clean string
	var check bool
	c := &cobra.Command{
		Use:   "denoise DIR|DATA|FILE.wav -o OUT [--run RUN | --data CLEAN --damage.kind KIND]",
		Short: "Clean pictures and sounds",
		Long: `Clean the pictures of a folder, and write them to another folder as PNG files under
the same names; or clean a wav file, or those of a folder, to wav files of the same rate.

A net learns from clean ones (--data), which are damaged while it trains. --damage.kind is

  gaussian         noise with the standard deviation --damage.level, where white is 1
  salt-and-pepper  a part --damage.level of the values becomes black or white
  masking          a part --damage.level of the values becomes 0
  occlusion        squares (in a sound gaps) of --damage.size become black (silent)
  jpeg             pictures are coded as JPEG with --damage.quality

With --cut.size the net learns from squares of the pictures, and then cleans pictures of
any size in tiles; without it, pictures are brought to the size of the first. --run uses a
run or model file that was trained before; without it, and without --data and --check, the
newest run in the folder runs is used. The default model is conv.Denoising.

With --check the pictures or sounds are clean: they are damaged first. Without --run and
--data, a net is trained on a part of them, and cleans the others. With --clean, a folder
of the clean ones by the same names, or with --check, the result says how near the net
comes (PSNR in dB and SSIM, or the signal-to-noise ratio in dB of a sound), beside doing
nothing, a median filter, and principal components of the training pictures, or a Wiener
filter of a sound; each of these with the setting that is best for them.`,
		Example: `stheno denoise noisy/ -o cleaned/ --run runs/denoiser
stheno denoise noisy/ -o cleaned/ --run runs/denoiser --clean pictures/
stheno denoise noisy/ -o cleaned/ --data pictures/ --damage.kind gaussian --damage.level 0.2 --epochs 2 --clean pictures/
stheno denoise mnist -o cleaned-digits/ --check --damage.kind occlusion --damage.size 6 --epochs 1 -n 12 --compare compare.png
stheno denoise photos/ -o cleaned-photos/ --data pictures/ --cut.size 8 --cut.count 50 --check --damage.kind jpeg --damage.quality 10 --epochs 1
stheno denoise music/ -o cleaned-music/ --data music/ --check --damage.kind gaussian --damage.level 0.1 --window 256 --epochs 1`,
		Args: cobra.ExactArgs(1),
	}
	f.add(c, "data.damage.kind", "data.damage.level", "data.damage.size", "data.damage.quality", "data.window")
	c.Flags().StringVar(&clean, "clean", "", "folder of the clean pictures or sounds, to compare")
	c.Flags().BoolVar(&check, "check", false, "damage what is clean first, and compare")
	c.RunE = func(c *cobra.Command, args []string) error {
		if f.out == "" {
			return usage{errors.New("no folder for the clean pictures: name one with -o")}
		}
		asked, err := f.asked()
		if err != nil {
			return err
		}
		if f.run == "" && !check && !f.has("data") && !f.has("data.source") {
			if f.run, err = newestRun(); err != nil {
				return err
			}
			a.say("using the run %s", f.run)
		}
		if f.run == "" && asked.Damage.Kind == "" {
			return usage{errors.New("no damage to learn from: say which with --damage.kind")}
		}
		sound := recipe.IsSound(args[0])
		defaults := inForm("model.type=conv.Denoising", "model.encoder=24", "model.residual=1")
		if sound {
			defaults = inForm("model.type=conv.Denoising", "model.encoder=16", "model.residual=1", "model.kernel=1,31")
		}
		run, from, err := a.open(c.Context(), &f, args[0], defaults)
		if err != nil {
			return err
		}
		defer run.Close()
		d := recipe.Denoising{From: from, Out: f.out, Clean: clean, Check: check, Damage: asked.Damage, Limit: f.limit, Compare: f.compare}
		if sound {
			d.From = args[0]
			done, err := run.DenoiseSound(c.Context(), d)
			if err != nil {
				return err
			}
			return a.result(done, func(w io.Writer) error { return printSounds(w, f.out, done) })
		}
		done, err := run.Denoise(c.Context(), d)
		if err != nil {
			return err
		}
		return a.result(done, func(w io.Writer) error { return printRestored(w, f.out, done) })
	}
	return c
}
