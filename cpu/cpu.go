// Package cpu is the compiled CPU machine: it plans a graph once (package
// internal/plan) and then runs the plan's steps over one arena, without
// looking at the graph again.
//
//	m, err := cpu.Config{}.Compile(p) // a graph.Program
//	...
//	err = m.Feed("x", batch)
//	err = vm.Run(m)                   // forward, backward, every update
//	loss, err := m.Number("loss")
//
// Another batch size is another program and another machine over the same
// graph.Params, made in some 10 ms.
//
// New runs a graph that was written for Gorgonia, in place of its TapeMachine.
package cpu

import (
	"fmt"
	"io"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/vm"
)

// Config is how a machine is to run. Its zero value is the default.
type Config struct {
	// Threads is how many processors a step uses; 0 means all that the process
	// may use. Results have the same bits whatever it is. At most 1024.
	Threads int
	// ISA is the instruction set of the kernels, "avx512", "avx2" or "go"; ""
	// means the best that this processor has.
	ISA string
	// Strict refuses a graph of which a node would run on the host, by its own
	// Do: the error names such nodes and says why.
	Strict bool
	// Watch looks for NaN and infinities after each run, in the outputs and in
	// what was updated. Where there is one, the run fails with a *vm.NonFinite that
	// names the node in which it arose, and the parameters are again as they
	// were before the run. It costs a copy of the parameters in each run.
	Watch bool
	// Log, unless nil, is told when a machine is made of each node that may not
	// be what it looks like, a line for each: os.Stderr, say. Report has the same.
	Log io.Writer
}

// mostThreads bounds Config.Threads: each worker has memory of its own.
const mostThreads = 1 << 10

// isa returns the kernels' name of the instruction set, if it can be used.
func (c Config) isa() (kernel.ISA, error) {
	if c.ISA == "" {
		return kernel.Best(), nil
	}
	if isa := kernel.ISA(c.ISA); slices.Contains(kernel.Supported(), isa) {
		return isa, nil
	}
	return "", fmt.Errorf("ISA is %q, this processor and this build have %v", c.ISA, kernel.Supported())
}

// Compile makes a machine that runs the program.
func (c Config) Compile(p *graph.Program) (vm.Machine, error) { return c.backend().Compile(p) }

// New compiles any Gorgonia graph, in place of gorgonia.NewTapeMachine; vm.DropIn
// says what of Gorgonia's it takes.
func New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) vm.DropIn { return Config{}.New(g, opts...) }

// New is the function New under the configuration.
func (c Config) New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) vm.DropIn {
	return c.backend().New(g, opts...)
}

// backend is the machine that the configuration asks for.
func (c Config) backend() compiled.Backend {
	isa, err := c.isa()
	if err != nil {
		isa = kernel.Plain // start says so
	}
	return compiled.Backend{
		Name:   "cpu",
		Strict: c.Strict,
		Watch:  c.Watch,
		Log:    c.Log,
		Target: targetOf,
		ISA:    isa,
		Start:  c.start,
	}
}

// targetOf is what the machine runs: regions in float32, of as many images as
// fill most of a group.
func targetOf(d graph.Dtype) plan.Target {
	if d == graph.Float32 {
		return plan.Target{Regions: leastImages}
	}
	return plan.Target{}
}

// start makes the runner of a plan; it takes over the team of the one before.
func (c Config) start(p *plan.Plan, old compiled.Engine) (compiled.Engine, error) {
	if c.Threads < 0 || c.Threads > mostThreads {
		return nil, fmt.Errorf("want Threads from 0 to %d, got %d", mostThreads, c.Threads)
	}
	isa, err := c.isa()
	if err != nil {
		return nil, err
	}
	if p.Dtype == graph.Float64 {
		return start[float64](c, p, old, isa)
	}
	return start[float32](c, p, old, isa)
}

func start[T lower.Float](c Config, p *plan.Plan, old compiled.Engine, isa kernel.ISA) (compiled.Engine, error) {
	var t *team.Team
	if before, ok := old.(*runner[T]); ok {
		t = before.team
	} else {
		t = team.New(c.Threads)
	}
	r, err := newRunner[T](p, t, isa)
	if err != nil {
		if old == nil {
			t.Close()
		}
		return nil, err
	}
	return r, nil
}
