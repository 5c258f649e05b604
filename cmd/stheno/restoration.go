package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
)

// restoration are the flags that denoise and inpaint share.
type restoration struct {
	out, run, keep, compare string
	limit                   int
	settings                *[]recipe.Setting
}

// add adds the flags. Of the keys of the configuration the help shows those of a training.
func (f *restoration) add(c *cobra.Command, shown ...string) {
	f.settings = configFlags(c)
	shown = append(shown, "data", "model", "data.cut.size", "data.cut.count", "train.epochs", "train.batch", "train.optimizer.rate", "seed", "backend", "threads", "isa", "dataDir", "set")
	for _, k := range recipe.Keys() {
		if flag := c.Flags().Lookup(k.Name); flag != nil {
			flag.Hidden = !slices.Contains(shown, k.Name)
		}
	}
	c.Flags().StringVarP(&f.out, "out", "o", "", "folder to write to")
	c.Flags().StringVar(&f.run, "run", "", "run folder or model file to use, which was trained before")
	c.Flags().StringVar(&f.keep, "save", "", "run folder of the training (default a new one in "+runsFolder+")")
	c.Flags().StringVar(&f.compare, "compare", "", "png file of the first pictures by all methods")
	c.Flags().IntVarP(&f.limit, "number", "n", 0, "pictures or sounds at most (default all)")
}

// has reports whether a key was set.
func (f *restoration) has(key string) bool {
	return slices.ContainsFunc(*f.settings, func(s recipe.Setting) bool { return s.Key == key })
}

// open opens the run that restores: the one that is named, or one that is trained on --data
// or on source. from is what is restored: source, or "" for the run's own test samples.
func (a *app) open(ctx context.Context, f *restoration, source string, defaults []recipe.Setting) (run *recipe.Run, from string, err error) {
	if f.run != "" {
		o, err := f.openOptions()
		if err != nil {
			return nil, "", usage{err}
		}
		run, err := recipe.Open(f.run, o)
		return run, source, err
	}
	var settings []recipe.Setting
	typed := f.has("model") || f.has("model.type")
	for _, s := range append(defaults, falling()...) {
		fixed := strings.HasPrefix(s.Key, "train.schedule.") && f.has("train.optimizer.rate")
		if !fixed && (!typed || !strings.HasPrefix(s.Key, "model.")) {
			settings = append(settings, s)
		}
	}
	from = source
	if !f.has("data") && !f.has("data.source") {
		from = "" // what it is not trained on
		settings = append(settings, recipe.Setting{Key: "data.source", Value: source, Origin: source})
	}
	r, name, err := load(nil, append(settings, *f.settings...))
	if err != nil {
		return nil, "", err
	}
	if f.keep == "" {
		f.keep = newRun(name)
	}
	a.say("training in %s", f.keep)
	run, err = r.Train(ctx, f.keep, recipe.Options{Progress: a.progress(), Command: a.command()})
	if err != nil && run != nil {
		err = errors.Join(err, run.Close())
	}
	return run, from, err
}

// openOptions are the options for a run that is there. No key of a training may be set.
func (f *restoration) openOptions() (o recipe.OpenOptions, err error) {
	for _, s := range *f.settings {
		switch {
		case s.Key == "backend":
			o.Backend = s.Value
		case s.Key == "threads":
			if _, err := fmt.Sscan(s.Value, &o.Threads); err != nil {
				return o, fmt.Errorf("%s: %q is not a whole number", s.Origin, s.Value)
			}
		case s.Key == "isa":
			o.ISA = s.Value
		case s.Key == "dataDir":
			o.DataDir = s.Value
		case !isDamage(s.Key):
			return o, fmt.Errorf("%s is for a training, and --run names a run that was trained: leave one out", s.Origin)
		}
	}
	return o, nil
}

// isDamage reports whether a key says what is damaged or hidden.
func isDamage(key string) bool {
	return strings.HasPrefix(key, "data.damage.") || strings.HasPrefix(key, "data.hide.")
}

// asked is the damage and the hole that the flags say.
func (f *restoration) asked() (recipe.Data, error) {
	settings := inForm("data.source=-", "model.type=conv")
	for _, s := range *f.settings {
		if isDamage(s.Key) {
			settings = append(settings, s)
		}
	}
	r, err := recipe.Parse(nil, "the flags", settings...)
	if err != nil {
		return recipe.Data{}, usage{err}
	}
	return r.Data, nil
}

// falling is the learning rate of a training that says nothing else.
func falling() []recipe.Setting {
	return inForm("train.batch=8", "train.schedule.rate.kind=cosine", "train.schedule.rate.from=0.003", "train.schedule.rate.to=0.00001")
}

// inForm makes settings of lines key=value.
func inForm(lines ...string) (out []recipe.Setting) {
	for _, l := range lines {
		key, value, _ := strings.Cut(l, "=")
		out = append(out, recipe.Setting{Key: key, Value: value, Origin: "--" + key})
	}
	return out
}

// printRestored prints what a restoration of pictures has done.
func printRestored(to io.Writer, out string, done *recipe.Restored) error {
	printHead(to, out, len(done.Pictures), "pictures", done.What)
	if done.Resized > 0 {
		fmt.Fprintf(to, "%d had another size and were brought to %d by %d pixels, which the model was trained on; one that is trained with --cut.size takes any size\n", done.Resized, done.Size[0], done.Size[1])
	}
	if len(done.Methods) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "method\tMSE\tPSNR, dB\tSSIM\tbest setting")
	for _, m := range done.Methods {
		fmt.Fprintf(w, "%s\t%.5f\t%.2f\t%.3f\t%s\n", m.Name, m.MSE, m.PSNR, m.SSIM, m.Setting)
	}
	return w.Flush()
}

// printSounds prints what a restoration of sounds has done.
func printSounds(to io.Writer, out string, done *recipe.CleanedSounds) error {
	printHead(to, out, len(done.Sounds), "sounds", done.What)
	if len(done.Methods) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "method\tSNR, dB\tbest setting")
	for _, m := range done.Methods {
		fmt.Fprintf(w, "%s\t%.2f\t%s\n", m.Name, m.SNR, m.Setting)
	}
	return w.Flush()
}

func printHead(to io.Writer, out string, n int, what, damage string) {
	fmt.Fprintf(to, "%s: %d %s", out, n, what)
	if damage != "" {
		fmt.Fprintf(to, ", %s", damage)
	}
	fmt.Fprintln(to)
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
