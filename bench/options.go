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
	"github.com/stheno-ml/stheno/internal/programs"
)

// options are the settings of the command line.
type options struct {
	models   []string
	backends []string
	each     bool // train on each of the named backends, else on the fastest
	data     string
	epochs   int // 0: as many as the budget allows
	steps    int // timed steps of each model on each backend
	// least is the minimum total time of the timed steps on a GPU, where a step takes
	// a fraction of a millisecond. It is 0 if the number of steps is set.
	least    time.Duration
	train    bool
	batches  []int // samples per step; none: each model's default
	seed     uint64
	threads  int                // 0: all processors
	isas     []string           // instruction sets of the compiled machine: one, or more to check
	check    bool               // compare the machines
	profile  bool               // list the steps of the compiled machines' plans
	compare  bool               // backends on one machine: steps, losses, time to a target
	programs []programs.Program // to time instead of the models
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
func parseOn(here gpus, args []string, stderr io.Writer) (options, error) {
	o := options{gpus: here}
	var models, backends, merge, isas, batches, asked string
	var quick bool
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&models, "models", defaultModels, "models, of "+strings.Join(netNames(), ", ")+"; none only merges")
	f.StringVar(&backends, "backends", "", "backends, of "+strings.Join(backendNames(), ", ")+" (default all that are here, without emu; trained on the fastest)")
	f.StringVar(&o.data, "data", "auto", "data set: auto, mnist, fashion-mnist, digits, or a folder that holds one")
	f.IntVar(&o.epochs, "epochs", 0, "train for so many epochs, on every backend named (default 10 on the fastest where -data names a real set, else as many as five minutes allow)")
	f.IntVar(&o.steps, "steps", 0, "time so many training steps; alone, train nothing")
	f.StringVar(&batches, "batch", "", "samples in a step, or several sizes with commas between (default each model's own: 128, dense 256, dense-wide 512)")
	f.Uint64Var(&o.seed, "seed", 1, "seed of starts, order and noise")
	f.IntVar(&o.threads, "threads", 0, "processors to use (default all)")
	f.StringVar(&isas, "isa", isaNames()[len(isaNames())-1], "instruction set of the compiled machine, of "+strings.Join(isaNames(), ", ")+"; with -check several")
	f.BoolVar(&o.check, "check", false, "compare losses and parameters of both machines after five steps, and end with status 1 where they differ")
	f.BoolVar(&quick, "quick", false, "be done within a minute")
	f.BoolVar(&o.profile, "profile", false, "list the steps of the plans of the compiled machines named (default cpu) with their times, costs and bounds")
	f.BoolVar(&o.compare, "compare", false, "compare the backends named, one of them on a GPU: step times, losses step by step, time to a test loss (default models "+comparedModels+", batches "+comparedBatches+")")
	f.StringVar(&o.kernels, "kernels", "", "write the CUDA C of the models' training steps into this folder and do nothing else; needs no GPU")
	f.StringVar(&asked, "programs", "", "time programs as people write them for Gorgonia, on its machine and on ours in its place, and nothing else: all, or of "+strings.Join(programNames(), ", "))
	f.StringVar(&o.out, "o", "out", "folder for results.json and report.html")
	f.StringVar(&merge, "merge", "", "files like results.json, with commas between, whose runs are shown beside these")
	f.Usage = func() {
		fmt.Fprintln(stderr, "usage: bench [flags]\n\nTrains autoencoders and compares the backends. Without flags: times every model on\nevery backend, then trains on the fastest, within five minutes. With -data and a real data\nset: trains on the fastest for ten epochs. With -backends, a GPU among them, and nothing else:\n-compare.")
		f.PrintDefaults()
	}
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q: all settings are flags, see -help", f.Arg(0))
	}
	o.each = backends != "" && o.epochs > 0
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
	o.compare = o.compare || o.comparesBy(given)
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
		return o, fmt.Errorf("-models none leaves nothing to do without -merge")
	}
	if models != "none" {
		if o.models, err = list("model", models, netNames()); err != nil {
			return o, err
		}
	}
	if o.programs, err = programsAsked(asked); err != nil {
		return o, err
	}
	if o.isas, err = list("instruction set", isas, isaNames()); err != nil {
		return o, err
	}
	switch {
	case o.epochs < 0 || o.steps < 0 || o.threads < 0:
		return o, fmt.Errorf("-epochs, -steps and -threads cannot be negative")
	case several(o.check, o.profile, o.compare, o.kernels != "", len(o.programs) > 0):
		return o, fmt.Errorf("-check, -profile, -compare, -kernels and -programs are different things: give one")
	case o.compare && !slices.ContainsFunc(o.backends, onGPU):
		return o, fmt.Errorf("-compare holds a backend on a GPU against the others: name %s among -backends", onCUDA)
	case len(o.isas) > 1 && !o.check:
		return o, fmt.Errorf("-isa names %d instruction sets: only -check takes more than one", len(o.isas))
	}
	o.train = (o.epochs > 0 || o.steps == 0) && !o.compare
	o.budget, o.score, o.peak, o.programTime = 190*time.Second, 2048, 300*time.Millisecond, 6*time.Second
	steps := 10
	if quick {
		o.budget, o.score, o.programTime, steps = 14*time.Second, 512, time.Second, 3
	}
	if real := o.data != "auto" && o.data != "digits"; real && o.epochs == 0 && o.steps == 0 && !quick {
		o.epochs = namedEpochs
	}
	if o.steps == 0 {
		o.least = time.Second
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
			return nil, fmt.Errorf("-batch %s: %q is no number of samples", text, item)
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
