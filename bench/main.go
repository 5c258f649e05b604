// Command bench trains autoencoders on handwritten digits and compares the
// backends on them: time per training step, fraction of the machine's
// arithmetic peak, loss curves, reconstructions. It prints a table and writes
// results.json and report.html.
//
//	go run ./bench                          everything, in five minutes
//	go run ./bench -quick                   the same, in one minute
//	go run ./bench -steps 50                step times only
//	go run ./bench -models conv -epochs 1   training, a whole epoch
//	go run ./bench -data mnist              ten epochs on the real digits
//	go run ./bench -check                   compare the results of both machines
//	go run ./bench -profile -models conv    where the time of a step goes
//	go run ./bench -programs all            times of typical programs written for Gorgonia
//	go run ./bench -batch 32,128,512        several batch sizes
//	go run ./bench -presets list            models held against published figures
//	go run ./bench -presets fast -seeds 3   runs some of them: within fifteen minutes a seed
//
// On a GPU, with the tag gpu (cuda/README.md):
//
//	go run -tags gpu ./bench -backends cpu,cuda      compare the two: step times, losses of each step, time to a test loss
//	go run -tags gpu ./bench -backends cuda -profile where the time of a step goes on the GPU
//
// With -merge it also shows runs of other programs; report.Load describes the format of
// their files.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/internal/interrupt"
	"github.com/stheno-ml/stheno/internal/machine"
)

func main() {
	os.Exit(run(interrupt.Context("bench", os.Stderr), os.Args[1:], os.Stdout, os.Stderr))
}

// run is the command. It returns the exit status: 0, 1 if something failed, 2 for
// wrong usage, 130 if it was interrupted.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 2
	}
	if cores := machine.Describe().Cores; o.threads > cores {
		fmt.Fprintf(stderr, "bench: -threads %d: this process can use only %d, so all backends use %d\n", o.threads, cores, cores)
		o.threads = cores
	}
	if o.threads > 0 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(o.threads))
	}
	switch {
	case o.kernels != "":
		return exitStatus(writeKernels(ctx, o, stdout), "the files written so far are complete", stderr)
	case o.list:
		return exitStatus(listPresets(stdout), "", stderr)
	case len(o.programs) > 0:
		return exitStatus(timePrograms(ctx, o, stdout), "the measurements so far are above", stderr)
	case !o.profile:
		if err := report.Prepare(o.out); err != nil {
			return exitStatus(fmt.Errorf("-o: %w", err), "", stderr)
		}
	}
	others, err := loadResults(o.merge)
	if err != nil {
		return exitStatus(err, "", stderr)
	}
	if len(o.presets) > 0 {
		return exitStatus(runPresets(ctx, o, others, stdout, stderr), "the figures so far are saved, and the same command goes on from here", stderr)
	}
	if len(o.models) == 0 {
		return exitStatus(onlyMerge(o, others, stdout), "", stderr)
	}
	set, err := data.Open(ctx, o.data, data.Options{Log: stderr})
	if err != nil {
		return exitStatus(err, "there are no measurements yet", stderr)
	}
	switch {
	case o.check:
		return exitStatus(check(ctx, o, set, stdout), "the checks so far are saved", stderr)
	case o.profile:
		return exitStatus(profile(ctx, o, set, stdout), "the measurements so far are above", stderr)
	}
	s := newSuite(ctx, o, set, stderr)
	err = s.run(ctx)
	if len(others) > 0 {
		s.report.Results.Merge(others...)
	}
	if saveErr := s.save(stdout); saveErr != nil {
		return exitStatus(saveErr, "", stderr)
	}
	return exitStatus(err, "the measurements so far are saved", stderr)
}

// exitStatus prints the error and returns the exit status. remains says what is left
// of a run that was interrupted.
func exitStatus(err error, remains string, stderr io.Writer) int {
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "bench: interrupted:", remains)
		return 130
	case errors.Is(err, syscall.EPIPE):
		return 0 // the reader of the table closed the pipe
	case err != nil:
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

// loadResults reads the results of other runs.
func loadResults(paths []string) ([]report.Results, error) {
	var all []report.Results
	for _, path := range paths {
		r, err := report.Load(path)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// onlyMerge saves and shows only the runs of other programs.
func onlyMerge(o options, others []report.Results, stdout io.Writer) error {
	s := &suite{o: o, report: report.Report{Command: o.command, Date: time.Now(), Platform: runtime.GOOS + "/" + runtime.GOARCH}}
	s.report.Results.Merge(others...)
	return s.save(stdout)
}

// save writes the two files, and then prints the table.
func (s *suite) save(stdout io.Writer) error {
	results, page := filepath.Join(s.o.out, report.ResultsFile), filepath.Join(s.o.out, report.PageFile)
	if err := report.SaveJSON(results, s.report.Results); err != nil {
		return err
	}
	if err := report.SaveHTML(page, s.report); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := report.WriteTable(&text, s.report.Results); err != nil {
		return err
	}
	for _, note := range s.report.Notes {
		fmt.Fprintln(&text, note)
	}
	fmt.Fprintf(&text, "wrote %s and %s\n", results, page)
	if _, err := text.WriteTo(stdout); err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	return nil
}
