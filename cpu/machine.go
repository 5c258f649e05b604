package cpu

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/vm"
)

// Machine runs one graph. It is a gorgonia.VM, for one goroutine at a time.
// Machines of different graphs run at the same time; those of one graph publish
// into the same nodes, and take turns.
type Machine struct{ m *compiled.Machine }

// RunAll runs the plan. A second call without Reset between does nothing.
func (m *Machine) RunAll() error { return m.m.RunAll() }

// Reset makes the machine ready for the next run.
func (m *Machine) Reset() { m.m.Reset() }

// Close frees the machine's memory; a closed machine cannot run.
func (m *Machine) Close() error { return m.m.Close() }

// String lists the plan.
func (m *Machine) String() string { return m.m.String() }

// Prog lists the plan, in place of the instructions that Gorgonia's Prog is of.
func (m *Machine) Prog() string { return m.m.String() }

// LocMap says of each node where its value is, in place of the registers that
// Gorgonia's LocMap is of: "step 3, arena at 128".
func (m *Machine) LocMap() map[*graph.Node]string { return m.m.LocMap() }

// Number returns the value that a scalar node, given to the builder's Read or
// Keep, had in the last run. It allocates nothing.
func (m *Machine) Number(n *graph.Node) (float64, error) { return m.m.Number(n) }

// Feed makes x, in row-major order, the elements of an input in the runs that
// follow. A graph in float32 reads x itself, and never writes to it: leave it
// alone while a run is under way. Feeding an input again allocates nothing.
func (m *Machine) Feed(n *graph.Node, x []float32) error { return m.m.Feed(n, x) }

// Let binds a value to an input for the runs that follow, as gorgonia.Let does.
func (m *Machine) Let(n *graph.Node, value any) error { return m.m.Let(n, value) }

// Set binds the value that node b has to node a, for the runs that follow.
func (m *Machine) Set(a, b *graph.Node) error { return m.m.Set(a, b) }

// Report says of each node which step of the plan computes it and where its
// value lies, why it runs on the host if it does, and what Gorgonia's own
// machine would get wrong. It is nil of a machine that is closed.
func (m *Machine) Report() vm.Report { return m.m.Report() }

// Memory returns what the machine holds: nothing if it is closed or was not
// made.
func (m *Machine) Memory() vm.Memory { return m.m.Memory() }

// Profile calls run, which runs the machine as often as it likes, and returns
// what each step took, in the plan's order.
func (m *Machine) Profile(run func() error) ([]vm.StepProfile, error) { return m.m.Profile(run) }

// Verify checks the machine on the values that are bound to its inputs now, and
// returns a *vm.Difference that names the first node whose value is wrong. It
// changes no parameter and no value.
//
// Every node is computed by this machine, kept apart from all others, and again
// in float64 from the operands that the machine had: by the interpreter of
// package lower for the ops of package graph and Gorgonia's, by Define or Do for
// any other op that has a lowering. A float32 may be off by 1e-5 of the largest
// magnitude of the node's value, a float64 by 1e-10, and by 8 times what the
// type may lose: what the interpreter loses in it, or what roundings of the
// operands come to, or those all the way from the inputs, which are all that there
// is of a gradient that is zero by mathematics. Then the kept nodes and the
// updates, as the machine's plan computes them, must be what the nodes alone lead
// to: within 1e-3 or 1e-8 of the largest magnitude, for roundings add up, and 8
// times what they come to. A node that runs on the host by its own Do has nothing
// to be compared with.
func (m *Machine) Verify() error { return m.m.Verify() }
