package recipe

import (
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
	// Sampler is "prior" or "gmm", a mixture of normals that is fitted to the codes of
	// training samples; "" means the prior if the model has one, else gmm.
	Sampler string
	// Components is the number of normals in the mixture; 0 means 10.
	Components int
	// Walk has the numbers of two samples: what is generated lies between their codes.
	Walk []int
	// From are the samples of a walk, or those to fit the mixture to; see Run.Set. ""
	// means the test part for a walk, and the training part for the mixture.
	From string
	// Seed determines what is drawn.
	Seed uint64
}

// Samplers are the values of Generation.Sampler.
func Samplers() []string { return []string{"prior", "gmm"} }

// mostFitted is the number of codes that a mixture is fitted to.
const mostFitted = 10_000

// Generate generates samples, [N, ...].
func (r *Run) Generate(ctx context.Context, g Generation) (vm.Array, error) {
	shape, ok := r.Model.Shape(graph.OutputCode)
	if _, decodes := r.Model.Shape(graph.OutputRecon); !ok || !decodes {
		return vm.Array{}, fmt.Errorf("the model %s has no code to generate from", train.NameOf(r.Model.Model()))
	}
	if g.N < 0 || g.Components < 0 {
		return vm.Array{}, fmt.Errorf("%d samples, %d components: neither can be negative", g.N, g.Components)
	}
	var codes []float32
	var err error
	if g.Walk != nil {
		codes, err = r.walk(ctx, &g)
	} else {
		codes, err = r.draw(ctx, &g, shape)
	}
	if err != nil {
		return vm.Array{}, err
	}
	more, err := r.given(g)
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
	if err := oneOf("sampler", g.Sampler, Samplers()...); err != nil {
		return nil, err
	}
	if g.Sampler == "prior" {
		if !hasPrior {
			return nil, fmt.Errorf("the model %s has no prior: use the sampler gmm, which is fitted to the codes of training samples", train.NameOf(r.Model.Model()))
		}
		return sampler.Prior{Net: r.Model, Dims: prior.Size()}.Draw(g.N, g.Seed)
	}
	from := g.From
	if from == "" {
		from = TrainPart
	}
	in, err := r.Set(ctx, from)
	if err != nil {
		return nil, err
	}
	out, err := r.Model.Compute(data.Limit(in, mostFitted), graph.OutputCode)
	if err != nil {
		return nil, err
	}
	components := g.Components
	if components == 0 {
		components = 10
	}
	m, err := sampler.GaussianMixture{Components: components, Seed: g.Seed}.Fit(out[0].Data, shape.Size())
	if err != nil {
		return nil, err
	}
	return m.Draw(g.N, g.Seed)
}

// walk returns codes between those of two samples.
func (r *Run) walk(ctx context.Context, g *Generation) ([]float32, error) {
	if g.N == 0 {
		g.N = 10
	}
	if len(g.Walk) != 2 {
		return nil, fmt.Errorf("a walk between %d samples: want the numbers of two, such as 3,17", len(g.Walk))
	}
	in, err := r.Set(ctx, g.From)
	if err != nil {
		return nil, err
	}
	for _, i := range g.Walk {
		if i < 0 || i >= in.Len() {
			return nil, fmt.Errorf("a walk from sample %d to %d: %s has the samples 0 to %d", g.Walk[0], g.Walk[1], in.Where, in.Len()-1)
		}
	}
	ends, err := data.Pick(in, g.Walk)
	if err != nil {
		return nil, err
	}
	out, err := r.Model.Compute(ends, graph.OutputCode)
	if err != nil {
		return nil, err
	}
	z := out[0].Data
	return sampler.Spherical(z[:len(z)/2], z[len(z)/2:], g.N)
}

// given are the inputs of the decoder besides the code.
func (r *Run) given(g Generation) ([]vm.Array, error) {
	_, conditional := r.Model.Shape(graph.InputLabel)
	if !conditional {
		if g.Class != nil {
			return nil, errors.New("the model is not conditional on a class: train one that is, such as vae with model.classes")
		}
		return nil, nil
	}
	classes := r.classes()
	if g.Class != nil && (*g.Class < 0 || classes > 0 && *g.Class >= classes) {
		return nil, fmt.Errorf("class %d: the model has the classes 0 to %d", *g.Class, classes-1)
	}
	label := make([]float32, g.N)
	for i := range label {
		if g.Class != nil {
			label[i] = float32(*g.Class)
		} else if classes > 0 {
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
