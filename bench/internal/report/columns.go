// The columns of the two tables, for the terminal and for the page.

package report

// column is one column of a table: its heading and the text of its cells.
type column struct {
	Head string
	Hint string           // what the heading means, with the unit
	Text func(row) string // what its cells say
}

// row is a run with what follows from comparing it with the other runs.
type row struct {
	Run
	Speedup Opt[float64] // of the median step against the Baseline's, 1 is equal
}

// speedColumns is the table of how fast the runs were.
var speedColumns = []column{
	{"batch", "samples in one step", func(r row) string { return count(r.Batch) }},
	{"threads", "threads the backend may use", func(r row) string { return count(r.Threads) }},
	{"compile ms", "to build the graph and its machine", func(r row) string { return shown(r.CompileMS, three) }},
	{"steps", "training steps timed", func(r row) string { return shown(r.Steps, count) }},
	{"step ms", "median time of one training step", func(r row) string { return shown(r.StepMS.Median, three) }},
	{"min–max", "shortest and longest step in ms", func(r row) string {
		low, high := shown(r.StepMS.Min, three), shown(r.StepMS.Max, three)
		if low == unknown && high == unknown {
			return unknown
		}
		return low + "–" + high
	}},
	{"samples/s", "batch over the median step", func(r row) string { return shown(r.SamplesPerSec, three) }},
	{"GFLOP/s", "nominal operations over the median step", func(r row) string { return shown(r.GFLOPS, three) }},
	{"of peak", "GFLOP/s over the measured FMA peak of the threads used", func(r row) string { return shown(r.PeakFraction, percent) }},
	{"speed", "relative to the backend " + Baseline, func(r row) string { return shown(r.Speedup, times) }},
}

// learningColumns is the table of how big the models are and what they learned.
var learningColumns = []column{
	{"params", "learnable numbers", func(r row) string { return shown(r.Params, count) }},
	{"nodes", "nodes of the training graph", func(r row) string { return shown(r.Nodes, count) }},
	{"MFLOP", "nominal operations of one step, in millions", func(r row) string {
		return shown(r.FlopsPerStep, func(n int64) string { return four(float64(n) / 1e6) })
	}},
	{"allocs", "heap allocations of one step", func(r row) string { return shown(r.AllocsPerStep, three) }},
	{"memory", "most memory held", func(r row) string { return shown(r.PeakBytes, bytesOf) }},
	{"epochs", "passes over the training data", func(r row) string { return shown(r.Epochs, count) }},
	{"first loss", "training loss at the start", func(r row) string { return shown(r.LossFirst, four) }},
	{"last loss", "training loss at the end", func(r row) string { return shown(r.LossLast, four) }},
	{"test loss", "loss on the test samples", func(r row) string { return shown(r.TestLoss, four) }},
	{"test MSE", "squared error per value on the test samples", func(r row) string { return shown(r.TestMSE, four) }},
}

// rows returns the runs with their speed relative to the Baseline.
func rows(runs []Run) []row {
	out := make([]row, len(runs))
	for i, r := range runs {
		out[i].Run = r
		mine, known := r.StepMS.Median.Get()
		base, has := baselineOf(runs, r)
		if known && has && mine > 0 {
			out[i].Speedup = Known(base / mine)
		}
	}
	return out
}

// baselineOf returns the median step of the Baseline's run of the same model and
// batch, of those the one with the same threads if there is one, in ms.
func baselineOf(runs []Run, of Run) (ms float64, known bool) {
	for _, r := range runs {
		if r.Backend != Baseline || r.Model != of.Model || r.Batch != of.Batch {
			continue
		}
		median, has := r.StepMS.Median.Get()
		if !has {
			continue
		}
		if r.Threads == of.Threads {
			return median, true
		}
		if !known {
			ms, known = median, true
		}
	}
	return ms, known
}
