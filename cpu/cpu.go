// Package cpu is the compiled CPU machine. It plans a graph once (package internal/plan)
// and then runs the plan's steps over one arena, without reading the graph again.
//
//	m, err := cpu.Config{}.Compile(p) // a graph.Program
//	...
//	err = m.Feed("x", batch)
//	err = vm.Run(m)                   // forward, backward, every update
//	loss, err := m.Number("loss")
//
// Another batch size needs another program and another machine, over the same
// graph.Params. That takes about 10 ms.
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

// Config is the configuration of a machine. Its zero value is the default.
type Config struct {
	// Threads is the number of processors that a step uses, at most 1024. 0 means all
	// that the process may use. Results have the same bits for any number.
	Threads int
	// ISA is the instruction set of the kernels: "avx512", "avx2", "neon" or "go". ""
	// means the best that this processor supports.
	ISA string
	// Strict makes it an error if a node of the graph would run on the host, by its
	// own Do. The error names these nodes and gives the reasons.
	Strict bool
	// Watch looks for NaN and infinities after each run, in the outputs and the
	// updated parameters. If there are any, the run fails with a *vm.NonFinite that
	// names the node in which they arose, and the parameters are rolled back to their
	// values before the run. This costs a copy of the parameters in each run.
	Watch bool
	// Log, unless nil, receives a line for each node that may not be what it looks
	// like, when a machine is compiled. It can be os.Stderr, for example. Report has
	// the same lines.
	Log io.Writer
}

// maxThreads bounds Config.Threads: each worker has its own memory.
const maxThreads = 1 << 10

// isa returns the instruction set, or an error if it cannot be used.
func (c Config) isa() (kernel.ISA, error) {
	if c.ISA == "" {
		return kernel.Best(), nil
	}
	if isa := kernel.ISA(c.ISA); slices.Contains(kernel.Supported(), isa) {
		return isa, nil
	}
	return "", fmt.Errorf("ISA is %q, but this processor and this build support %v", c.ISA, kernel.Supported())
}

// Arithmetic names the instruction set, on which the last bits of results depend; see
// vm.Arithmetic.
func (c Config) Arithmetic() string {
	isa, err := c.isa()
	if err != nil {
		return "cpu " + c.ISA // Compile returns the error
	}
	return "cpu " + string(isa)
}

// Compile returns a machine that runs the program.
func (c Config) Compile(p *graph.Program) (vm.Machine, error) { return c.backend().Compile(p) }

// New compiles any Gorgonia graph, in place of gorgonia.NewTapeMachine. vm.DropIn
// describes what it supports.
func New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) vm.DropIn { return Config{}.New(g, opts...) }

// New is the function New with this configuration.
func (c Config) New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) vm.DropIn {
	return c.backend().New(g, opts...)
}

// backend returns the backend with this configuration.
func (c Config) backend() compiled.Backend {
	isa, err := c.isa()
	if err != nil {
		isa = kernel.Plain // start returns the error
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

// targetOf describes the machine to the planner: in float32 it runs regions, for
// batches of at least minImages.
func targetOf(d graph.Dtype) plan.Target {
	t := plan.Target{Depthwise: depthwiseRuns, Batched: true, Rows: true, GatherSums: true}
	if d == graph.Float32 {
		t.Regions = minImages
	}
	return t
}

// start creates the runner of a plan. It takes over the team of the old engine.
func (c Config) start(p *plan.Plan, old compiled.Engine) (compiled.Engine, error) {
	if c.Threads < 0 || c.Threads > maxThreads {
		return nil, fmt.Errorf("the number of threads is %d, want 0 to %d", c.Threads, maxThreads)
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
