package compiled

import (
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/vm"
)

// Program is a vm.Machine that runs a program on an engine.
type Program struct {
	m        *Machine
	program  *graph.Program
	inputs   []input        // in the order of the program's inputs
	input    map[string]int // index in inputs, by name
	output   map[string]int // index of the kept node, by the output's name
	clock    *input         // nil if the program draws no random numbers
	inFlight int
	max      int  // largest inFlight
	waited   bool // Wait was called, so there are outputs
	writes   bool // a run needs exclusive access to the parameters
}

var _ vm.Machine = (*Program)(nil)

// Compile returns a machine that runs the program.
func (b Backend) Compile(p *graph.Program) (vm.Machine, error) {
	if p == nil {
		return nil, b.named(errors.New("no program: get one from a builder's Program method"))
	}
	m, err := b.program(p)
	if err != nil {
		return nil, b.named(err)
	}
	return m, nil
}

func (b Backend) program(p *graph.Program) (*Program, error) {
	m := &Program{
		program: p,
		input:   map[string]int{},
		output:  map[string]int{},
		writes:  b.Shared || len(p.Updates()) > 0,
	}
	source := plan.SourceOf(p)
	m.inputs = make([]input, len(p.Inputs()))
	for i, in := range p.Inputs() {
		m.input[in.Name] = i
		m.inputs[i] = newInput(in, p.Dtype())
		source.Bound[in.Node] = &m.inputs[i].value
		source.Rows[in.Node] = &m.inputs[i].rows
		if in.Node == p.Clock() {
			m.clock = &m.inputs[i]
		}
	}
	for i, n := range source.Keep {
		for _, out := range p.Outputs() {
			if out.Node == n {
				m.output[out.Name] = i
			}
		}
	}
	lock := p.Params().Running()
	lock.Lock()
	defer lock.Unlock()
	var err error
	if m.m, err = b.build(source, origin{p.LayerOf, p.GradientOf}); err != nil {
		return nil, err
	}
	m.max = m.m.engine.InFlight()
	if b.Watch {
		m.max = 1
	}
	return m, nil
}

// Program returns the program that the machine runs.
func (m *Program) Program() *graph.Program { return m.program }

// setInput finds an input by name and calls give to set its value.
func (m *Program) setInput(name string, give func(*input) error) error {
	if err := m.m.acquire(); err != nil {
		return err
	}
	defer m.m.release()
	i, ok := m.input[name]
	if !ok {
		_, err := m.program.FindInput(name)
		return m.m.backend.named(err)
	}
	in := &m.inputs[i]
	if err := give(in); err != nil {
		return m.m.backend.named(fmt.Errorf("input %q: %w", name, err))
	}
	in.set = true
	return nil
}

// Feed sets the elements of an input to x. A float32 program reads x without a copy.
func (m *Program) Feed(name string, x []float32) error {
	return m.setInput(name, func(in *input) error { return in.feed(x) })
}

// Set sets a scalar input to v.
func (m *Program) Set(name string, v float64) error {
	return m.setInput(name, func(in *input) error { return in.setScalar(v) })
}

// SetFloats copies x to an input.
func (m *Program) SetFloats(name string, x []float64) error {
	return m.setInput(name, func(in *input) error { return in.copy(x) })
}

// SetClock sets the counter of random numbers.
func (m *Program) SetClock(epoch, sample int) error {
	if err := m.m.acquire(); err != nil {
		return err
	}
	defer m.m.release()
	words, err := ClockWords(epoch, sample)
	if err == nil && m.clock != nil {
		err = m.clock.copy(words[:])
	}
	return m.m.backend.named(err)
}

// Start starts a run.
func (m *Program) Start() error {
	if err := m.m.acquire(); err != nil {
		return err
	}
	defer m.m.release()
	return m.m.backend.named(m.start())
}

