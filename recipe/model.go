package recipe

import (
	"fmt"
	"path"
	"reflect"
	"slices"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
)

// Model is a model of the library. In a configuration, the key "type" is its name, as
// ModelTypes lists them, and the other keys are its settings, by their names in JSON.
type Model struct {
	// Value is the model, such as vae.Config{Latent: 10}.
	Value stheno.Model `json:"-"`
}

// described are the models that settings describe: those of the packages below models.
// Others, such as a net that was read from a file, carry more than settings.
func described() []stheno.Model {
	return slices.DeleteFunc(stheno.Models(), func(m stheno.Model) bool {
		return path.Base(path.Dir(reflect.TypeOf(m).PkgPath())) != "models"
	})
}

// ModelTypes lists the types of models, such as "vae" and "dense.TopKSAE".
func ModelTypes() []string {
	var names []string
	for _, m := range described() {
		names = append(names, train.NameOf(m))
	}
	slices.Sort(names)
	return names
}

// ModelType is the type of the recipe's model; "" if it has none.
func (r *Recipe) ModelType() string {
	name, _ := r.Model.section()
	return name
}

func (m *Model) prototype(name string) (any, error) {
	for _, p := range described() {
		if train.NameOf(p) == name {
			return reflect.New(reflect.TypeOf(p)).Interface(), nil
		}
	}
	return nil, unknownType("model", name, ModelTypes())
}

func (m *Model) put(_ string, value any) {
	m.Value, _ = reflect.ValueOf(value).Elem().Interface().(stheno.Model)
}

func (m Model) section() (string, any) {
	if m.Value == nil {
		return "", nil
	}
	return train.NameOf(m.Value), m.Value
}

func unknownType(what, name string, known []string) error {
	if name == "" {
		return fmt.Errorf("no type of %s: want one of %s", what, joinNames(known))
	}
	return Unknown("type of "+what, name, known)
}

// fit fills in the settings that follow from the samples and were not set: the model's
// sizes, and a loss for values that are not in [0,1].
func (m *Model) fit(s *Samples) error {
	f, err := s.field(graph.InputX)
	if err != nil {
		return err
	}
	shape := f.Shape
	v := valueOf(m.Value)
	set := settingsOf{}.of(v)
	switch {
	case s.Sequence != nil && !set.has("teacherForcing"):
		return fmt.Errorf("the model %s takes no texts and no music: use seq or seq.VAE", train.NameOf(m.Value))
	case s.Sequence.texts():
		set.fill("vocabulary", s.Sequence.Vocabulary.Size())
		set.fill("steps", shape[0])
		set.fill("lengths", true)
	case set.has("features"): // a sequence
		set.fill("lengths", s.Sequence != nil)
		if !set.isSet("vocabulary") && len(shape) > 0 {
			rows := shape
			for len(rows) > 2 && rows[0] == 1 {
				rows = rows[1:]
			}
			set.fill("steps", rows[0])
			set.fill("features", max(1, graph.Shape(rows[1:]).Size()))
		} else if len(shape) > 0 {
			set.fill("steps", shape[0])
		}
	case set.has("size") && len(shape) == 3:
		set.fill("channels", shape[0])
		set.fill("size", graph.Pair{shape[1], shape[2]})
	case set.has("size") && set.has("steps") && len(shape) == 2:
		set.fill("channels", shape[0])
		set.fill("steps", shape[1])
	case set.has("size") && set.has("steps") && len(shape) == 1:
		set.fill("steps", shape[0])
	case set.has("conv") && set.isSet("conv"):
		conv := set.of(set.value("conv").Elem())
		conv.fill("shape", slices.Clone(shape))
	case set.has("input") && !set.isSet("blocks"):
		set.fill("input", graph.Shape(shape).Size())
	}
	if s.unbounded {
		set.fill("loss", graph.MSE)
		if !set.isSet("blocks") {
			set.fill("likelihood", "gaussian")
		}
	}
	m.put("", v.Addr().Interface())
	return nil
}

// settingsOf are the settings of a struct by key.
type settingsOf struct {
	v      reflect.Value
	fields map[string]reflect.StructField
}

func (s settingsOf) of(v reflect.Value) settingsOf { return settingsOf{v, fieldsOf(v.Type())} }

func (s settingsOf) has(key string) bool { _, ok := s.fields[key]; return ok }

func (s settingsOf) value(key string) reflect.Value {
	return fieldAt(s.v, s.fields[key].Index)
}

func (s settingsOf) isSet(key string) bool { return s.has(key) && !s.value(key).IsZero() }

// fill sets a setting unless it is set, if there is one of that name and kind.
func (s settingsOf) fill(key string, value any) {
	if !s.has(key) || s.isSet(key) {
		return
	}
	v, to := reflect.ValueOf(value), s.value(key)
	if v.Kind() == to.Kind() && v.CanConvert(to.Type()) {
		to.Set(v.Convert(to.Type()))
	}
}

// check builds the net for one sample, so that a mistake is found before training.
func (r *Recipe) checkModel(s *Samples) error {
	p, err := train.EvalProgram(r.Model.Value, 1, train.Options{Seed: r.Seed})
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	for _, in := range p.Inputs() {
		if in.Name == "" || len(in.Shape) == 0 || in.Node == p.Clock() {
			continue
		}
		f, err := s.field(in.Name)
		if err != nil {
			if in.Optional {
				continue
			}
			return fmt.Errorf("the model %s reads %q, which the data do not have: %w", train.NameOf(r.Model.Value), in.Name, err)
		}
		want, have := in.Shape[1:].Size(), graph.Shape(f.Shape).Size()
		if want != have {
			return fmt.Errorf("the model %s takes %d values for %q %v, and a sample of %s has %d %v: set the model's sizes, data.size or data.shape", train.NameOf(r.Model.Value), want, in.Name, in.Shape[1:], s.Source, have, f.Shape)
		}
	}
	return nil
}

// valueOf is a copy of a struct whose fields can be set.
func valueOf(v any) reflect.Value {
	to := reflect.New(reflect.TypeOf(v)).Elem()
	to.Set(reflect.ValueOf(v))
	return to
}
