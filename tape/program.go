package tape

import (
	"errors"
	"fmt"
	"sync/atomic"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/vm"
)

// Config is a backend whose machines run a copy of a program on Gorgonia's
// TapeMachine. They copy inputs and outputs. It has no settings.
type Config struct{}

// Compile returns a machine that runs the program.
func (Config) Compile(p *graph.Program) (vm.Machine, error) {
	if p == nil {
		return nil, errors.New("tape: no program: get one from a builder's Program method")
	}
	t, err := newTape(p)
	if err != nil {
		return nil, fmt.Errorf("tape: %w", err)
	}
	return &program{of: p, tape: t, set: map[string]bool{}}, nil
}

// program is a vm.Machine.
type program struct {
	of       *graph.Program
	tape     *tape // nil if the machine is closed
	set      map[string]bool
	inFlight bool
	outputs  map[string][]float64 // of the last run, by name
	watch    stopwatch
	busy     atomic.Bool
}

var _ vm.Machine = (*program)(nil)

var errBusy = errors.New("tape: another goroutine is using this machine: give each goroutine its own machine, or use a vm.Function")

// exclusively calls f unless another goroutine is using the machine or it is closed.
func (m *program) exclusively(f func() error) error {
	if !m.busy.CompareAndSwap(false, true) {
		return errBusy
	}
	defer m.busy.Store(false)
	if m.tape == nil {
		return errors.New("tape: the machine is closed")
	}
	if err := f(); err != nil {
		return fmt.Errorf("tape: %w", err)
	}
	return nil
}

// Program returns the program that the machine runs.
func (m *program) Program() *graph.Program { return m.of }

// setInput finds an input by name and calls set to bind its value.
func (m *program) setInput(name string, set func(in graph.Input) error) error {
	return m.exclusively(func() error {
		in, err := m.tape.program.FindInput(name)
		if err != nil {
			return err
		}
		if err := set(in); err != nil {
			return fmt.Errorf("input %q: %w", name, err)
		}
		m.set[name] = true
		return nil
	})
}

// Feed copies x to an input.
func (m *program) Feed(name string, x []float32) error {
	exact := make([]float64, len(x))
	for i, v := range x {
		exact[i] = float64(v)
	}
	return m.SetFloats(name, exact)
}

// Set sets a scalar input to v.
func (m *program) Set(name string, v float64) error {
	return m.setInput(name, func(in graph.Input) error { return value.Bind(in.Node, v) })
}

// SetFloats copies x to an input.
func (m *program) SetFloats(name string, x []float64) error {
	return m.setInput(name, func(in graph.Input) error { return value.Bind(in.Node, x...) })
}

// SetClock sets the counter of random numbers.
func (m *program) SetClock(epoch, sample int) error {
	return m.exclusively(func() error {
		words, err := compiled.ClockWords(epoch, sample)
		if clock := m.tape.program.Clock(); err == nil && clock != nil {
			err = value.Bind(clock, words[:]...)
		}
		return err
	})
}

// Start runs the program and returns when the run has ended.
func (m *program) Start() error {
	return m.exclusively(func() error {
		if m.inFlight {
			return errors.New("a run is in flight, and only one is allowed: call Wait first")
		}
		for _, in := range m.of.Inputs() {
			if !in.Optional && !m.set[in.Name] {
				return fmt.Errorf("input %q %v was never set: call Feed or Set before Start", in.Name, in.Shape)
			}
		}
		lock := m.of.Params().Running()
		lock.Lock() // Gorgonia's machine may write to any node's value
		defer lock.Unlock()
		stop := m.watch.start()
		outputs, err := m.tape.run()
		stop()
		if err != nil {
			return err
		}
		m.outputs, m.inFlight = outputs, true
		return nil
	})
}

// Wait ends the run that was started.
func (m *program) Wait() error {
	return m.exclusively(func() error {
		if !m.inFlight {
			return errors.New("no run is in flight: call Start first")
		}
		m.inFlight = false
		return nil
	})
}

// MaxInFlight is 1.
func (m *program) MaxInFlight() int { return 1 }

// Floats returns an output.
func (m *program) Floats(name string) (x []float64, err error) {
	err = m.exclusively(func() error {
		var ok bool
		switch x, ok = m.outputs[name]; {
		case ok && !m.inFlight:
			return nil
		case ok || m.outputs == nil:
			return fmt.Errorf("output %q: there is no value: call Start and Wait first", name)
		}
		_, missing := m.of.FindOutput(name)
		return missing
	})
	return append([]float64(nil), x...), err
}

// Number returns an output of one element.
func (m *program) Number(name string) (float64, error) {
	x, err := m.Floats(name)
	if err != nil {
		return 0, err
	}
	if len(x) != 1 {
		return 0, fmt.Errorf("tape: output %q: it has %d elements, want 1", name, len(x))
	}
	return x[0], nil
}

// Read copies an output.
func (m *program) Read(name string, to []float32) error {
	x, err := m.Floats(name)
	if err != nil {
		return err
	}
	if len(x) != len(to) {
		return fmt.Errorf("tape: output %q: it has %d elements, the destination has %d", name, len(x), len(to))
	}
	for i, v := range x {
		to[i] = float32(v)
	}
	return nil
}

// Close frees the machine.
func (m *program) Close() error {
	if !m.busy.CompareAndSwap(false, true) {
		return errBusy
	}
	defer m.busy.Store(false)
	if m.tape == nil {
		return nil
	}
	err := m.tape.vm.Close()
	m.tape = nil
	return err
}

// tape is a TapeMachine over a copy of a program.
type tape struct {
	program *graph.Program
	vm      gorgonia.VM
}

func newTape(p *graph.Program, opts ...gorgonia.VMOpt) (t *tape, err error) {
	defer func() {
		if r := recover(); r != nil {
			t, err = nil, fmt.Errorf("gorgonia cannot compile the graph: %v", r)
		}
	}()
	own, err := p.Copy()
	if err != nil {
		return nil, err
	}
	for _, in := range own.Inputs() {
		zeros := make([]float64, in.Shape.Size())
		for i := range zeros {
			zeros[i] = in.Default
		}
		if err := value.Bind(in.Node, zeros...); err != nil {
			return nil, err
		}
	}
	t = &tape{program: own}
	exprgraph.WithBuildLock(func() { t.vm = gorgonia.NewTapeMachine(own.Graph(), opts...) })
	return t, nil
}

// run computes all nodes, applies the updates and returns copies of the outputs.
func (t *tape) run() (map[string][]float64, error) {
	if err := t.program.Params().Sync(); err != nil {
		return nil, err
	}
	t.vm.Reset()
	if err := t.vm.RunAll(); err != nil {
		return nil, err
	}
	outputs := map[string][]float64{}
	for _, out := range t.program.Outputs() {
		x, err := value.Of(out.Node)
		if err != nil {
			return nil, err
		}
		outputs[out.Name] = x
	}
	if t.program.Dtype() == graph.Float64 {
		return outputs, applyUpdates[float64](t.program.Updates())
	}
	return outputs, applyUpdates[float32](t.program.Updates())
}
