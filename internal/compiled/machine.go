// Package compiled is what the machines that run plans have in common: all of a
// gorgonia.VM but the engine that runs the steps. It publishes, verifies,
// watches and reports, and does for programs written for Gorgonia what their
// TapeMachine did.
package compiled

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/vm"
)

// Engine runs a plan.
type Engine interface {
	// Run computes the plan, lands the updates and publishes the kept nodes.
	Run() error
	// Peek computes the kept nodes and returns their values: it publishes
	// nothing and makes no update of a plan that has none.
	Peek() ([]gorgonia.Value, error)
	// Number is the first element that the i-th kept node had in the last run, or
	// so many runs before it.
	Number(i, ago int) (float64, error)
	// Read and Floats copy the elements that the i-th kept node had in the last
	// run, or so many runs before it, to memory of as many.
	Read(i, ago int, to []float32) error
	Floats(i, ago int, to []float64) error
	// Wait waits for the last run, or for one so many runs before it.
	Wait(ago int) error
	// InFlight is how many runs may be in flight at a time, at least 1.
	InFlight() int
	// Clock is how many runs there were.
	Clock() *uint32
	// Profile starts or stops adding up the time of each step, and returns
	// what was added up before.
	Profile(on bool) []time.Duration
	// Inner returns what the parts of a step took while it was profiled, of a
	// step that has parts.
	Inner(step int) []vm.StepProfile
	Memory() vm.Memory
	Close() error
}

// Backend is a kind of machine.
type Backend struct {
	Name   string    // what its errors begin with
	Strict bool      // refuse a graph of which a node would run on the host
	Watch  bool      // look for values that are not finite after each run
	Log    io.Writer // is told of doubtful nodes, unless nil
	// Shared says that machines that only read parameters share more than these:
	// they run one at a time.
	Shared bool
	// ISA is the instruction set of the kernels that solvers step by.
	ISA kernel.ISA
	// Target is what the engine can run, for a graph of that element type.
	Target func(graph.Dtype) plan.Target
	// Start makes the engine of a plan. Where it replaces another, old, it takes
	// over what it can of it, and closes it if all went well.
	Start func(p *plan.Plan, old Engine) (Engine, error)
}

// Machine runs one graph by an engine: a vm.DropIn, where New made it.
type Machine struct {
	backend Backend
	source  plan.Source
	origin  origin

	plan   *plan.Plan
	engine Engine
	dropIn *dropIn // of New
	watch  *watch  // of Backend.Watch
	failed error   // what went wrong in New
	ran    bool    // without an error, since the last Reset

	busy atomic.Bool // a goroutine is within
}

var _ vm.DropIn = (*Machine)(nil)

var (
	errClosed  = errors.New("the machine is closed")
	errNotMade = errors.New("no machine: make it by New or by Compile of a Config")
)

// origin is what the maker of a graph knows of its nodes.
type origin struct {
	layer      func(*graph.Node) string      // the scope that a node was made in
	gradientOf func(*graph.Node) *graph.Node // what a node is the gradient with respect to, nil of others
}

// New compiles a graph that was written for Gorgonia, under its options. What
// went wrong is kept for the first RunAll.
func (b Backend) New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) *Machine {
	m, err := b.newDropIn(g, opts)
	if err != nil {
		return &Machine{backend: b, failed: err}
	}
	return m
}

// named says in an error which machine it is from.
func (b Backend) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", b.Name, err)
}

func (b Backend) build(s plan.Source, from origin) (*Machine, error) {
	m := &Machine{backend: b, source: s, origin: from}
	if err := m.compile(); err != nil {
		return nil, err
	}
	if b.Watch {
		m.watch = newWatch(m.plan)
	}
	if b.Log != nil {
		if err := m.logDoubts(b.Log); err != nil {
			return nil, errors.Join(err, m.engine.Close())
		}
	}
	return m, nil
}

// RunAll runs the plan. A second call without Reset between does nothing, unless
// the first failed: then it runs again.
func (m *Machine) RunAll() error {
	if err := m.acquire(); err != nil {
		return err
	}
	defer m.release()
	if m.ran {
		return nil
	}
	return m.backend.named(m.run())
}

func (m *Machine) run() error {
	if err := m.refresh(); err != nil {
		return err
	}
	if m.watch != nil {
		if err := m.watch.save(m); err != nil {
			return err
		}
	}
	if err := m.engine.Run(); err != nil {
		return err
	}
	if m.watch != nil {
		if err := m.watch.check(m); err != nil {
			return err
		}
	}
	if m.dropIn != nil {
		if err := m.dropIn.afterRun(m.engine); err != nil {
			return err
		}
	}
	m.ran = true
	return nil
}

// Reset makes the machine ready for the next run. It leaves a run alone that is
// under way in another goroutine.
func (m *Machine) Reset() {
	if m != nil && m.busy.CompareAndSwap(false, true) {
		m.ran = false
		m.release()
	}
}

// Close frees the machine's memory; a closed machine cannot run.
func (m *Machine) Close() error {
	if m == nil {
		return nil
	}
	if !m.busy.CompareAndSwap(false, true) {
		return m.backend.named(errBusy)
	}
	defer m.release()
	var errs []error
	if m.engine != nil {
		errs = append(errs, m.engine.Close())
	}
	if m.watch != nil {
		errs = append(errs, m.watch.close())
	}
	m.source, m.origin = plan.Source{}, origin{}
	m.plan, m.engine, m.dropIn, m.watch = nil, nil, nil, nil
	return errors.Join(errs...)
}

// usable is an error of a machine that cannot run.
func (m *Machine) usable() error {
	switch {
	case m == nil:
		return errNotMade
	case m.engine != nil:
		return nil
	case m.failed != nil:
		return m.backend.named(m.failed)
	}
	return m.backend.named(errClosed)
}

// Prog lists the plan.
func (m *Machine) Prog() string { return m.String() }

// String lists the plan.
func (m *Machine) String() string {
	if err := m.usable(); err != nil {
		return err.Error()
	}
	return m.plan.String()
}

// Plan is what the engine runs; nil of a machine that cannot run.
func (m *Machine) Plan() *plan.Plan { return m.plan }

// Engine is what runs the plan; nil of a machine that cannot run.
func (m *Machine) Engine() Engine { return m.engine }

// Memory returns what the machine holds: nothing if it cannot run.
func (m *Machine) Memory() vm.Memory {
	if m == nil || m.engine == nil {
		return vm.Memory{}
	}
	return m.engine.Memory()
}
