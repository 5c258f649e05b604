// Package vm has the interfaces of backends and machines, functions that compile
// themselves for the shapes that they are called with, and what machines tell about
// themselves: where the nodes of a graph went, which node is wrong, how long steps
// take and how much memory they hold.
package vm

import "time"

// Memory is what a machine holds for its step, in bytes. Inputs and parameters
// are not in it: they are the graph's.
type Memory struct {
	Arena   int64 // intermediate values, workers' own among them
	Least   int64 // the most of these that are needed at one time: no arena can be smaller
	Scratch int64 // what steps need besides, such as packed operands and partial sums
}

// StepProfile is what one step of the plan took in the runs that were profiled.
type StepProfile struct {
	Step  string        // the primitive and its operands' shapes
	Took  time.Duration // in all runs together
	Flops int64         // of its products in one run, two a multiply-add
	Bytes int64         // of operands and results in one run
	// AtOnce is how many of the bytes are at hand at one time: all, but for steps
	// through which a batch goes some images at a time.
	AtOnce int64
}
