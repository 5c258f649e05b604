// Package cuda is the compiled machine for NVIDIA GPUs: it plans a graph once
// (package internal/plan), writes the plan as CUDA C, compiles it for the
// device and captures the whole step as one CUDA graph.
//
//	m, err := cuda.Config{}.Compile(p) // a graph.Program
//	...
//	err = m.Feed("x", batch)
//	err = vm.Run(m)                    // forward, backward, every update: one launch
//	loss, err := m.Number("loss")
//
// It is built with the tag gpu, on gorgonia.org/cu; without the tag every
// machine fails with an error that says so. README.md says what building and
// running need.
//
// Parameters stay on the device, one copy for all machines there that read
// them; a graph.Param fetches its value when it is asked for. Start returns while
// the device works, and two runs may be in flight. Samples can stay there, too: Hold
// makes a table of them, and package train takes its batches from tables where the
// samples fit.
//
// New runs a graph that was written for Gorgonia, in place of its TapeMachine.
package cuda

import (
	"errors"
	"fmt"
	"io"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/vm"
)

// ErrUnavailable is the error of every machine in a build without the tag gpu.
var ErrUnavailable = errors.New(`this program was built without GPU support: build it with the tag gpu, by
	eval "$(scripts/cuda-env)" && go build -tags gpu
(cuda/README.md says what that needs), or use package cpu`)

// Config says how a machine runs. Its zero value is the default.
type Config struct {
	// Device is the number of the GPU, from 0, as the driver counts them.
	Device int
	// Strict refuses a graph if a node of it would run on the host, by its own
	// Do: the error names such nodes and says why.
	Strict bool
	// Watch looks for NaN and infinities after each run, in the outputs and in
	// what was updated. If it finds one, the run fails with a *vm.NonFinite that
	// names the node where it arose, and the parameters are as they were before
	// the run. It copies the parameters to the host in each run.
	Watch bool
	// Log, if not nil, gets a line for each node that may not be what it looks
	// like, when a machine is made: os.Stderr, say. Report has the same.
	Log io.Writer
	// TF32 lets large products round their operands to 10 bits of mantissa, as
	// tensor cores do. Without it float32 is float32.
	TF32 bool
	// Serial launches the kernels one by one and waits for each, which is slow:
	// an error then names the kernel where it arose, and the node.
	Serial bool
	// Cache is the folder of compiled kernels; "" means stheno/cuda in the user's
	// cache folder, or no cache if the system has no such folder.
	Cache string
}

// Arithmetic names the GPU and its settings, on which the last bits of results depend;
// see vm.Arithmetic.
func (c Config) Arithmetic() string {
	name := "cuda"
	if all, err := Devices(); err == nil && c.Device >= 0 && c.Device < len(all) {
		name += " " + all[c.Device].Name
	}
	if c.TF32 {
		name += ", TF32"
	}
	return name
}

// Hold returns a table of samples on the GPU; see vm.Holder.
func (c Config) Hold(dtype graph.Dtype, rows, size int) (vm.Table, error) {
	t, err := c.hold(dtype, rows, size)
	if err != nil {
		return nil, fmt.Errorf("cuda: %w", err)
	}
	return t, nil
}

// Compile makes a machine that runs the program.
func (c Config) Compile(p *graph.Program) (vm.Machine, error) { return c.backend().Compile(p) }

// New compiles any Gorgonia graph, in place of gorgonia.NewTapeMachine; vm.DropIn
// says what of Gorgonia's it takes.
//
// Inputs are copied to the device before each run and the values of nodes back
// after it, since the program may read and change them between runs. A
// graph.Program does without.
func New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) vm.DropIn { return Config{}.New(g, opts...) }

// New is the function New with this configuration.
func (c Config) New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) vm.DropIn {
	return c.backend().New(g, opts...)
}

// backend is the machine that the configuration asks for.
func (c Config) backend() compiled.Backend {
	return compiled.Backend{
		Name:   "cuda",
		Strict: c.Strict,
		Watch:  c.Watch,
		Log:    c.Log,
		Shared: true, // one copy of a parameter for all machines of a device
		Target: func(graph.Dtype) plan.Target { return plan.Target{Convs: true} },
		Tables: true,
		ISA:    kernel.Best(),
		Start:  c.start,
	}
}
