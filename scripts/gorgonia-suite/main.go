// Command gorgonia-suite runs the tests and examples of Gorgonia, in the version that go.mod requires, on several
// machines: on Gorgonia's TapeMachine and, with every NewTapeMachine replaced, on Stheno's machines. It prints a line for
// each test that creates a machine, with the time on each machine. It fails if a test fails, except for tests that expect
// a fault of Gorgonia (faults.go).
//
//	go run ./scripts/gorgonia-suite                    # TapeMachine and cpu
//	go run ./scripts/gorgonia-suite -v -run Softmax    # with the output of failing tests
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
	flag.StringVar(&machines, "machines", "tape,cpu", "the machines, separated by commas: tape, cpu, cpu-avx512, cpu-avx2, cpu-neon, cpu-go, cuda")
	flag.StringVar(&s.tags, "tags", "", "build tags of the suite: gpu for cuda")
	flag.StringVar(&s.only, "run", ".", "the tests to run, a regular expression")
	verbose := flag.Bool("v", false, "print the output of failing tests")
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

// suite is the tests to run, and the machines to run them on.
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
