package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/nets"
	"github.com/stheno-ml/stheno/internal/programs"
	"github.com/stheno-ml/stheno/presets"
)

// options are the settings of the command line.
type options struct {
	models    []string
	backends  []string
	trainEach bool // train on all named backends, not only the fastest
	data      string
	epochs    int // 0: as many as the budget allows
	steps     int // timed steps of each model on each backend
	// minTime is the minimum total time of the timed steps on a GPU, where a step takes
	// a fraction of a millisecond. It is 0 if the number of steps is set.
	minTime  time.Duration
	train    bool
	batches  []int // samples per step; none: each model's default
	seed     uint64
	threads  int                // 0: all processors
	isas     []string           // instruction sets of the compiled machine: one, or more to check
	check    bool               // compare the machines
	profile  bool               // list the steps of the compiled machines' plans
	compare  bool               // compare backends: steps, losses, time to a target
	programs []programs.Program // to time instead of the models
	presets  []presets.Preset   // to run instead of the models
	list     bool               // list the presets
	seeds    []uint64           // of the presets' runs
	trial    presets.Trial      // limits them
	kernels  string             // the folder for the GPU's kernels
	gpus     gpus
	out      string
	merge    []string // files of other runs to show as well
	command  string
	// budget limits the training of all models together if the number of epochs is
	// not set, and score the samples that they are scored on.
	budget      time.Duration
	score       int
	peak        time.Duration // to measure the arithmetic peak
	programTime time.Duration // to time one of the programs
}

// namedEpochs is the default number of epochs for a real data set.
const namedEpochs = 10

// defaultModels are the models of a run without -models.
const defaultModels = "conv,vae,lstm,dense"

// parse reads the command line.
func parse(args []string, stderr io.Writer) (options, error) {
	return parseOn(realGPUs(), args, stderr)
}

