// The columns of the two tables, for the terminal and for the page.

package report

import (
	"slices"
	"strings"
)

// column is one column of a table: its heading and the text of its cells.
type column struct {
	Head string
	Hint string           // what the heading means, with the unit
	Text func(row) string // what its cells say
	// Optional columns are left out if no row has a value.
	Optional bool
}

// row is a run with its comparisons to other runs.
type row struct {
	Run
	Speedup Opt[float64] // of the median step over the Baseline's; 1 is equal
	Rivalry Opt[float64] // the same over the fastest Rival's
	OverCPU Opt[float64] // the same over the Reference's, for a run on a GPU
}

// speedColumns is the table of the runs' speed.
var speedColumns = []column{
	{Head: "batch", Hint: "samples in one step", Text: func(r row) string { return count(r.Batch) }},
	{Head: "threads", Hint: "threads the backend may use", Text: func(r row) string {
		if r.GPU {
			return unknown
		}
		return count(r.Threads)
	}},
	{Head: "isa", Hint: "instruction set of the kernels", Text: func(r row) string { return shown(r.ISA, words) }, Optional: true},
	{Head: "compile ms", Hint: "to build the graph and its machine", Text: func(r row) string { return shown(r.CompileMS, three) }},
	{Head: "plan ms", Hint: "of those, to make the machine of the finished graph", Text: func(r row) string { return shown(r.PlanMS, three) }, Optional: true},
	{Head: "steps", Hint: "training steps timed", Text: func(r row) string { return shown(r.Steps, count) }},
	{Head: "step ms", Hint: "median time of one training step", Text: func(r row) string { return shown(r.StepMS.Median, three) }},
	{Head: "min–max", Hint: "shortest and longest step in ms", Text: func(r row) string {
		low, high := shown(r.StepMS.Min, three), shown(r.StepMS.Max, three)
		if low == unknown && high == unknown {
			return unknown
		}
		return low + "–" + high
	}},
	{Head: "samples/s", Hint: "batch over the median step", Text: func(r row) string { return shown(r.SamplesPerSec, three) }},
	{Head: "GFLOP/s", Hint: "nominal operations over the median step", Text: func(r row) string { return shown(r.GFLOPS, three) }},
	{Head: "of peak", Hint: "GFLOP/s over the measured FMA peak of the threads used, or over the GPU's by its clock", Text: func(r row) string { return shown(r.PeakFraction, percent) }},
	{Head: "of bandwidth", Hint: "bytes of the plan's steps over the median step, over the bandwidth of the GPU's memory", Text: func(r row) string { return shown(r.BandwidthFraction, percent) }, Optional: true},
	{Head: "speed", Hint: "relative to the backend " + Baseline, Text: func(r row) string { return shown(r.Speedup, times) }},
	{Head: "vs " + Rival, Hint: "relative to the fastest backend of " + Rival, Text: func(r row) string { return shown(r.Rivalry, times) }, Optional: true},
	{Head: "vs " + Reference, Hint: "of a GPU, relative to the backend " + Reference, Text: func(r row) string { return shown(r.OverCPU, times) }, Optional: true},
}

