// Package cpu is the compiled CPU machine: it plans a graph once (package
// internal/plan) and then runs the plan's steps over one arena, without
// looking at the graph again.
//
//	m, err := cpu.Compile(b) // a graph.Builder; the machine is a gorgonia.VM
//	...
//	err = m.RunAll()         // forward, backward, every update
//	m.Reset()
//
// The values of the nodes given to the builder's Keep are published: after a
// run each is the node's Value, a new one every time. All other nodes have
// none. Updates land after the last read of the old values. Another batch size
// is another machine over the same graph.Params, made in some 10 ms.
//
// New runs a graph that was written for Gorgonia, in place of its TapeMachine.
package cpu

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
)

// Machine runs one graph. It is a gorgonia.VM, for one goroutine at a time.
// Machines of different graphs run at the same time; those of one graph publish
// into the same nodes, and take turns.
type Machine struct {
	config Config
	source plan.Source
	layer  func(*graph.Node) string // the scope that a node was made in

	plan   *plan.Plan
	engine engine
	team   *team.Team
	dropIn *dropIn // of New
	watch  *watch  // of Config.Watch
	failed error   // what went wrong in New
	ran    bool
}

// engine runs a plan in one element type.
type engine interface {
	run() error
	// peek computes the kept nodes and returns their values: it publishes
	// nothing and makes no update of a plan that has none.
	peek() ([]gorgonia.Value, error)
	// number is the first element of the i-th kept node.
	number(i int) float64
	// clock is how many runs there were.
	clock() *uint32
	// profile starts or stops adding up the time of each step, and returns
	// what was added up before.
	profile(on bool) []time.Duration
	// inner returns what the parts of a step took while it was profiled, of a
	// step that has parts.
	inner(step int) []StepProfile
	memory() Memory
}

var errClosed = errors.New("cpu: the machine is closed")

// Config is how a machine is to run. Its zero value is the default.
type Config struct {
	// Threads is how many processors a step uses; 0 means all that the process
	// may use. Results have the same bits whatever it is.
	Threads int
	// ISA is the instruction set of the kernels, "avx512", "avx2" or "go"; ""
	// means the best that this processor has.
	ISA string
	// Strict refuses a graph of which a node would run on the host, by its own
	// Do: the error names such nodes and says why.
	Strict bool
	// Watch looks for NaN and infinities after each run, in the kept nodes and
	// in what was updated. Where there is one, RunAll returns a *NonFinite that
	// names the node in which it arose, and the parameters are again as they
	// were before the run. It costs a copy of the parameters in each run.
	Watch bool
}

// isa returns the kernels' name of the instruction set, if it can be used.
func (c Config) isa() (kernel.ISA, error) {
	if c.ISA == "" {
		return kernel.Best(), nil
	}
	if isa := kernel.ISA(c.ISA); slices.Contains(kernel.Supported(), isa) {
		return isa, nil
	}
	return "", fmt.Errorf("cpu: ISA is %q, this processor and this build have %v", c.ISA, kernel.Supported())
}

// Build compiles the graph of a finished builder.
func (c Config) Build(b *graph.Builder) (*Machine, error) {
	if b == nil {
		return nil, errors.New("cpu: no builder")
	}
	if err := b.Err(); err != nil {
		return nil, fmt.Errorf("cpu: %w", err)
	}
	return c.build(plan.SourceOf(b), b.LayerOf)
}

func (c Config) build(s plan.Source, layer func(*graph.Node) string) (*Machine, error) {
	m := &Machine{config: c, source: s, layer: layer}
	if err := m.compile(); err != nil {
		return nil, err
	}
	if c.Watch {
		m.watch = newWatch(m.plan)
	}
	return m, nil
}

// compile makes the plan and what runs it.
func (m *Machine) compile() (err error) {
	if m.config.Threads < 0 {
		return fmt.Errorf("cpu: Threads is %d, want at least 0", m.config.Threads)
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("cpu: compiling: %v", r)
		}
	}()
	isa, err := m.config.isa()
	if err != nil {
		return err
	}
	p, err := plan.Make(m.source, plan.Target{Regions: m.source.Dtype == graph.Float32})
	if err != nil {
		return fmt.Errorf("cpu: %w", err)
	}
	if m.config.Strict {
		if err := strict(p); err != nil {
			return err
		}
	}
	t := m.team
	if t == nil {
		t = team.New(m.config.Threads)
	}
	var e engine
	if p.Dtype == graph.Float64 {
		e, err = newRunner[float64](p, t, isa)
	} else {
		e, err = newRunner[float32](p, t, isa)
	}
	if err != nil {
		if m.team == nil {
			t.Close()
		}
		return fmt.Errorf("cpu: %w", err)
	}
	if m.engine != nil {
		*e.clock() = *m.engine.clock()
	}
	m.plan, m.engine, m.team = p, e, t
	return nil
}

// refresh compiles anew if an op was switched and means something else now.
func (m *Machine) refresh() error {
	for _, stale := range m.plan.Stale {
		if !stale() {
			continue
		}
		if err := m.compile(); err != nil || m.watch == nil {
			return err
		}
		if err := m.watch.close(); err != nil {
			return err
		}
		m.watch = newWatch(m.plan)
		return nil
	}
	return nil
}

// Compile is a graph.Compiler: it builds by the default configuration.
func Compile(b *graph.Builder) (graph.VM, error) { return Config{}.Compile(b) }

// Compile is Build as a graph.Compiler.
func (c Config) Compile(b *graph.Builder) (graph.VM, error) {
	m, err := c.Build(b)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// RunAll runs the plan. A second call without Reset between does nothing.
func (m *Machine) RunAll() error {
	if m.engine == nil {
		return m.unusable()
	}
	if m.ran {
		return nil
	}
	if err := m.refresh(); err != nil {
		return err
	}
	if m.watch != nil {
		m.watch.save(m)
	}
	if err := m.engine.run(); err != nil {
		return fmt.Errorf("cpu: %w", err)
	}
	m.ran = true
	if m.watch != nil {
		if err := m.watch.look(m); err != nil {
			return err
		}
	}
	if m.dropIn != nil {
		if err := m.dropIn.after(); err != nil {
			return fmt.Errorf("cpu: %w", err)
		}
	}
	return nil
}

// Reset makes the machine ready for the next run.
func (m *Machine) Reset() { m.ran = false }

// Close frees the machine's memory; a closed machine cannot run.
func (m *Machine) Close() error {
	var errs []error
	if m.dropIn != nil {
		for _, r := range m.dropIn.reads {
			errs = append(errs, r.vm.Close())
		}
	}
	if m.team != nil {
		m.team.Close()
	}
	if m.watch != nil {
		errs = append(errs, m.watch.close())
	}
	*m = Machine{failed: m.failed}
	return errors.Join(errs...)
}

// String lists the plan.
func (m *Machine) String() string {
	if m.plan == nil {
		return errClosed.Error()
	}
	return m.plan.String()
}
