package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/internal/kernel"
)

// options are what the command line asks for.
type options struct {
	models   []string
	backends []string
	each     bool // train on each of the backends, which were named; else on the fastest
	data     string
	epochs   int // 0: as many as the budget allows
	steps    int // timed steps of each model on each backend
	train    bool
	batch    int // 0: each model's own
	seed     uint64
	threads  int      // 0: all processors
	isas     []string // instruction sets of the compiled machine: one, or more to check
	check    bool     // compare the machines
	profile  bool     // list the steps of the compiled machine's plan
	out      string
	merge    []string // files of other runs to show beside these
	command  string
	// budget bounds the training of all models together where no number of
	// epochs is given, and score the samples it is scored on.
	budget time.Duration
	score  int
	peak   time.Duration // to measure the arithmetic peak
}

// namedEpochs is for how long to train where a real data set is named, and
// nothing says otherwise.
const namedEpochs = 10

// parse reads the command line.
func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	var models, backends, merge, isas string
	var quick bool
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&models, "models", "conv,vae,lstm,dense", "models, of "+strings.Join(netNames(), ", ")+"; none only merges")
	f.StringVar(&backends, "backends", "", "backends, of "+strings.Join(backendNames(), ", ")+" (default all; trained on the fastest)")
	f.StringVar(&o.data, "data", "auto", "data set: auto, mnist, fashion-mnist, digits, or a folder that holds one")
	f.IntVar(&o.epochs, "epochs", 0, "train for so many epochs, on every backend named (default 10 on the fastest where -data names a real set, else as many as five minutes allow)")
	f.IntVar(&o.steps, "steps", 0, "time so many training steps; alone, train nothing")
	f.IntVar(&o.batch, "batch", 0, "samples in a step (default each model's own: 128, dense 256, dense-wide 512)")
	f.Uint64Var(&o.seed, "seed", 1, "seed of starts, order and noise")
	f.IntVar(&o.threads, "threads", 0, "processors to use (default all)")
	f.StringVar(&isas, "isa", isaNames()[len(isaNames())-1], "instruction set of the compiled machine, of "+strings.Join(isaNames(), ", ")+"; with -check several")
	f.BoolVar(&o.check, "check", false, "compare losses and parameters of both machines after five steps, and end with status 1 where they differ")
	f.BoolVar(&quick, "quick", false, "be done within a minute")
	f.BoolVar(&o.profile, "profile", false, "list the steps of the compiled machine's plan with their times, costs and bounds")
	f.StringVar(&o.out, "o", "out", "folder for results.json and report.html")
	f.StringVar(&merge, "merge", "", "files like results.json, with commas between, whose runs are shown beside these")
	f.Usage = func() {
		fmt.Fprintln(stderr, "usage: bench [flags]\n\nTrains autoencoders and compares the backends. Without flags: times every model on\nevery backend, then trains on the fastest, within five minutes. With -data and a real data\nset: trains on the fastest for ten epochs.")
		f.PrintDefaults()
	}
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q: all settings are flags, see -help", f.Arg(0))
	}
	o.command = strings.TrimSpace("go run ./bench " + strings.Join(args, " "))
	o.each = backends != "" && o.epochs > 0
	if backends == "" {
		backends = strings.Join(backendNames(), ",")
	}
	var err error
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
	if o.backends, err = list("backend", backends, backendNames()); err != nil {
		return o, err
	}
	if o.isas, err = list("instruction set", isas, isaNames()); err != nil {
		return o, err
	}
	switch {
	case o.batch < 0 || o.epochs < 0 || o.steps < 0 || o.threads < 0:
		return o, fmt.Errorf("-batch, -epochs, -steps and -threads cannot be negative")
	case o.check && o.profile:
		return o, fmt.Errorf("-check and -profile are two things: give one")
	case len(o.isas) > 1 && !o.check:
		return o, fmt.Errorf("-isa names %d instruction sets: only -check takes more than one", len(o.isas))
	}
	o.train = o.epochs > 0 || o.steps == 0
	o.budget, o.score, o.peak = 190*time.Second, 2048, 300*time.Millisecond
	steps := 10
	if quick {
		o.budget, o.score, steps = 14*time.Second, 512, 3
	}
	if given := o.data != "auto" && o.data != "digits"; given && o.epochs == 0 && o.steps == 0 && !quick {
		o.epochs = namedEpochs
	}
	if o.steps == 0 {
		o.steps = steps
	}
	return o, nil
}

// isaNames lists the instruction sets that can be used here, the best one last.
func isaNames() []string {
	var names []string
	for _, isa := range kernel.Supported() {
		names = append(names, string(isa))
	}
	return names
}

// isa is the instruction set of the compiled machine.
func (o options) isa() string { return o.isas[0] }

// machine is the compiled machine as asked for.
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
