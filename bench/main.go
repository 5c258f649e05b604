// Command bench trains autoencoders on handwritten digits and compares the
// backends on them: time per training step, fraction of the machine's
// arithmetic peak, loss curves, reconstructions. It prints a table and writes
// results.json and report.html.
//
//	go run ./bench                          everything, in five minutes
//	go run ./bench -quick                   the same in one
//	go run ./bench -steps 50                step times alone
//	go run ./bench -models conv -epochs 1   training, a whole epoch
//	go run ./bench -data mnist              ten epochs on the real digits
//	go run ./bench -check                   both machines do the same
//	go run ./bench -profile -models conv    where the time of a step goes
//	go run ./bench -programs all            programs as people write them for Gorgonia, times
//	go run ./bench -batch 32,128,512        several batch sizes
//
// On a GPU, with the tag gpu (cuda/README.md):
//
//	go run -tags gpu ./bench -backends cpu,cuda      the two compared: times, losses step by step, time to a test loss
//	go run -tags gpu ./bench -backends cuda -profile where the time of a step goes on it
//
// With -merge it shows runs of other programs beside its own: report.Load says
// what their files hold.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"time"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/data"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the command; it returns the exit status: 0, 1 where something failed,
// 2 for wrong usage, 130 where it was interrupted.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 2
	}
	if o.threads > 0 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(o.threads))
	}
	others, err := merged(o.merge)
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	if len(o.models) == 0 {
		return onlyMerge(o, others, stdout, stderr)
	}
	if o.kernels != "" {
		return status(writeKernels(o, stdout), stderr)
	}
	if len(o.programs) > 0 {
		return status(timePrograms(ctx, o, stdout), stderr)
	}
	set, err := data.Open(ctx, o.data, data.Options{Log: stderr})
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	if o.check {
		return status(check(ctx, o, set, stdout), stderr)
	}
	if o.profile {
		return status(profile(ctx, o, set, stdout), stderr)
	}
	s := newSuite(o, set, stderr)
	err = s.run(ctx)
	if len(others) > 0 {
		s.report.Results.Merge(others...)
	}
	if saveErr := s.save(stdout); saveErr != nil {
		fmt.Fprintln(stderr, "bench:", saveErr)
		return 1
	}
	return status(err, stderr)
}

// status says what went wrong and returns the exit status.
func status(err error, stderr io.Writer) int {
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "bench: interrupted: what was measured so far is saved")
		return 130
	case err != nil:
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

// merged reads the files of other runs.
func merged(paths []string) ([]report.Results, error) {
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

// onlyMerge shows the runs of others and nothing else.
func onlyMerge(o options, others []report.Results, stdout, stderr io.Writer) int {
	s := &suite{o: o, report: report.Report{Command: o.command, Date: time.Now(), Platform: runtime.GOOS + "/" + runtime.GOARCH}}
	s.report.Results.Merge(others...)
	if err := s.save(stdout); err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

// save prints the table and writes the two files.
func (s *suite) save(stdout io.Writer) error {
	if err := report.WriteTable(stdout, s.report.Results); err != nil {
		return err
	}
	for _, note := range s.report.Notes {
		fmt.Fprintln(stdout, note)
	}
	if err := os.MkdirAll(s.o.out, 0o755); err != nil {
		return err
	}
	results, page := filepath.Join(s.o.out, "results.json"), filepath.Join(s.o.out, "report.html")
	if err := report.SaveJSON(results, s.report.Results); err != nil {
		return err
	}
	if err := report.SaveHTML(page, s.report); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "wrote %s and %s\n", results, page)
	return nil
}
