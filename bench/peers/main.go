// Command peers times one training step of the benchmark's nets on the compiled
// machines, in PyTorch and on GoMLX's pure Go backend, in turn, in one run. The
// script run in its folder builds everything, installs PyTorch if it is
// missing, and starts this program.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/bench/peers/internal/talk"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/internal/interrupt"
)

func main() {
	os.Exit(run(interrupt.Context("peers", os.Stderr), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// options are what the command line asks for.
type options struct {
	nets     []talk.Net
	backends []string
	rounds   int
	block    time.Duration // about how long each program runs in a round
	patience time.Duration
	checked  int // least steps between the first and the last loss compared
	threads  int
	data     string
	out      string
	python   string // a Python interpreter that has PyTorch, or ""
	folder   string // the folder of the Python programs
	gomlx    string // the program of GoMLX, or ""
	batch    int    // samples in a step; 0: as in nets.json
	serve    bool
	machine  string // the machine to serve on: own or ownGPU
}

// run is the command; it returns the exit status: 0, 1 if something failed or
// two programs computed different losses, 2 for wrong usage.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "peers:", err)
		return 2
	}
	if o.serve {
		err = talk.Serve(stdin, stdout, &ours{machine: o.machine})
	} else {
		err = compare(ctx, o, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "peers:", err)
		return 1
	}
	return 0
}

// compare times everything, writes results.json and prints the table.
func compare(ctx context.Context, o options, stdout, stderr io.Writer) error {
	if o.out != "" {
		if err := report.Prepare(o.out); err != nil {
			return fmt.Errorf("-o: %w", err)
		}
		if _, err := report.Load(filepath.Join(o.out, report.ResultsFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("-o, where the rows are added: %w", err)
		}
	}
	set, err := data.Open(ctx, o.data, data.Options{Log: stderr})
	if err != nil {
		return err
	}
	r, err := newRace(ctx, o, set, stderr)
	if err != nil {
		return err
	}
	err = errors.Join(r.all(ctx), r.close())
	path := ""
	if o.out != "" {
		var saveErr error
		path, saveErr = save(o.out, r.results)
		err = errors.Join(err, saveErr)
	}
	if writeErr := writeTable(stdout, r.results); writeErr != nil {
		return errors.Join(err, writeErr)
	}
	if note := busyNote(r.load, o.threads); note != "" {
		r.notes = append(r.notes, note)
	}
	for _, note := range r.notes {
		fmt.Fprintln(stdout, note)
	}
	if path != "" {
		fmt.Fprintln(stdout, "wrote", path)
	}
	return err
}

// parse reads the command line.
func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	var names, backends string
	var quick bool
	f := flag.NewFlagSet("peers", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&names, "nets", "", "nets of nets.json, with commas between (default all)")
	f.StringVar(&backends, "backends", strings.Join(onCPU, ","), "programs to compare; on a GPU: "+strings.Join(onGPU, ", "))
	f.IntVar(&o.rounds, "rounds", 12, "how often each program has its turn")
	f.DurationVar(&o.block, "block", 400*time.Millisecond, "how long a turn takes, about")
	f.DurationVar(&o.patience, "patience", 3*time.Minute, "how long a program may take for a turn, or to get ready with its first steps")
	f.IntVar(&o.threads, "threads", min(2, runtime.NumCPU()), "threads of every program")
	f.StringVar(&o.data, "data", "auto", "data set, as in bench")
	f.StringVar(&o.out, "o", "", `folder of results.json, where rows are added to those that are there (default "out"; with -quick, none)`)
	f.StringVar(&o.python, "python", "", "a Python that has PyTorch; none leaves PyTorch out")
	f.StringVar(&o.folder, "scripts", "bench/peers/pytorch", "folder of the programs in Python")
	f.StringVar(&o.gomlx, "gomlx", "", "the program built in bench/peers/gomlx; none leaves GoMLX out")
	f.BoolVar(&quick, "quick", false, "two short rounds of the small nets: a check, not a measurement")
	f.IntVar(&o.batch, "batch", 0, "samples in a step of every net but conv-encode (default as in nets.json)")
	f.BoolVar(&o.serve, "serve", false, "take orders on standard input, as one of the programs")
	f.StringVar(&o.machine, "machine", own, "with -serve, the machine: "+own+" or "+ownGPU)
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q: all settings are flags, see -help", f.Arg(0))
	}
	o.checked = checked
	if o.out == "" && !quick {
		o.out = "out"
	}
	if quick {
		o.rounds, o.block, o.checked = 2, 40*time.Millisecond, 1
		if names == "" {
			names = "conv,conv-strided,vae,lstm,dense,conv-encode"
		}
	}
	if o.rounds < 1 || o.threads < 1 || o.block <= 0 || o.patience <= 0 {
		return o, fmt.Errorf("-rounds, -threads, -block and -patience must be above 0")
	}
	if o.batch < 0 || o.machine != own && o.machine != ownGPU {
		return o, fmt.Errorf("-batch %d, -machine %s: give samples, and %s or %s", o.batch, o.machine, own, ownGPU)
	}
	var err error
	if o.backends, err = known(backends); err != nil {
		return o, err
	}
	if o.nets, err = choose(names); err != nil {
		return o, err
	}
	for i := range o.nets {
		if err := rebatch(&o.nets[i], o.batch); err != nil {
			return o, err
		}
	}
	return o, nil
}
