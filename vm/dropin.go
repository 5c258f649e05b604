package vm

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
)

// DropIn runs a graph that was written for Gorgonia, in place of its TapeMachine:
// cpu.New and cuda.New make one. It is a gorgonia.VM, and what a program names
// keeps working: Let between runs, Read, Node.Value of every node, Node.Grad,
// BindDualValues and Gorgonia's solvers. What went wrong in making the machine is
// kept for the first RunAll.
//
// Of Gorgonia's options it takes BindDualValues, WithNaNWatch, WithInfWatch,
// WithEngine, WithPrecompiled, TraceExec, EvalMode, and WithLogger with
// WithWatchlist and WithValueFmt, which logs the nodes that a run publishes.
// Report has a line for any other, which changes nothing.
//
// Whether batch norms and dropouts train belongs to the machine: all do, or none
// under EvalMode, until the program switches an op by SetTraining.
//
// The gradients of inputs are published. Those of nodes within are where they are
// few and small, at most 8 of together 4,096 elements, or the program asks: by
// naming a node in BindDualValues, by Read of its Deriv, or by TraceExec for all.
// The Grad of any other is a value without data that says so.
//
// A statement made by gorgonia.Set(a, b) takes effect after each run: a, which
// must be an input, holds a copy of b's value in the runs that follow.
//
// A graph may mix types. The float type that most elements are of is compiled, its
// comparisons too; integers, other truth values and the other floats are computed
// on the host.
//
// Where Gorgonia itself computes something wrong, this machine computes it right;
// Report lists such nodes, those that run on the host, and those that may not be
// what they look like, for Gorgonia merged or changed them when they were made: the
// Log of a Config is told of these at once.
//
// A DropIn is for one goroutine at a time, and says so to a second one. Machines
// of different graphs run at the same time; those of one graph publish into the
// same nodes, and take turns.
type DropIn interface {
	// RunAll runs the plan and publishes values: each node that the program can ask
	// for has a new one. A second call without Reset between does nothing, unless
	// the first failed: then it runs again.
	RunAll() error
	// Reset makes the machine ready for the next run.
	Reset()
	// Close frees the machine's memory; a closed machine cannot run.
	Close() error

	// Let binds a value to an input for the runs that follow, as gorgonia.Let does.
	Let(n *graph.Node, value any) error
	// Set binds the value that node b has to node a, for the runs that follow.
	Set(a, b *graph.Node) error

	// Solver returns a solver that does what s does, to the same bits, on the
	// machine's workers: each weight is gone through once, where Gorgonia's own code
	// goes through it some fifteen times on one processor. It is for the values and
	// gradients of any graph, and steps while the machine does not run.
	//
	// Solvers of Gorgonia that go through weights element by element are taken:
	// Vanilla, Momentum, AdaGrad, RMSProp and Adam, with all their options. A new
	// rate, or another number, that an option gives s later holds from the next step
	// on. Any other solver is returned as it is: AdamW, BarzilaiBorwein, a solver of
	// the caller's own, and one that has stepped before, whose state is its own.
	// Weights that are no dense float tensors in row-major order, with gradients
	// that are, go on being stepped by s.
	//
	// Step returns the errors that s would, but before any weight is changed. The
	// state of the weights is that of the returned solver: step by it alone.
	Solver(s gorgonia.Solver) gorgonia.Solver

	// Prog lists the plan, in place of the instructions that Gorgonia's Prog is of.
	Prog() string
	// LocMap says of each node where its value is, in place of the registers that
	// Gorgonia's LocMap is of: "step 3, arena at 128".
	LocMap() map[*graph.Node]string

	// Report says of each node which step of the plan computes it and where its
	// value lies, why it runs on the host if it does, and what Gorgonia's own machine
	// would get wrong. It is nil of a machine that is closed.
	Report() Report
	// Profile calls run, which runs the machine as often as it likes, and returns
	// what each step took, in the plan's order.
	Profile(run func() error) ([]StepProfile, error)
	// Verify checks the machine on the values that are bound to its inputs now, as
	// that of a Machine does. It changes no value.
	Verify() error
	// Memory returns what the machine holds: nothing if it is closed or was not made.
	Memory() Memory
	// String lists the plan.
	String() string
}
