// Package vm has the interfaces of backends and machines, and functions that are
// compiled for the shapes of their arguments. It also has what machines report: where
// the nodes of a graph are computed, which node is wrong, how long steps take and how
// much memory they need.
package vm

import "time"

// Memory is what a machine holds for its step, in bytes. Inputs and parameters are
// not counted: they belong to the graph.
type Memory struct {
	Arena   int64 // intermediate values, including those of single workers
	Least   int64 // the peak of the values alive at one time: no arena can be smaller
	Scratch int64 // other memory of steps, such as packed operands and partial sums
}

// StepProfile is the cost of one step of the plan in the profiled runs.
type StepProfile struct {
	Step  string        // the primitive and its operands' shapes
	Took  time.Duration // total over all runs
	Flops int64         // of its products in one run, two per multiply-add
	Bytes int64         // of operands and results in one run
	// AtOnce is how many of the bytes are in use at one time: all, except in steps
	// that process a batch a few images at a time.
	AtOnce int64
}