// learningColumns is the table of the models' sizes and losses.
var learningColumns = []column{
	{Head: "params", Hint: "learnable numbers", Text: func(r row) string { return shown(r.Params, count) }},
	{Head: "nodes", Hint: "nodes of the training graph", Text: func(r row) string { return shown(r.Nodes, count) }},
	{Head: "MFLOP", Hint: "nominal operations of one step, in millions", Text: func(r row) string {
		return shown(r.FlopsPerStep, func(n int64) string { return four(float64(n) / 1e6) })
	}},
	{Head: "allocs", Hint: "heap allocations of one step", Text: func(r row) string { return shown(r.AllocsPerStep, three) }},
	{Head: "memory", Hint: "most memory held", Text: func(r row) string { return shown(r.PeakBytes, bytesOf) }},
	{Head: "arena", Hint: "memory of a step's intermediate values", Text: func(r row) string { return shown(r.ArenaBytes, bytesOf) }, Optional: true},
	{Head: "of least", Hint: "arena over the most of it that is needed at one time", Text: func(r row) string { return shown(r.overLeast(), times) }, Optional: true},
	{Head: "scratch", Hint: "additional memory of a step's workers", Text: func(r row) string { return shown(r.ScratchBytes, bytesOf) }, Optional: true},
	{Head: "epochs", Hint: "passes over the training data", Text: func(r row) string { return shown(r.Epochs, count) }},
	{Head: "first loss", Hint: "training loss at the start", Text: func(r row) string { return shown(r.LossFirst, four) }},
	{Head: "last loss", Hint: "training loss at the end", Text: func(r row) string { return shown(r.LossLast, four) }},
	{Head: "test loss", Hint: "loss on the test samples", Text: func(r row) string { return shown(r.TestLoss, four) }},
	{Head: "test MSE", Hint: "squared error per value on the test samples", Text: func(r row) string { return shown(r.TestMSE, four) }},
	{Head: "to MSE", Hint: "squared error per value on the test samples that it was trained to", Text: func(r row) string { return shown(r.TargetMSE, two) }, Optional: true},
	{Head: "in epochs", Hint: "epochs until that was reached", Text: func(r row) string { return shown(r.TargetEpochs, count) }, Optional: true},
	{Head: "in s", Hint: "training steps until that was reached, in seconds", Text: func(r row) string { return shown(r.TargetSeconds, three) }, Optional: true},
	{Head: "loss apart", Hint: "largest difference of a step's loss from the backend " + Reference + ", relative, from one seed on the same batches", Text: func(r row) string { return shown(r.LossDifference, two) }, Optional: true},
	{Head: "over steps", Hint: "the first steps, whose losses were compared", Text: func(r row) string { return shown(r.LossSteps, count) }, Optional: true},
}

// columnsOf returns the columns that the table of the rows has.
func columnsOf(all []column, rows []row) []column {
	return slices.DeleteFunc(slices.Clone(all), func(c column) bool {
		return c.Optional && !slices.ContainsFunc(rows, func(r row) bool { return c.Text(r) != unknown })
	})
}

// overLeast is the arena over its lower bound.
func (r row) overLeast() Opt[float64] {
	arena, known := r.ArenaBytes.Get()
	least, has := r.LeastBytes.Get()
	if !known || !has || least == 0 {
		return Opt[float64]{}
	}
	return Known(float64(arena) / float64(least))
}

// rows returns the runs with their speeds relative to the Baseline, to the
// fastest Rival and to the Reference.
func rows(runs []Run) []row {
	out := make([]row, len(runs))
	for i, r := range runs {
		out[i].Run = r
		mine, known := r.StepMS.Median.Get()
		if !known || mine <= 0 {
			continue
		}
		if r.Emulated {
			continue
		}
		for _, c := range []struct {
			to   *Opt[float64]
			such func(backend string) bool
		}{
			{&out[i].Speedup, func(backend string) bool { return backend == Baseline }},
			{&out[i].Rivalry, isRival},
			{&out[i].OverCPU, func(backend string) bool { return r.GPU && backend == Reference }},
		} {
			if other, has := medianOf(runs, r, c.such); has {
				*c.to = Known(other / mine)
			}
		}
	}
	return out
}

// isRival reports whether a backend is one of Rival's.
func isRival(backend string) bool {
	return backend == Rival || strings.HasPrefix(backend, Rival+"-")
}

// medianOf returns the shortest median step, in ms, over the runs of such
// backends with the same model and batch, and with the same threads if there
// are any.
func medianOf(runs []Run, of Run, such func(backend string) bool) (ms float64, known bool) {
	same := false
	for _, r := range runs {
		median, has := r.StepMS.Median.Get()
		if !has || r.Emulated || !such(r.Backend) || r.Model != of.Model || r.Batch != of.Batch || same && r.Threads != of.Threads {
			continue
		}
		if better := !same && r.Threads == of.Threads; better || !known || median < ms {
			ms, known, same = median, true, same || better
		}
	}
	return ms, known
}
