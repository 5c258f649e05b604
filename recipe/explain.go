package recipe

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/presets"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// Explanation says what a model computes and what that costs.
type Explanation struct {
	Stage   string  `json:"stage,omitempty"` // of a preset, one of its trainings
	Model   string  `json:"model"`
	Summary string  `json:"summary,omitempty"`
	Backend string  `json:"backend"`
	Layers  []Layer `json:"layers"`
	Weights int     `json:"weights"` // elements that are trained
	States  int     `json:"states"`  // other elements, such as running means
	// Training and Encoding are the plans of a training step and of encoding a batch.
	Training []Plan `json:"training"` // one, or one for each task that alternates
	Encoding []Plan `json:"encoding,omitempty"`
	// Costs are those of a sample for several sizes of the batch.
	Costs []Cost `json:"costs"`
	// Growth is what a sample costs if a size of the model is multiplied.
	Growth []Growth `json:"growth,omitempty"`
}

// Layer is a layer of the net.
type Layer struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Shape   []int  `json:"shape"` // of its result for one sample
	Weights int    `json:"weights"`
}

// Plan is what a machine does for a batch.
type Plan struct {
	Batch  int          `json:"batch"`
	Steps  []PlanStep   `json:"steps"`
	Memory int64        `json:"memoryBytes"` // of intermediate values and scratch
	Values []PlanValues `json:"values,omitempty"`
}

// PlanStep is a step of a plan.
type PlanStep struct {
	Step    string  `json:"step"` // the primitive and its operands' shapes
	Seconds float64 `json:"seconds"`
	Flops   int64   `json:"flops"` // two for a multiply-add
	Bytes   int64   `json:"bytes"` // of operands and results
}

// PlanValues says where the values of a node of the graph are.
type PlanValues struct {
	Layer string `json:"layer,omitempty"`
	Op    string `json:"op"`
	Shape []int  `json:"shape"`
	Step  int    `json:"step"` // that computes it; -1 if none does
	Place string `json:"place"`
	Host  string `json:"host,omitempty"` // why it runs on the host
}

// Cost is what a sample costs in a batch of some size.
type Cost struct {
	Batch         int     `json:"batch"`
	TrainSeconds  float64 `json:"trainSeconds"`  // measured, for a sample
	TrainFlops    float64 `json:"trainFlops"`    // counted, for a sample
	TrainMemory   int64   `json:"trainBytes"`    // of intermediate values, for the batch
	EncodeSeconds float64 `json:"encodeSeconds"` // 0 if the model does not encode
	EncodeFlops   float64 `json:"encodeFlops"`
	EncodeMemory  int64   `json:"encodeBytes"`
}

// Explain plans the model of a recipe, runs the plans on samples of its data and measures
// them. batches are the sizes for Explanation.Costs; nil means 1, a fourth of the batch
// and the batch. A preset has an explanation for each of its trainings.
func (r *Recipe) Explain(ctx context.Context, batches []int) ([]Explanation, error) {
	for _, n := range batches {
		if n < 1 || n > 1<<20 {
			return nil, fmt.Errorf("a batch of %d samples: want 1 to %d", n, 1<<20)
		}
	}
	if r.Preset != "" {
		return r.explainPreset(ctx, batches)
	}
	s, err := r.prepare(ctx, nil)
	if err != nil {
		return nil, err
	}
	o, err := r.options()
	if err != nil {
		return nil, err
	}
	set, err := scaled(s.Train, o)
	if err != nil {
		return nil, err
	}
	e, err := explain(ctx, r.Model.Value, set, o, batches)
	return []Explanation{e}, err
}

// scaled applies the scalers that a training would fit.
func scaled(set data.Set, o train.Options) (data.Set, error) {
	for _, field := range sortedNames(o.Scale) {
		s, err := data.FitScaler(data.Limit(set, 10_000), field, o.Scale[field])
		if err == nil {
			set, err = s.Apply(set)
		}
		if err != nil {
			return nil, err
		}
	}
	return set, nil
}

func (r *Recipe) explainPreset(ctx context.Context, batches []int) (out []Explanation, err error) {
	p, err := findPreset(r.Preset)
	if err != nil {
		return nil, err
	}
	b, err := r.backend()
	if err != nil {
		return nil, err
	}
	settings := r.presetOptions(b)
	settings.Trial = presets.Trial{Samples: 256, Steps: 1}
	nets, err := p.Nets(ctx, settings)
	if err != nil {
		return nil, err
	}
	for _, n := range nets {
		o := n.Options
		o.Backend, o.Params, o.Scale, o.Seed = b, nil, nil, r.Seed
		e, err := explain(ctx, n.Model, n.Samples, o, batches)
		if err != nil {
			return out, fmt.Errorf("%s: %w", n.Stage, err)
		}
		e.Stage = n.Stage
		out = append(out, e)
	}
	return out, nil
}

