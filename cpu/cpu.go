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
// none. Updates land after the last read of the old values.
package cpu

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
)

// Machine runs one graph. It is a gorgonia.VM, for one goroutine at a time.
type Machine struct {
	plan   *plan.Plan
	engine engine
	team   *team.Team
	dropIn *dropIn // of New
	failed error   // what went wrong in New
	ran    bool
}

// engine runs a plan in one element type.
type engine interface {
	run() error
	// profile starts or stops adding up the time of each step, and returns
	// what was added up before.
	profile(on bool) []time.Duration
	// inner returns what the parts of a step took while it was profiled, of a
	// step that has parts.
	inner(step int) []StepProfile
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
	if c.Threads < 0 {
		return nil, fmt.Errorf("cpu: Threads is %d, want at least 0", c.Threads)
	}
	if err := b.Err(); err != nil {
		return nil, fmt.Errorf("cpu: %w", err)
	}
	return c.build(plan.SourceOf(b))
}

func (c Config) build(s plan.Source) (*Machine, error) {
	isa, err := c.isa()
	if err != nil {
		return nil, err
	}
	p, err := plan.Make(s, plan.Target{Regions: s.Dtype == graph.Float32})
	if err != nil {
		return nil, fmt.Errorf("cpu: %w", err)
	}
	m := &Machine{plan: p, team: team.New(c.Threads)}
	if p.Dtype == graph.Float64 {
		m.engine, err = newRunner[float64](p, m.team, isa)
	} else {
		m.engine, err = newRunner[float32](p, m.team, isa)
	}
	if err != nil {
		m.team.Close()
		return nil, fmt.Errorf("cpu: %w", err)
	}
	return m, nil
}

// Compile is a graph.Compiler: it builds by the default configuration.
func Compile(b *graph.Builder) (graph.VM, error) {
	m, err := Config{}.Build(b)
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
	if err := m.engine.run(); err != nil {
		return fmt.Errorf("cpu: %w", err)
	}
	m.ran = true
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
	if m.dropIn != nil {
		for _, r := range m.dropIn.reads {
			if err := r.vm.Close(); err != nil {
				return err
			}
		}
		m.dropIn = nil
	}
	if m.team != nil {
		m.team.Close()
	}
	m.team, m.engine, m.plan = nil, nil, nil
	return nil
}

// Report lists what is to be known of the graph's nodes: those that run on the
// host and why, and those that Gorgonia itself computes wrong.
func (m *Machine) Report() []string {
	if m.plan == nil {
		return nil
	}
	var out []string
	for _, n := range m.plan.Notes {
		if n.Host != "" {
			out = append(out, fmt.Sprintf("%s runs on the host: %s", n.Node.Name(), n.Host))
		} else {
			out = append(out, fmt.Sprintf("%s: Gorgonia's own is wrong: %s", n.Node.Name(), n.Fault))
		}
	}
	return out
}

// String lists the plan.
func (m *Machine) String() string {
	if m.plan == nil {
		return errClosed.Error()
	}
	return m.plan.String()
}
