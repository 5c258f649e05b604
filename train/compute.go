package train

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// evalNet computes what the net of a training computes outside training. It is built on
// first use.
type evalNet struct {
	f      *vm.Function
	inputs []graph.Input          // that samples feed
	shapes map[string]graph.Shape // of a sample, by output
}

// open builds the net of a model.
func (o *evalNet) open(m Model, with Options) error {
	if o.f != nil {
		return nil
	}
	p, err := EvalProgram(m, 1, with)
	if err != nil {
		return err
	}
	o.shapes = map[string]graph.Shape{}
	for _, out := range p.Outputs() {
		o.shapes[out.Name] = out.Shape[min(1, len(out.Shape)):]
	}
	for _, in := range p.Inputs() {
		if !isClock(p, in) && len(in.Shape) > 0 {
			o.inputs = append(o.inputs, in)
		}
	}
	o.f, err = NewFunction(m, with, vm.FunctionOptions{Batch: with.EvalBatch, Machines: 1})
	return err
}

func (o *evalNet) close() error {
	if o.f == nil {
		return nil
	}
	return o.f.Close()
}

// arguments reads the fields of a set that the net has inputs for, except one input.
func (o *evalNet) arguments(set data.Set, without string) ([]vm.Array, error) {
	if set == nil || set.Len() == 0 {
		return nil, errors.New("the set is empty")
	}
	var args []vm.Array
	for _, in := range o.inputs {
		if in.Name == without || !slices.ContainsFunc(set.Fields(), func(f data.Field) bool { return f.Name == in.Name }) {
			continue
		}
		a, err := data.ArrayOf(set, in.Name)
		if err != nil {
			return nil, err
		}
		shape := append([]int{set.Len()}, in.Shape[1:]...)
		if graph.Shape(shape).Size() != len(a.Values) {
			return nil, fmt.Errorf("the input %q of the net takes samples of shape %v, the field of the set has %v", in.Name, in.Shape[1:], a.Shape)
		}
		args = append(args, vm.Array{Name: in.Name, Shape: shape, Data: a.Values})
	}
	return args, nil
}

// Outputs returns the shapes of a sample in the outputs of the net outside training, by
// name: "code", "recon" and others.
func (r *Run) Outputs() (map[string]graph.Shape, error) {
	if err := r.f.evalNet.open(r.f.model, r.f.o); err != nil {
		return nil, err
	}
	return maps.Clone(r.f.evalNet.shapes), nil
}

// Compute returns outputs of the net for all samples of a set, each [N, ...], with the
// current parameters. The set's fields feed the inputs of the same names.
func (r *Run) Compute(set data.Set, names ...string) ([]vm.Array, error) {
	o := &r.f.evalNet
	if err := o.open(r.f.model, r.f.o); err != nil {
		return nil, err
	}
	return o.compute(set, names)
}

// compute returns outputs for all samples of a set.
func (o *evalNet) compute(set data.Set, names []string) ([]vm.Array, error) {
	args, err := o.arguments(set, "")
	if err != nil {
		return nil, err
	}
	out := make([]vm.Array, len(names))
	for i, name := range names {
		out[i].Name = name
	}
	return out, o.f.Call(args, out)
}

// Compute returns outputs of a model's net outside training for all samples of a set,
// each [N, ...]. The set's fields feed the inputs of the same names. Of the options it
// uses Backend, Params, EvalBatch, Scalers and Seed.
func Compute(m Model, set data.Set, o Options, names ...string) (out []vm.Array, err error) {
	if o, err = o.complete(m); err != nil {
		return nil, named(err)
	}
	scaled, err := o.scaled(set)
	if err != nil {
		return nil, named(err)
	}
	var net evalNet
	if err := net.open(m, o); err != nil {
		return nil, err // EvalProgram and NewFunction add the package's name
	}
	out, err = net.compute(scaled, names)
	return out, named(errors.Join(err, net.close()))
}

// Generate draws a code for each sample of a set from the net's output "prior", and
// returns their reconstructions [N, ...], with the current parameters. The samples' own
// x is not read; other fields, such as a label, are. The codes are the same in each
// call.
func (r *Run) Generate(set data.Set) (vm.Array, error) {
	o := &r.f.evalNet
	if err := o.open(r.f.model, r.f.o); err != nil {
		return vm.Array{}, err
	}
	args, err := o.arguments(set, graph.InputX)
	if err != nil {
		return vm.Array{}, err
	}
	prior := []vm.Array{{Name: graph.OutputPrior, Shape: append([]int{set.Len()}, o.shapes[graph.OutputPrior]...)}}
	if err := o.f.Call(nil, prior); err != nil {
		return vm.Array{}, err
	}
	recon := []vm.Array{{Name: graph.OutputRecon}}
	args = append(args, vm.Array{Name: graph.OutputCode, Shape: prior[0].Shape, Data: prior[0].Data})
	err = o.f.Call(args, recon)
	return recon[0], err
}
