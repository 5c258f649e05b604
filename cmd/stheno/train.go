package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

// runsFolder is the folder of runs that are not told where to go.
const runsFolder = "runs"

func (a *app) train() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "train [PRESET|CONFIG.yaml]",
		Short: "Train a model and leave a run folder",
		Long: `Train a model and leave a run folder.

The argument is a preset (a model of the literature with its data and recipe, see
"stheno presets") or a configuration. Without it, flags say everything: at least
--data and --model.

If the training is interrupted by Ctrl-C, killed, or ended by --maxTime, "stheno
resume RUN" goes on with it, and ends as if nothing had happened.` + flagsHelp,
		Example: `stheno train --data mnist --model vae --latent 10 --epochs 5 -o runs/vae
stheno train --data pictures/ --model conv --noise.kind gaussian --noise.level 0.2 -o runs/denoiser
stheno train --data table.csv --label kind --model dense --hidden 8,2 -o runs/table
stheno train --data names.txt --tokens characters --model seq.VAE --teacherForcing -o runs/names
stheno train --data chorales.json --model seq.VAE --teacherForcing --augment.transpose.most 6 -o runs/chorales
stheno train vae.yaml --seed 2 -o runs/vae-2`,
		Args: cobra.MaximumNArgs(1),
	}
	settings := configFlags(c)
	c.Flags().StringVarP(&out, "out", "o", "", "run folder (default a new one in "+runsFolder+")")
	c.RunE = func(c *cobra.Command, args []string) error {
		r, name, err := load(args, *settings)
		if err != nil {
			return err
		}
		if out == "" {
			out = newRun(name)
		}
		a.say("training in %s", out)
		run, err := r.Train(c.Context(), out, recipe.Options{Progress: a.progress(), Command: a.command()})
		return a.trained(run, out, err)
	}
	return c
}

// load reads the configuration that an argument names, or that of a preset, or that of
// the settings alone. name is what a run of it is called.
func load(args []string, settings []recipe.Setting) (r *recipe.Recipe, name string, err error) {
	if len(args) == 0 {
		r, err = recipe.Parse(nil, "the flags", settings...)
	} else if isConfig(args[0]) {
		name = strings.TrimSuffix(filepath.Base(args[0]), filepath.Ext(args[0]))
		r, err = recipe.Load(args[0], settings...)
	} else {
		name = args[0]
		settings = append([]recipe.Setting{{Key: "preset", Value: args[0], Origin: args[0]}}, settings...)
		r, err = recipe.Parse(nil, "the flags", settings...)
	}
	if err != nil {
		return nil, "", usage{err}
	}
	if name == "" {
		source := filepath.Base(r.Data.Source)
		kind, _, _ := strings.Cut(r.ModelType(), ".")
		name = kind + "-" + strings.TrimSuffix(source, filepath.Ext(source))
	}
	return r, name, nil
}

// isConfig reports whether an argument is the path of a configuration and not a preset.
func isConfig(arg string) bool {
	if ext := filepath.Ext(arg); ext == ".yaml" || ext == ".yml" || ext == ".json" {
		return true
	}
	info, err := os.Stat(arg)
	return err == nil && !info.IsDir() || strings.ContainsAny(arg, `/\`)
}

// newRun is a folder that does not exist yet.
func newRun(name string) string {
	for i := 1; ; i++ {
		dir := filepath.Join(runsFolder, name)
		if i > 1 {
			dir = fmt.Sprintf("%s-%d", dir, i)
		}
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) || i == 10_000 {
			return dir
		}
	}
}

// trained prints the outcome of a training.
func (a *app) trained(run *recipe.Run, dir string, failed error) error {
	if run == nil {
		return failed
	}
	defer run.Close()
	if run.Info.Status == recipe.Interrupted {
		a.say("go on with: stheno resume %s", dir)
	}
	if failed != nil {
		return failed
	}
	return a.result(struct {
		Run string `json:"run"`
		recipe.Info
	}{dir, run.Info}, func(w io.Writer) error {
		fmt.Fprintf(w, "%s: %s after %d epochs", dir, run.Info.Status, run.Info.Epochs)
		if run.Info.Stopped != "" {
			fmt.Fprintf(w, " (%s)", run.Info.Stopped)
		}
		fmt.Fprintln(w)
		if err := printFigures(w, run.Info.Figures); err != nil {
			return err
		}
		if err := printMeans(w, "test ", run.Info.Test); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w, "report: %s\n", filepath.Join(dir, recipe.ReportFile))
		return err
	})
}

// printMeans prints numbers by name.
func printMeans(to io.Writer, prefix string, means map[string]float64) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, name := range sorted(means) {
		fmt.Fprintf(w, "%s%s\t%.6g\n", prefix, name, means[name])
	}
	return w.Flush()
}

// printFigures prints the figures of a preset.
func printFigures(to io.Writer, all []recipe.Reached) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, f := range all {
		fmt.Fprintf(w, "%s\t%.5g\tuntrained %.5g", f.Metric, f.Value, f.Untrained)
		if f.Expected != 0 {
			fmt.Fprintf(w, "\tpublished %g (%s)", f.Expected, f.Source)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}