func (m *Program) start() error {
	if m.inFlight == m.max {
		return fmt.Errorf("%d runs are in flight, and no more are allowed: call Wait first", m.inFlight)
	}
	for i := range m.inputs {
		if in := &m.inputs[i]; !in.set && !in.of.Optional {
			return fmt.Errorf("input %q %v was never set: call Feed or Set before Start", in.of.Name, in.of.Shape)
		}
	}
	m.waited = m.waited && m.max > 1
	lock := m.program.Params().Running()
	if m.writes {
		lock.Lock()
		defer lock.Unlock()
	} else {
		lock.RLock()
		defer lock.RUnlock()
	}
	if err := m.m.run(); err != nil {
		return err
	}
	m.inFlight++
	return nil
}

// Wait waits for the earliest run in flight.
func (m *Program) Wait() error {
	if err := m.m.acquire(); err != nil {
		return err
	}
	defer m.m.release()
	if m.inFlight == 0 {
		return m.m.backend.named(errors.New("no run is in flight: call Start first"))
	}
	m.inFlight--
	m.waited = true
	return m.m.backend.named(m.m.engine.Wait(m.inFlight))
}

// MaxInFlight is how many runs may be in flight at the same time.
func (m *Program) MaxInFlight() int { return m.max }

// read finds an output of the run of the last Wait and calls get with its kept node
// and its size. The size must be the given one, unless that is negative.
func (m *Program) read(name string, size int, get func(i, size int) error) error {
	if err := m.m.acquire(); err != nil {
		return err
	}
	defer m.m.release()
	i, ok := m.output[name]
	if !ok {
		_, err := m.program.FindOutput(name)
		return m.m.backend.named(err)
	}
	n := m.m.plan.Func.Shape(m.m.plan.Func.Results()[i]).Size()
	var err error
	switch {
	case !m.waited:
		err = errors.New("there is no value: call Start and Wait first")
	case size >= 0 && size != n:
		err = fmt.Errorf("shape %v has %d elements, the destination has %d", graph.Shape(m.m.plan.Kept[i].Shape()), n, size)
	default:
		err = get(i, n)
	}
	if err != nil {
		return m.m.backend.named(fmt.Errorf("output %q: %w", name, err))
	}
	return nil
}

// Number returns an output with one element.
func (m *Program) Number(name string) (v float64, err error) {
	err = m.read(name, 1, func(i, _ int) error {
		v, err = m.m.engine.Number(i, m.inFlight)
		return err
	})
	return v, err
}

// Read copies an output.
func (m *Program) Read(name string, to []float32) error {
	return m.read(name, len(to), func(i, _ int) error { return m.m.engine.Read(i, m.inFlight, to) })
}

// Floats returns a copy of an output.
func (m *Program) Floats(name string) (x []float64, err error) {
	err = m.read(name, -1, func(i, n int) error {
		x = make([]float64, n)
		return m.m.engine.Floats(i, m.inFlight, x)
	})
	return x, err
}

// Report says for each node where it is computed.
func (m *Program) Report() vm.Report { return m.m.Report() }

// Profile returns the time of each step in run.
func (m *Program) Profile(run func() error) ([]vm.StepProfile, error) { return m.m.Profile(run) }

// Memory returns how much memory the machine holds.
func (m *Program) Memory() vm.Memory { return m.m.Memory() }

// String lists the plan.
func (m *Program) String() string { return m.m.String() }

// Plan returns the plan that the engine runs.
func (m *Program) Plan() *plan.Plan { return m.m.plan }

// Engine returns the engine that runs the plan.
func (m *Program) Engine() Engine { return m.m.engine }

// Verify checks every node on the machine's current inputs.
func (m *Program) Verify() error {
	var failed error
	err := m.m.Within(func() {
		for i := range m.inputs {
			failed = errors.Join(failed, m.inputs[i].fetch())
		}
	})
	if err != nil {
		return err
	}
	if failed != nil {
		return m.m.backend.named(failed)
	}
	return m.m.Verify()
}

// Close frees the machine.
func (m *Program) Close() error {
	lock := m.program.Params().Running()
	lock.Lock()
	defer lock.Unlock()
	return m.m.Close()
}