// explain explains a model, on samples of a set.
func explain(ctx context.Context, m stheno.Model, set data.Set, o train.Options, batches []int) (Explanation, error) {
	e := Explanation{Model: train.NameOf(m), Backend: BackendName(o.Backend)}
	if v, ok := m.(fmt.Stringer); ok {
		e.Summary = v.String()
	}
	o.Params = graph.NewParams(graph.Float32, o.Seed)
	program, err := train.EvalProgram(m, 1, o)
	if err != nil {
		return e, err
	}
	for _, l := range program.Layers() {
		e.Layers = append(e.Layers, Layer{l.Path, l.Kind, l.Out[min(1, len(l.Out)):], l.Params})
		e.Weights, e.States = e.Weights+l.Params, e.States+l.States
	}
	full := o.Batch
	if full == 0 {
		full = 128
	}
	if batches == nil {
		batches = []int{1, max(1, full/4), full}
	}
	slices.Sort(batches)
	for _, n := range slices.Compact(batches) {
		if err := ctx.Err(); err != nil {
			return e, err
		}
		c, training, encoding, err := costOf(m, set, o, n)
		if err != nil {
			return e, err
		}
		e.Costs = append(e.Costs, c)
		e.Training, e.Encoding = training, encoding
	}
	e.Growth, err = grow(ctx, m, set, o, batches[len(batches)-1])
	return e, err
}

func flopsOf(plans []Plan) (sum float64) {
	for _, p := range plans {
		for _, s := range p.Steps {
			sum += float64(s.Flops)
		}
	}
	return sum
}

func memoryOf(plans []Plan) (sum int64) {
	for _, p := range plans {
		sum += p.Memory
	}
	return sum
}

// trainingPlans plans a training step, and measures it.
func trainingPlans(m stheno.Model, set data.Set, o train.Options, batch int) ([]Plan, time.Duration, error) {
	o.Params = graph.NewParams(graph.Float32, o.Seed)
	s, err := train.NewTrainStep(m, batch, o)
	if err != nil {
		return nil, 0, err
	}
	defer s.Close()
	for _, machine := range s.Machines() {
		if err := feed(machine, set); err != nil {
			return nil, 0, err
		}
	}
	run := func() error {
		_, err := s.Run(0, 0)
		return err
	}
	var plans []Plan
	took, err := fastest(run)
	if err != nil {
		return nil, 0, err
	}
	for _, machine := range s.Machines() {
		p, err := planOf(machine, batch, run)
		if err != nil {
			return nil, 0, err
		}
		plans = append(plans, p)
	}
	return plans, took, nil
}

// encodingPlan plans the encoding of a batch, and measures it.
func encodingPlan(m stheno.Model, set data.Set, o train.Options, batch int) ([]Plan, time.Duration, error) {
	program, err := train.EvalProgram(m, batch, o)
	if err != nil {
		return nil, 0, err
	}
	if _, ok := program.Output(graph.OutputCode); !ok {
		return nil, 0, nil
	}
	if program, err = program.Select([]string{graph.OutputCode}); err != nil {
		return nil, 0, err
	}
	machine, err := o.Backend.Compile(program)
	if err != nil {
		return nil, 0, err
	}
	defer machine.Close()
	if err := feed(machine, set); err != nil {
		return nil, 0, err
	}
	run := func() error { return vm.Run(machine) }
	took, err := fastest(run)
	if err != nil {
		return nil, 0, err
	}
	p, err := planOf(machine, batch, run)
	return []Plan{p}, took, err
}

// fastest runs something some times, and returns the shortest time.
func fastest(run func() error) (time.Duration, error) {
	var least time.Duration
	for i, began := 0, time.Now(); i < 3 || i < 50 && time.Since(began) < 300*time.Millisecond; i++ {
		start := time.Now()
		if err := run(); err != nil {
			return 0, err
		}
		if took := time.Since(start); i == 0 || took < least {
			least = took
		}
	}
	return least, nil
}

// feed gives each input of a machine the first samples of a set, again and again if it
// has too few values, or zeros if the set has none of its name.
func feed(m vm.Machine, set data.Set) error {
	p := m.Program()
	for _, in := range p.Inputs() {
		if len(in.Shape) == 0 || in.Node == p.Clock() {
			continue
		}
		x := make([]float32, in.Shape.Size())
		if set != nil {
			if _, err := data.FieldOf(set, in.Name); err == nil {
				a, err := data.ArrayOf(data.Limit(set, in.Shape[0]), in.Name)
				if err != nil {
					return err
				}
				for at := 0; at < len(x) && len(a.Values) > 0; {
					at += copy(x[at:], a.Values)
				}
			}
		}
		if err := m.Feed(in.Name, x); err != nil {
			return err
		}
	}
	return nil
}

// planOf describes the plan of a machine, with the times of one run.
func planOf(m vm.Machine, batch int, run func() error) (Plan, error) {
	memory := m.Memory()
	p := Plan{Batch: batch, Memory: memory.Arena + memory.Scratch}
	steps, err := m.Profile(run)
	if err != nil {
		return p, err
	}
	for _, s := range steps {
		p.Steps = append(p.Steps, PlanStep{s.Step, s.Took.Seconds(), s.Flops, s.Bytes})
	}
	for _, n := range m.Report() {
		if n.Node == nil {
			continue
		}
		p.Values = append(p.Values, PlanValues{n.Layer, n.Op, n.Node.Shape(), n.Step, n.Place, n.Host})
	}
	return p, nil
}
