// Package compiled is the common part of the machines that run plans: everything of a
// gorgonia.VM except the engine that runs the steps. It publishes values, verifies,
// watches and reports. For programs written for Gorgonia it also does what a
// TapeMachine does.
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
	// Run computes the plan, applies the updates and publishes the kept nodes.
	Run() error
	// Peek computes the kept nodes and returns their values. It publishes nothing.
	// The plan must have no updates.
	Peek() ([]gorgonia.Value, error)
	// Number returns the first element of the i-th kept node, in the run that was ago
	// runs before the last.
	Number(i, ago int) (float64, error)
	// Read and Floats copy the elements of the i-th kept node, in the run that was ago
	// runs before the last. to must have as many elements.
	Read(i, ago int, to []float32) error
	Floats(i, ago int, to []float64) error
	// Wait waits for the run that was ago runs before the last.
	Wait(ago int) error
	// InFlight is how many runs may be in flight at the same time, at least 1.
	InFlight() int
	// Clock points to the number of runs so far.
	Clock() *uint32
	// Profile starts or stops adding up the time of each step, and returns the sums
	// so far.
	Profile(on bool) []time.Duration
	// Inner returns the profile of the parts of a step, or nil if the step has no
	// parts.
	Inner(step int) []vm.StepProfile
	Memory() vm.Memory
	Close() error
}

// Backend is a kind of machine.
type Backend struct {
	Name   string    // the prefix of its errors
	Strict bool      // refuse a graph if a node would run on the host
	Watch  bool      // after each run, look for values that are not finite
	Log    io.Writer // if not nil, gets a line for each doubtful node
	// Shared says that machines share more than parameters, so that even machines that
	// only read parameters must run one at a time.
	Shared bool
	// Tables says that the engine can take inputs from tables; see vm.Gatherer.
	Tables bool
	// ISA is the instruction set of the solvers' kernels.
	ISA kernel.ISA
	// Target returns what the engine can run, for a graph of that element type.
	Target func(graph.Dtype) plan.Target
	// Start starts an engine for a plan. If old is not nil, the new engine replaces it:
	// Start reuses what it can of old and, on success, closes it.
	Start func(p *plan.Plan, old Engine) (Engine, error)
}

// Machine runs one graph on an engine. If New created it, it is a vm.DropIn.
type Machine struct {
	backend Backend
	source  plan.Source
	origin  origin

	plan   *plan.Plan
	engine Engine
	dropIn *dropIn // nil unless New created the machine
	watch  *watch  // nil unless Backend.Watch is set
	failed error   // the error of New
	ran    bool    // a run succeeded since the last Reset

	busy atomic.Bool // a goroutine is using the machine
}

var _ vm.DropIn = (*Machine)(nil)

var (
	errClosed  = errors.New("the machine is closed")
	errNotMade = errors.New("no machine: create one with New or Compile of a Config")
)

// origin is what the builder of a graph knows about its nodes.
type origin struct {
	layer      func(*graph.Node) string      // the scope in which a node was created
	gradientOf func(*graph.Node) *graph.Node // the node whose gradient this node is, or nil
}

// New compiles a graph that was written for Gorgonia, with Gorgonia's options. If that
// fails, RunAll returns the error.
func (b Backend) New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) *Machine {
	m, err := b.newDropIn(g, opts)
	if err != nil {
		return &Machine{backend: b, failed: err}
	}
	return m
}

// named adds the backend's name to an error.
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

// RunAll runs the plan. A second call without a Reset in between does nothing, unless
// the first call failed: then it runs again.
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

// Reset makes the machine ready for the next run. It has no effect while another
// goroutine is using the machine.
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

// usable returns an error if the machine cannot run.
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

// Plan returns the plan that the engine runs; nil if the machine cannot run.
func (m *Machine) Plan() *plan.Plan { return m.plan }

// Engine returns the engine that runs the plan; nil if the machine cannot run.
func (m *Machine) Engine() Engine { return m.engine }

// Memory returns how much memory the machine holds: none if it cannot run.
func (m *Machine) Memory() vm.Memory {
	if m == nil || m.engine == nil {
		return vm.Memory{}
	}
	return m.engine.Memory()
}
