package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/stheno-ml/stheno/internal/programs"
)

// The machines alternate. A turn is as many steps as fit into turnTime, and there is a
// minimum number of turns.
const (
	turnTime = 20 * time.Millisecond
	minTurns = 3
)

// selectPrograms returns the programs that the command line names.
func selectPrograms(names string) ([]programs.Program, error) {
	all := programs.All()
	if names == "" {
		return nil, nil
	}
	if names == "all" {
		return all, nil
	}
	asked, err := list("program", names, programNames())
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(p programs.Program) bool { return !slices.Contains(asked, p.Name) }), nil
}

func programNames() (names []string) {
	for _, p := range programs.All() {
		names = append(names, p.Name)
	}
	return names
}

// timePrograms times typical programs written for Gorgonia, on its machine and on
// ours, and prints a table.
func timePrograms(ctx context.Context, o options, stdout io.Writer) error {
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "ms of RunAll\t\tgorgonia\tmin\tdropin\tmin\tratio\tof min\tof steps\tallocations\tof dropin\t")
	for _, p := range o.programs {
		for _, dtype := range p.Timed {
			theirs, ours, err := timeProgram(ctx, p, dtype, o)
			if err != nil {
				return errors.Join(w.Flush(), fmt.Errorf("program %s: %w", p.Name, err))
			}
			fmt.Fprintf(w, "%s\t%v\t%s\t%s\t%.2f\t%.2f\t%.2f\t%d\t%d\t\n", p.Name, dtype, theirs.times(), ours.times(),
				ratio(median(theirs.runs), median(ours.runs)), ratio(slices.Min(theirs.runs), slices.Min(ours.runs)),
				ratio(median(theirs.steps), median(ours.steps)), theirs.allocs/(theirs.done-warmSteps), ours.allocs/(ours.done-warmSteps))
		}
	}
	return w.Flush()
}

// timeProgram times one program on both machines alternately.
func timeProgram(ctx context.Context, p programs.Program, dtype programs.Dtype, o options) (theirs, ours *programTimes, err error) {
	if theirs, err = startProgram(p, dtype, programs.TapeMachine); err != nil {
		return nil, nil, err
	}
	closing := func(t *programTimes) { err = errors.Join(err, t.program.Close()) }
	defer closing(theirs)
	if ours, err = startProgram(p, dtype, programs.On(o.machine().New)); err != nil {
		return nil, nil, err
	}
	defer closing(ours)
	start := time.Now()
	for turns := 0; turns < minTurns || time.Since(start) < o.programTime; turns++ {
		for _, t := range []*programTimes{theirs, ours} {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			if err := t.turn(); err != nil {
				return nil, nil, err
			}
		}
	}
	return theirs, ours, nil
}

// programTimes are the times of a program on one machine.
type programTimes struct {
	program programs.Running
	run     time.Duration   // of RunAll, added up by the machine
	runs    []time.Duration // of RunAll, the mean of each turn
	steps   []time.Duration // of everything that the program does in a step, likewise
	done    int
	allocs  int
}

// startProgram starts a program and runs the steps that are not timed.
func startProgram(p programs.Program, dtype programs.Dtype, machine programs.Machine) (*programTimes, error) {
	t := &programTimes{}
	var err error
	if t.program, err = p.Start(p.Full, dtype, machine.Timed(&t.run)); err != nil {
		return nil, err
	}
	for range warmSteps {
		if err := t.step(); err != nil {
			return nil, errors.Join(err, t.program.Close())
		}
	}
	return t, nil
}

func (t *programTimes) step() error {
	err := t.program.Step(t.done, programs.LookAway)
	t.done++
	return err
}

// turn runs steps for turnTime. The garbage of the other machine is collected before
// the clock starts.
func (t *programTimes) turn() error {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	t.run = 0
	first, start := t.done, time.Now()
	for t.done == first || time.Since(start) < turnTime {
		if err := t.step(); err != nil {
			return err
		}
	}
	took, steps := time.Since(start), time.Duration(t.done-first)
	runtime.ReadMemStats(&after)
	t.runs, t.steps = append(t.runs, t.run/steps), append(t.steps, took/steps)
	t.allocs += int(after.Mallocs - before.Mallocs)
	return nil
}

// times prints the median and the minimum of RunAll.
func (t *programTimes) times() string {
	return fmt.Sprintf("%.3f\t%.3f", milliseconds(median(t.runs)), milliseconds(slices.Min(t.runs)))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }
