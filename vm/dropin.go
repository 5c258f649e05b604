package vm

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
)

// DropIn runs a graph that was written for Gorgonia, in place of its TapeMachine:
// cpu.New and cuda.New make one. It is a gorgonia.VM. Programs keep using Let
// between runs, Read, Node.Value of every node, Node.Grad, BindDualValues and
// Gorgonia's solvers. If New fails, the first RunAll returns the error.
//
// It supports these options of Gorgonia: BindDualValues, WithNaNWatch,
// WithInfWatch, WithEngine, WithPrecompiled, TraceExec, EvalMode, and WithLogger
// with WithWatchlist and WithValueFmt. The log lists the nodes that a run publishes.
// Any other option changes nothing, and Report has a line for it.
//
// Each machine has its own training mode: its batch norms and dropouts train, or
// evaluate under EvalMode, until the program switches an op by SetTraining.
//
// The gradients of inputs are published. The gradients of inner nodes are published
// if they are few and small: at most 8 nodes with 4,096 elements in total. A program
// asks for larger ones by naming the node in BindDualValues, by Read of its Deriv,
// or by TraceExec for all of them. The Grad of any other node is a value without
// data that says how to ask.
//
// A statement made by gorgonia.Set(a, b) takes effect after each run: a, which
// must be an input, holds a copy of b's value in the following runs.
//
// A graph may mix types. The float type that most elements have is compiled, with
// its comparisons. Integers, other booleans and the other float type are computed
// on the host.
//
// Where Gorgonia computes something wrong, this machine computes it right. Report
// lists such nodes and the nodes that run on the host. It also lists nodes that
// Gorgonia merged or changed when they were created, so that they may not be what
// they look like. The Log of a Config gets these when the machine is created.
//
// Only one goroutine at a time may use a DropIn; a second one gets an error.
// Machines of different graphs can run at the same time. Machines of one graph
// publish into the same nodes, so they must take turns.
type DropIn interface {
	// RunAll runs the plan and publishes a new value for each node that the program
	// can ask for. A second call without a Reset in between does nothing, unless the
	// first call failed: then it runs again.
	RunAll() error
	// Reset makes the machine ready for the next run.
	Reset()
	// Close frees the machine's memory; a closed machine cannot run.
	Close() error

	// Let binds a value to an input for the following runs, as gorgonia.Let does.
	Let(n *graph.Node, value any) error
	// Set binds the current value of node b to node a for the following runs.
	Set(a, b *graph.Node) error

	// Solver returns a solver that does what s does, to the same bits, on the
	// machine's workers. It makes one pass over each weight; Gorgonia's own code makes
	// some fifteen passes on one processor. It works on the values and gradients of
	// any graph. Call Step while the machine does not run.
	//
	// Solvers of Gorgonia that work element by element are supported: Vanilla,
	// Momentum, AdaGrad, RMSProp and Adam, with all their options. If an option later
	// gives s a new learning rate or another number, that applies from the next step.
	// Any other solver is returned unchanged: AdamW, BarzilaiBorwein, a user-defined
	// solver, and a solver that has already stepped and so has state. Weights that are
	// not dense float tensors in row-major order, or whose gradients are not, are
	// still stepped by s.
	//
	// Step returns the same errors as s, but before any weight is changed. The
	// returned solver holds the state of the weights, so do not step s as well.
	Solver(s gorgonia.Solver) gorgonia.Solver

	// Prog lists the plan, in place of the instructions that Gorgonia's Prog lists.
	Prog() string
	// LocMap maps each node to the place of its value, such as "step 3, arena at
	// 128", in place of the registers in Gorgonia's LocMap.
	LocMap() map[*graph.Node]string

	// Report says for each node which step of the plan computes it, where its value
	// is, why it runs on the host if it does, and what Gorgonia's own machine would
	// get wrong. It is nil for a closed machine.
	Report() Report
	// Profile calls run, which may run the machine any number of times, and returns
	// the time of each step, in the plan's order.
	Profile(run func() error) ([]StepProfile, error)
	// Verify checks the machine on the current values of its inputs, as
	// Machine.Verify does. It changes no value.
	Verify() error
	// Memory returns how much memory the machine holds: none if it is closed or New
	// failed.
	Memory() Memory
	// String lists the plan.
	String() string
}
