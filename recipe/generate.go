package recipe

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/sampler"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// Generation says what to generate. The zero value is 64 samples from the model's prior.
type Generation struct {
	// N is the number of samples, or of steps of a walk; 0 means 64, or 10 for a walk.
	N int
	// Class is the class to generate for a model that is conditional on it; nil means that
	// all classes take turns.
	Class *int
	// Sampler is "prior", or what is fitted to the codes of training samples: "gmm", a
	// mixture of normals, or "flow", a normalising flow. "" means the prior if the model has
	// one, else gmm. With a class, what is fitted is fitted to the samples of that class.
	Sampler string
	// Components is the number of normals in the mixture; 0 means 10.
	Components int
	// Epochs is the number of epochs of the flow; 0 means 20.
	Epochs int
	// Walk has the numbers of two samples: what is generated lies between their codes.
	Walk []int
	// From are the samples of a walk, or those to fit the sampler to; see Run.Set. ""
	// means the test part for a walk, and the training part for the sampler.
	From string
	// Temperature is that of texts and music, at least 0; see sequence.Options. nil means 1,
	// or 0 for a walk.
	Temperature *float64
	// Steps is the length of music; 0 means 64, or that of the model if it is less.
	Steps int
	// Seed determines what is drawn.
	Seed uint64
}

// Samplers are the values of Generation.Sampler.
func Samplers() []string { return []string{"prior", gmmSampler, flowSampler} }

const gmmSampler, flowSampler = "gmm", "flow"

// mostFitted is the number of codes that a sampler is fitted to.
const mostFitted = 10_000

// Generate generates samples, [N, ...].
func (r *Run) Generate(ctx context.Context, g Generation) (vm.Array, error) {
	shape, ok := r.Model.Shape(graph.OutputCode)
	if _, decodes := r.Model.Shape(graph.OutputRecon); !ok || !decodes {
		return vm.Array{}, fmt.Errorf("the model %s has no code to generate from", train.NameOf(r.Model.Model()))
	}
	if err := r.check(g); err != nil {
		return vm.Array{}, err
	}
	if g.Temperature != nil || g.Steps != 0 {
		return vm.Array{}, errors.New("a temperature and steps are for texts and music: leave them out")
	}
	codes, ends, err := r.codes(ctx, &g, shape)
	if err != nil {
		return vm.Array{}, err
	}
	more, err := r.given(g, ends)
	if err != nil {
		return vm.Array{}, err
	}
	x, err := r.Model.Decode(codes, more...)
	if err != nil {
		return vm.Array{}, err
	}
	sample, _ := r.Model.Shape(graph.OutputRecon)
	if s, ok := r.sampleShape(); ok && s.Size() == sample.Size() {
		sample = s
	}
	return vm.Array{Name: graph.InputX, Shape: append([]int{g.N}, sample...), Data: x}, nil
}

// check returns an error for what cannot be drawn.
func (r *Run) check(g Generation) error {
	if g.N < 0 || g.Components < 0 || g.Epochs < 0 || g.Steps < 0 {
		return fmt.Errorf("%d samples, %d components, %d epochs, %d steps: none of them can be negative", g.N, g.Components, g.Epochs, g.Steps)
	}
	if g.Sampler != "" {
		if err := oneOf("sampler", g.Sampler, Samplers()...); err != nil {
			return err
		}
	}
	if g.Components > 0 && (g.Sampler != "" && g.Sampler != gmmSampler || g.Walk != nil) {
		return errors.New("components are those of the sampler gmm")
	}
	if g.Epochs > 0 && g.Sampler != flowSampler {
		return errors.New("epochs are those of the sampler flow")
	}
	if g.Walk != nil && g.Sampler != "" {
		return errors.New("a walk goes between the codes of two samples: leave the sampler out")
	}
	return r.checkClass(g)
}

// codes are those to decode, [N, shape...], and for a walk the classes of both ends; what
// the generation leaves open is filled in.
func (r *Run) codes(ctx context.Context, g *Generation, shape graph.Shape) (codes, ends []float32, err error) {
	if g.Walk != nil {
		return r.walk(ctx, g)
	}
	codes, err = r.draw(ctx, g, shape)
	return codes, nil, err
}

// sampleShape is the shape of a sample of the run's data, if it is known.
func (r *Run) sampleShape() (graph.Shape, bool) {
	if r.samples == nil {
		if r.Recipe.Data.Source == "" {
			return nil, false
		}
		if _, err := r.part(context.Background(), TrainPart); err != nil {
			return nil, false
		}
	}
	f, err := r.samples.field(graph.InputX)
	return f.Shape, err == nil
}

// Columns are the names of the columns of the run's table; nil for anything else.
func (r *Run) Columns() []string {
	schema, err := r.schema()
	if err != nil || schema == nil {
		return nil
	}
	return schema.Names()
}

// draw draws codes [N, shape...].
func (r *Run) draw(ctx context.Context, g *Generation, shape graph.Shape) ([]float32, error) {
	if g.N == 0 {
		g.N = 64
	}
	prior, hasPrior := r.Model.Shape(graph.OutputPrior)
	if g.Sampler == "" {
		g.Sampler = "gmm"
		if hasPrior {
			g.Sampler = "prior"
		}
	}
	if g.Sampler == "prior" {
		if !hasPrior {
			return nil, fmt.Errorf("the model %s has no prior: use the sampler gmm, which is fitted to the codes of training samples", train.NameOf(r.Model.Model()))
		}
		if g.Class != nil && !r.conditional() {
			return nil, errors.New("the model is not conditional on a class: use the sampler gmm or flow, which is fitted to the codes of the class, or train a model that is, such as vae with model.classes")
		}
		return sampler.Prior{Net: r.Model, Dims: prior.Size()}.Draw(g.N, g.Seed)
	}
	codes, err := r.codesOfClass(ctx, g)
	if err != nil {
		return nil, err
	}
	if g.Sampler == flowSampler {
		return r.drawFlow(ctx, g, codes, shape.Size())
	}
	components := g.Components
	if components == 0 {
		components = min(10, len(codes)/shape.Size())
	}
	m, err := sampler.GaussianMixture{Components: components, Seed: g.Seed}.Fit(codes, shape.Size())
	if err != nil {
		return nil, err
	}
	return m.Draw(g.N, g.Seed)
}

