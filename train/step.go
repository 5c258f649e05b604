package train

import (
	"errors"
	"fmt"
	"time"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
)

// Model is anything that builds its net for a batch size into a graph: the
// configs of the packages under models are.
type Model interface {
	Build(b *graph.Builder, batch int) graph.Net
}

// Step is a model's graph for one batch size on a machine: a training step,
// with its updates, or an evaluation.
type Step struct {
	b       *graph.Builder
	net     graph.Net
	input   *graph.Node
	vm      graph.VM
	rates   []*graph.Node
	scalars []graph.Metric // what Run returns, in order
	under   int            // runs started and not finished
	out     [2][]float64   // what they return, in turn
	turn    int
	compile time.Duration
}

var (
	errNoModel = errors.New("train: no model")
	errNoStep  = errors.New("train: no step: make it by NewTrainStep or NewEvalStep")
)

// The names of scalars that every model has.
const (
	Loss = "loss"          // the first task's loss
	MSE  = graph.MetricMSE // in evaluation, of one that reconstructs: mean squared error between reconstruction and x
)

// NewTrainStep builds and compiles the training step of a model: the tasks'
// losses and metrics, and the optimiser's updates.
func NewTrainStep(m Model, p *graph.Params, batch int, seed uint64, o graph.Optimizer, compile graph.Compiler) (*Step, error) {
	return newStep(m, p, batch, graph.Config{Training: true, Seed: seed}, compile, func(s *Step) {
		for _, task := range s.net.Tasks {
			s.rates = append(s.rates, optim.Minimize(s.b, o, task))
		}
	})
}

// NewEvalStep builds and compiles the evaluation of a model: the tasks' losses
// and metrics, and the reconstruction.
func NewEvalStep(m Model, p *graph.Params, batch int, seed uint64, compile graph.Compiler) (*Step, error) {
	return newStep(m, p, batch, graph.Config{Seed: seed}, compile, func(s *Step) {
		if recon := s.net.Outputs[graph.OutputRecon]; recon != nil {
			s.b.Keep(recon)
		}
	})
}

func newStep(m Model, p *graph.Params, batch int, c graph.Config, compile graph.Compiler, finish func(*Step)) (*Step, error) {
	if m == nil {
		return nil, errNoModel
	}
	if batch < 1 {
		return nil, fmt.Errorf("train: batch is %d, want at least 1", batch)
	}
	if compile == nil {
		return nil, fmt.Errorf("train: no machine: set Options.Compile, such as tape.Compile")
	}
	start := time.Now()
	s := &Step{b: graph.New(p, c)}
	s.net = m.Build(s.b, batch)
	if err := s.b.Err(); err != nil {
		return nil, err
	}
	s.input = s.b.InputNode(graph.InputX)
	switch {
	case s.input == nil || len(s.net.Tasks) == 0:
		return nil, fmt.Errorf("train: the model %T built no input %q or no task", m, graph.InputX)
	case s.net.Alternate:
		return nil, fmt.Errorf("train: the model %T has tasks that take turns, which training cannot do yet", m)
	}
	for _, task := range s.net.Tasks {
		s.scalars = append(s.scalars, graph.Metric{Name: task.Name, Node: task.Loss})
		s.scalars = append(s.scalars, task.Metrics...)
	}
	for _, v := range s.scalars {
		if v.Node == nil {
			return nil, fmt.Errorf("train: the model %T has a loss or a metric, %q, without a node", m, v.Name)
		}
	}
	finish(s)
	for i := range s.out {
		s.out[i] = make([]float64, len(s.scalars))
	}
	for _, v := range s.scalars {
		s.b.Read(v.Node)
	}
	if err := s.b.Err(); err != nil {
		return nil, err
	}
	vm, err := compile(s.b)
	if err == nil && vm == nil {
		err = errors.New("train: Options.Compile returned no machine")
	}
	if err != nil {
		return nil, err
	}
	s.vm, s.compile = vm, time.Since(start)
	return s, nil
}

// Run runs the step on a batch x, in row-major order: samples first, first+1,
// ... of the epoch's order. It returns the scalars named by Names, in a slice
// that the next Run writes over. The machine may read x itself while it runs, and
// writes nothing to it. It is an error while a run that was started is under
// way: Finish would return the scalars of that one.
func (s *Step) Run(x []float32, epoch, first int) ([]float64, error) {
	if s.under > 0 {
		return nil, fmt.Errorf("train: a run of the step is under way: call Finish before Run, or Start in place of it")
	}
	if err := s.Start(x, epoch, first); err != nil {
		return nil, err
	}
	return s.Finish()
}

// Most returns how many runs may be under way: two where the machine works on
// after RunAll, else one.
func (s *Step) Most() int {
	if _, ok := s.vm.(graph.Queue); ok {
		return len(s.out)
	}
	return 1
}

// Start starts a run as Run does, and returns while a machine that can do so
// works on it. At most Most may be under way.
func (s *Step) Start(x []float32, epoch, first int) error {
	if s.vm == nil {
		return errNoStep
	}
	if s.under == s.Most() {
		return fmt.Errorf("train: %d runs of the step are under way: finish one first", s.under)
	}
	if err := graph.Feed(s.vm, s.input, x); err != nil {
		return err
	}
	if clock := s.b.ClockNode(); clock != nil {
		if err := graph.SetClock(clock, epoch, first); err != nil {
			return err
		}
	}
	s.vm.Reset()
	if err := s.vm.RunAll(); err != nil {
		return err
	}
	s.under++
	return nil
}

// Finish waits for the run that was started first, and returns its scalars, in a
// slice that the next Finish but one writes over.
func (s *Step) Finish() ([]float64, error) {
	if s.under == 0 {
		return nil, fmt.Errorf("train: no run of the step is under way")
	}
	s.under--
	s.turn = (s.turn + 1) % len(s.out)
	out := s.out[s.turn]
	for i, v := range s.scalars {
		x, err := s.number(v.Node, s.under)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

// number is the value of a scalar node in the last run, or in the one before.
func (s *Step) number(n *graph.Node, ago int) (float64, error) {
	if q, ok := s.vm.(graph.Queue); ok {
		return q.NumberAgo(n, ago)
	}
	return graph.Number(s.vm, n)
}

// Names returns the names of the scalars that Run returns: the first task's
// loss first.
func (s *Step) Names() []string {
	names := make([]string, len(s.scalars))
	for i, v := range s.scalars {
		names[i] = v.Name
	}
	return names
}

// SetRate sets the learning rate of all tasks for the runs that follow.
func (s *Step) SetRate(rate float64) error {
	for _, r := range s.rates {
		if err := graph.SetScalar(r, rate); err != nil {
			return err
		}
	}
	return nil
}

// Recon returns a copy of the last evaluation's reconstruction.
func (s *Step) Recon() ([]float64, error) { return graph.Floats(s.net.Outputs[graph.OutputRecon]) }

// Builder returns the step's graph.
func (s *Step) Builder() *graph.Builder { return s.b }

// CompileTime returns how long building and compiling took.
func (s *Step) CompileTime() time.Duration { return s.compile }

// Close frees the machine.
func (s *Step) Close() error {
	if s.vm == nil {
		return nil
	}
	return s.vm.Close()
}
