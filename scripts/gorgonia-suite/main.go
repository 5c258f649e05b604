// Command gorgonia-suite runs Gorgonia's own tests and examples, of the version that go.mod requires, machine by
// machine: on Gorgonia's TapeMachine and, with every NewTapeMachine replaced, on Stheno's machines. It prints a line
// for each test that makes a machine, with the time on each machine. It fails if a test fails, except those that expect
// a fault of Gorgonia's (faults.go).
//
//	go run ./scripts/gorgonia-suite                    # TapeMachine and cpu
//	go run ./scripts/gorgonia-suite -v -run Softmax    # with the output of the tests that fail
//	eval "$(scripts/cuda-env)"; go run ./scripts/gorgonia-suite -tags gpu -machines tape,cpu,cuda
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	var s suite
	var machines string
	flag.StringVar(&machines, "machines", "tape,cpu", "what to run on, of tape, cpu, cpu-avx512, cpu-avx2, cpu-go and cuda, with commas between")
	flag.StringVar(&s.tags, "tags", "", "build tags of the suite: gpu for cuda")
	flag.StringVar(&s.only, "run", ".", "the tests to run, a regular expression")
	verbose := flag.Bool("v", false, "print what the tests that fail print")
	flag.Parse()
	s.machines = strings.Split(machines, ",")
	bad, err := s.main(os.Stdout, *verbose)
	if err != nil {
		fmt.Fprintln(os.Stderr, "gorgonia-suite:", err)
		os.Exit(2)
	}
	if bad > 0 {
		os.Exit(1)
	}
}

// suite is what to run.
type suite struct {
	machines []string
	tags     string
	only     string
}

// main runs the suite and returns how many lines of the table are wrong.
func (s suite) main(w io.Writer, verbose bool) (bad int, err error) {
	work, err := os.MkdirTemp("", "gorgonia-suite")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(work)
	binary, err := s.build(work)
	if err != nil {
		return 0, err
	}
	var runs []run
	for _, m := range s.machines {
		r, err := binary.run(m, s.only)
		if err != nil {
			return 0, err
		}
		runs = append(runs, r)
	}
	return table(w, runs, pinned, verbose), nil
}