// codesOfClass are the codes of the samples that a sampler is fitted to.
func (r *Run) codesOfClass(ctx context.Context, g *Generation) ([]float32, error) {
	in, err := r.Set(ctx, cmp.Or(g.From, TrainPart))
	if err != nil {
		return nil, err
	}
	set := in.Set
	if g.Class != nil {
		if set, err = ofClass(in, *g.Class); err != nil {
			return nil, err
		}
	}
	out, err := r.Model.Compute(data.Limit(set, mostFitted), graph.OutputCode)
	if err != nil {
		return nil, in.blame(err)
	}
	return out[0].Data, nil
}

// ofClass are the samples of a class.
func ofClass(in *Input, class int) (data.Set, error) {
	f, err := data.FieldOf(in, graph.InputLabel)
	if err != nil {
		return nil, fmt.Errorf("%s: the samples have no classes, so there is no class %d to generate", in.Where, class)
	}
	set, err := data.OfClasses(in.Set, graph.InputLabel, class)
	if err == nil && set.Len() == 0 {
		err = errors.New("no sample is of it")
	}
	if err != nil {
		last := ""
		if f.Classes > 0 {
			last = fmt.Sprintf(" (the classes are 0 to %d)", f.Classes-1)
		}
		return nil, fmt.Errorf("%s: class %d%s: %w", in.Where, class, last, err)
	}
	return set, nil
}

// drawFlow draws codes from a flow that is fitted to others.
func (r *Run) drawFlow(ctx context.Context, g *Generation, codes []float32, dims int) ([]float32, error) {
	if dims < 2 {
		return nil, errors.New("a flow needs codes of at least 2 values: use the sampler gmm")
	}
	backend, err := r.Recipe.backend()
	if err != nil {
		return nil, err
	}
	f, err := sampler.Flow{Dims: dims}.Fit(ctx, codes, train.Options{Backend: backend, Seed: g.Seed, Epochs: g.Epochs})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Draw(g.N, g.Seed)
}

// walk returns codes between those of two samples, and the classes of both for a model
// that is conditional on them.
func (r *Run) walk(ctx context.Context, g *Generation) (codes, classes []float32, err error) {
	if g.N == 0 {
		g.N = 10
	}
	if g.N < 2 {
		return nil, nil, fmt.Errorf("a walk of %d steps: want at least 2", g.N)
	}
	if len(g.Walk) != 2 {
		return nil, nil, fmt.Errorf("a walk between %d samples: want the numbers of two, such as 3,17", len(g.Walk))
	}
	in, err := r.Set(ctx, g.From)
	if err != nil {
		return nil, nil, err
	}
	for _, i := range g.Walk {
		if i < 0 || i >= in.Len() {
			return nil, nil, fmt.Errorf("a walk from sample %d to %d: %s has the samples 0 to %d", g.Walk[0], g.Walk[1], in.Where, in.Len()-1)
		}
	}
	ends, err := data.Pick(in, g.Walk)
	if err != nil {
		return nil, nil, err
	}
	out, err := r.Model.Compute(ends, graph.OutputCode)
	if err != nil {
		return nil, nil, in.blame(err)
	}
	if r.conditional() {
		label, err := data.ArrayOf(ends, graph.InputLabel)
		if err != nil {
			return nil, nil, in.blame(err)
		}
		classes = label.Values
	}
	z := out[0].Data
	codes, err = sampler.Spherical(z[:len(z)/2], z[len(z)/2:], g.N)
	return codes, classes, err
}

// conditional says that the model reads the class of a sample.
func (r *Run) conditional() bool {
	_, reads := r.Model.Shape(graph.InputLabel)
	return reads
}

// checkClass returns an error if the model does not have the class, or cannot use it.
func (r *Run) checkClass(g Generation) error {
	if g.Class == nil {
		return nil
	}
	if classes := r.classes(); *g.Class < 0 || r.conditional() && classes > 0 && *g.Class >= classes {
		return fmt.Errorf("class %d: the model has the classes 0 to %d", *g.Class, max(classes, 1)-1)
	}
	if g.Walk != nil && !r.conditional() {
		return errors.New("a walk has the classes of its ends: leave the class out")
	}
	return nil
}

// given are the inputs of the decoder besides the code. ends are the classes of both ends of
// a walk, whose first half has that of the first; nil for other samples.
func (r *Run) given(g Generation, ends []float32) ([]vm.Array, error) {
	if !r.conditional() {
		return nil, nil
	}
	classes := r.classes()
	label := make([]float32, g.N)
	for i := range label {
		switch {
		case g.Class != nil:
			label[i] = float32(*g.Class)
		case ends != nil:
			label[i] = ends[2*i/g.N]
		case classes > 0:
			label[i] = float32(i % classes)
		}
	}
	return []vm.Array{{Name: graph.InputLabel, Shape: []int{g.N}, Data: label}}, nil
}

// classes is the number of classes of a conditional model; 0 if it is not known.
func (r *Run) classes() int {
	_, v := (Model{r.Model.Model()}).section()
	s := settingsOf{}.of(valueOf(v))
	if !s.has("classes") {
		return 0
	}
	return int(s.value("classes").Int())
}