// parseOn is parse with the given GPUs.
func parseOn(available gpus, args []string, stderr io.Writer) (options, error) {
	o := options{gpus: available}
	var models, backends, merge, isas, batches, programNamesGiven, presetNames string
	var seeds int
	var quick bool
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&models, "models", defaultModels, "models, of "+strings.Join(nets.Names(), ", ")+"; none to merge only")
	f.StringVar(&backends, "backends", "", "backends, of "+strings.Join(backendNames(), ", ")+" (default all that are available, without emu; training is on the fastest)")
	f.StringVar(&o.data, "data", "auto", "data set: auto, mnist, fashion-mnist, digits, or a folder with one")
	f.IntVar(&o.epochs, "epochs", 0, "number of epochs to train, on all backends in -backends (default 10 on the fastest if -data is a real set, else as many as fit into five minutes)")
	f.IntVar(&o.steps, "steps", 0, "number of training steps to time; without -epochs, do not train")
	f.StringVar(&batches, "batch", "", "samples in a step, or several sizes separated by commas (default 128, dense 256, dense-wide 512)")
	f.Uint64Var(&o.seed, "seed", 1, "seed of initial weights, sample order and noise")
	f.IntVar(&o.threads, "threads", 0, "processors to use (default all)")
	f.StringVar(&isas, "isa", isaNames()[len(isaNames())-1], "instruction set of the compiled machine, of "+strings.Join(isaNames(), ", ")+"; -check takes several")
	f.BoolVar(&o.check, "check", false, "compare losses and parameters of both machines after five steps, and exit with status 1 if they differ")
	f.BoolVar(&quick, "quick", false, "finish within a minute; with -presets, try each with ten steps")
	f.BoolVar(&o.profile, "profile", false, "list the steps of the compiled machines in -backends (default cpu) with their times, costs and bounds")
	f.BoolVar(&o.compare, "compare", false, "compare the backends in -backends, one of them on a GPU: step times, losses step by step, time to a test loss (default models "+comparedModels+", batches "+comparedBatches+")")
	f.StringVar(&o.kernels, "kernels", "", "write the CUDA C of the models' training steps into this folder and do nothing else; needs no GPU")
	f.StringVar(&programNamesGiven, "programs", "", "only time typical programs written for Gorgonia, on its machine and on ours: all, or of "+strings.Join(programNames(), ", "))
	f.StringVar(&presetNames, "presets", "", "only run presets, models held against published figures: all, fast (within fifteen minutes), or names with commas between them; list shows them")
	f.IntVar(&seeds, "seeds", 1, "number of runs of each preset, with the seeds -seed, -seed + 1, ...")
	f.StringVar(&o.out, "o", "out", "folder for results.json and report.html")
	f.StringVar(&merge, "merge", "", "files like results.json, separated by commas, whose runs are added")
	f.Usage = func() {
		fmt.Fprintln(stderr, "usage: bench [flags]\n\nTrains autoencoders and compares the backends. Without flags it times every\nmodel on every backend, and then trains on the fastest, within five minutes. With a real data set\nin -data it trains for ten epochs on the fastest. If -backends has a GPU and nothing else is\nset, it does -compare.")
		f.PrintDefaults()
	}
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q: all settings are flags, see -help", f.Arg(0))
	}
	o.trainEach = backends != "" && o.epochs > 0
	given := map[string]bool{}
	f.Visit(func(f *flag.Flag) { given[f.Name] = true })
	switch {
	case backends == "" && o.profile:
		backends = report.Reference
	case backends == "" && o.compare:
		backends = report.Reference + "," + onCUDA
	case backends == "":
		backends = strings.Join(o.gpus.backendsHere(), ",")
	}
	var err error
	if o.backends, err = list("backend", backends, backendNames()); err != nil {
		return o, err
	}
	tags := ""
	if slices.ContainsFunc(o.backends, onGPU) {
		tags = "-tags gpu "
	}
	o.command = strings.TrimSpace("go run " + tags + "./bench " + strings.Join(args, " "))
	o.compare = o.compare || o.impliesComparison(given)
	if o.compare && !given["models"] {
		models = comparedModels
	}
	if o.compare && !given["batch"] {
		batches = o.batchesToCompare(quick)
	}
	if o.batches, err = sizes(batches); err != nil {
		return o, err
	}
	if merge != "" {
		o.merge = strings.Split(merge, ",")
	}
	if models == "none" && merge == "" {
		return o, fmt.Errorf("-models none needs -merge: otherwise there is nothing to do")
	}
	if models != "none" {
		if o.models, err = list("model", models, nets.Names()); err != nil {
			return o, err
		}
	}
	if o.programs, err = selectPrograms(programNamesGiven); err != nil {
		return o, err
	}
	if o.list = presetNames == "list"; presetNames != "" && !o.list {
		if o.presets, err = presets.Find(presetNames); err != nil {
			return o, err
		}
	}
	if seeds < 1 {
		return o, fmt.Errorf("-seeds %d: want at least 1", seeds)
	}
	for i := range seeds {
		o.seeds = append(o.seeds, o.seed+uint64(i))
	}
	if o.isas, err = list("instruction set", isas, isaNames()); err != nil {
		return o, err
	}
	switch {
	case o.epochs < 0 || o.steps < 0 || o.threads < 0:
		return o, fmt.Errorf("-epochs, -steps and -threads cannot be negative")
	case several(o.check, o.profile, o.compare, o.kernels != "", len(o.programs) > 0, presetNames != ""):
		return o, fmt.Errorf("-check, -profile, -compare, -kernels, -programs and -presets exclude each other: set one of them")
	case o.compare && !slices.ContainsFunc(o.backends, onGPU):
		return o, fmt.Errorf("-compare compares a GPU with other backends: add %s to -backends", onCUDA)
	case len(o.isas) > 1 && !o.check:
		return o, fmt.Errorf("-isa lists %d instruction sets: only -check takes more than one", len(o.isas))
	}
	o.train = (o.epochs > 0 || o.steps == 0) && !o.compare
	o.budget, o.score, o.peak, o.programTime = 190*time.Second, 2048, 300*time.Millisecond, 6*time.Second
	steps := 10
	if quick {
		o.budget, o.score, o.programTime, steps = 14*time.Second, 512, time.Second, 3
		o.trial = presets.Trial{Samples: 500, Steps: 10}
	}
	if real := o.data != "auto" && o.data != "digits"; real && o.epochs == 0 && o.steps == 0 && !quick {
		o.epochs = namedEpochs
	}
	if o.steps == 0 {
		o.minTime = time.Second
	}
	if o.steps == 0 && !o.compare {
		o.steps = steps
	}
	return o, nil
}

// sizes splits a comma-separated list of batch sizes.
func sizes(text string) ([]int, error) {
	var out []int
	for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
		n, err := strconv.Atoi(strings.TrimSpace(item))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-batch %s: %q is not a number of samples", text, item)
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

// several reports whether more than one is set.
func several(set ...bool) bool {
	n := 0
	for _, s := range set {
		if s {
			n++
		}
	}
	return n > 1
}

// isaNames lists the supported instruction sets, the best last.
func isaNames() []string {
	var names []string
	for _, isa := range kernel.Supported() {
		names = append(names, string(isa))
	}
	return names
}

// isa is the instruction set of the compiled machine.
func (o options) isa() string { return o.isas[0] }

// machine is the configuration of the compiled machine.
func (o options) machine() cpu.Config { return cpu.Config{Threads: o.threads, ISA: o.isa()} }

// list splits a comma-separated list whose items must be known.
func list(what, text string, known []string) ([]string, error) {
	var items []string
	for _, item := range strings.Split(text, ",") {
		item = strings.TrimSpace(item)
		if !slices.Contains(known, item) {
			return nil, fmt.Errorf("unknown %s %q: choose from %s", what, item, strings.Join(known, ", "))
		}
		if !slices.Contains(items, item) {
			items = append(items, item)
		}
	}
	return items, nil
}
