package recipe

import (
	"reflect"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
)

// Optimizer is an optimiser of package optim. In a configuration, the key "type" is its
// name in lower case, and the other keys are its settings in lower camel case, such as
// rate and weightDecay.
type Optimizer struct {
	// Value is the optimiser; nil means optim.Adam{}.
	Value graph.Optimizer `json:"-"`
}

// optimizers are the types by name.
func optimizers() []struct {
	name  string
	value graph.Optimizer
} {
	return []struct {
		name  string
		value graph.Optimizer
	}{
		{"adadelta", optim.Adadelta{}},
		{"adagrad", optim.Adagrad{}},
		{"adam", optim.Adam{}},
		{"adamax", optim.Adamax{}},
		{"adamw", optim.AdamW{}},
		{"lamb", optim.LAMB{}},
		{"lion", optim.Lion{}},
		{"muon", optim.Muon{}},
		{"nadam", optim.NAdam{}},
		{"rmsprop", optim.RMSprop{}},
		{"sgd", optim.SGD{}},
	}
}

// OptimizerTypes lists the types of optimisers.
func OptimizerTypes() []string {
	var names []string
	for _, o := range optimizers() {
		names = append(names, o.name)
	}
	return names
}

func (o *Optimizer) prototype(name string) (any, error) {
	if name == "" {
		name = "adam"
	}
	for _, p := range optimizers() {
		if p.name == name {
			return reflect.New(reflect.TypeOf(p.value)).Interface(), nil
		}
	}
	return nil, unknownType("optimiser", name, OptimizerTypes())
}

func (o *Optimizer) put(_ string, value any) {
	o.Value, _ = reflect.ValueOf(value).Elem().Interface().(graph.Optimizer)
}

func (o Optimizer) section() (string, any) {
	for _, p := range optimizers() {
		if o.Value != nil && reflect.TypeOf(p.value) == reflect.TypeOf(o.Value) {
			return p.name, o.Value
		}
	}
	return "", nil
}
