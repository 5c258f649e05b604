package cuda

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/vm"
)

// Machine runs one graph. It is a gorgonia.VM, for one goroutine at a time.
// Machines of different graphs can run at the same time; those of one graph
// publish into the same nodes, so run one at a time.
type Machine struct{ m *compiled.Machine }

// RunAll runs the plan. A second call without Reset between does nothing.
func (m *Machine) RunAll() error { return m.m.RunAll() }

// Reset makes the machine ready for the next run.
func (m *Machine) Reset() { m.m.Reset() }

// Close frees the machine's memory; a closed machine cannot run.
func (m *Machine) Close() error { return m.m.Close() }

// String lists the plan.
func (m *Machine) String() string { return m.m.String() }

// Prog lists the plan, as Gorgonia's Prog lists instructions.
func (m *Machine) Prog() string { return m.m.String() }

// LocMap says where each node's value is, such as "step 3, arena at 128", as
// Gorgonia's LocMap names registers.
func (m *Machine) LocMap() map[*graph.Node]string { return m.m.LocMap() }

// Number returns the value of a scalar node in the last run. The node must have
// been given to the builder's Read or Keep. It allocates nothing.
func (m *Machine) Number(n *graph.Node) (float64, error) { return m.m.Number(n) }

// Let binds a value to an input for the runs that follow, as gorgonia.Let does.
func (m *Machine) Let(n *graph.Node, value any) error { return m.m.Let(n, value) }

// Set binds node b's value to node a, for the runs that follow.
func (m *Machine) Set(a, b *graph.Node) error { return m.m.Set(a, b) }

// Feed makes x, in row-major order, the elements of an input in the runs that
// follow. A float32 graph reads x itself and never writes to it: do not change
// it while a run is in flight. Feeding an input again allocates nothing.
func (m *Machine) Feed(n *graph.Node, x []float32) error { return m.m.Feed(n, x) }

// Report says for each node which step of the plan computes it, where its value
// lies, why it runs on the host if it does, and what Gorgonia's own machine
// would get wrong. It is nil if the machine is closed.
func (m *Machine) Report() vm.Report { return m.m.Report() }

// Memory returns the memory that the machine holds: none if it is closed or
// failed to compile.
func (m *Machine) Memory() vm.Memory { return m.m.Memory() }

// Profile calls run, which may run the machine any number of times, and returns
// the time of each step, in the plan's order.
func (m *Machine) Profile(run func() error) ([]vm.StepProfile, error) { return m.m.Profile(run) }

// Verify checks the machine on the values that are now bound to its inputs, and
// returns a *vm.Difference that names the first node whose value is wrong. It
// changes no parameter and no value.
//
// This machine computes every node by itself, and the same operands are
// computed again in float64: by the interpreter of package lower for the ops of
// package graph and Gorgonia's, by Define or Do for any other op that has a
// lowering. A float32 may be off by 1e-5 of the largest magnitude of the node's
// value, a float64 by 1e-10, plus 8 times the type's rounding error: that of
// the interpreter in this type, that of rounding the operands, or that carried
// all the way from the inputs, which is all there is to a gradient that is zero
// by mathematics. Then the kept nodes and the updates, as the machine's plan
// computes them, must agree with the nodes computed one by one: within 1e-3 or
// 1e-8 of the largest magnitude, since rounding errors add up, plus 8 times
// those errors. A node that runs on the host by its own Do has nothing to be
// compared with.
func (m *Machine) Verify() error { return m.m.Verify() }
