package train

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// sameTraining returns an error that lists how a checkpoint differs from the training.
func (f *fitting) sameTraining(c checkpoint.Checkpoint, s savedState) error {
	here, err := f.o.weights(f.model)
	if err != nil {
		return err
	}
	settings := append(identity(here), f.settings()...)
	saved := append(identity(c), s.Settings...)
	out := unlike(settings, saved)
	if len(out) == 0 {
		arrays, err := f.differences(c, s.Position.Epoch)
		if err != nil {
			return err
		}
		out = arrays
	}
	if len(out) > 0 {
		return fmt.Errorf("it belongs to another training:\n\t%s\nuse the settings of that training, or choose another folder; checkpoint.Restore takes over the weights that fit", strings.Join(out, "\n\t"))
	}
	for _, have := range f.made() {
		i := slices.IndexFunc(s.Made, func(o setting) bool { return o.Name == have.Name })
		if i >= 0 && s.Made[i].Value != have.Value {
			f.warn(fmt.Sprintf("checkpoint %s: %s was %s and is %s: the results may differ in the last bits", c.Path, have.Name, s.Made[i].Value, have.Value))
		}
	}
	return nil
}

// unlike returns one line for each setting that has another value in a file.
func unlike(here, there []setting) (out []string) {
	for _, have := range here {
		i := slices.IndexFunc(there, func(o setting) bool { return o.Name == have.Name })
		if i < 0 {
			out = append(out, fmt.Sprintf("%s: %s here, unknown there", have.Name, have.Value))
		} else if there[i].Value != have.Value {
			out = append(out, fmt.Sprintf("%s: %s here, %s there", have.Name, have.Value, there[i].Value))
		}
	}
	return out
}

// identity says which model a checkpoint has.
func identity(c checkpoint.Checkpoint) []setting {
	return []setting{{"model", c.Model}, {"its settings", string(c.Config)}, {"scalers", string(c.Scalers)}}
}

// differences compares the parameters of the training step with those of a
// checkpoint.
func (f *fitting) differences(c checkpoint.Checkpoint, epoch int) ([]string, error) {
	o := f.o
	o.Params = graph.NewParams(o.Params.Dtype(), o.Params.Seed())
	if _, _, err := o.training(f.model, stepKey{training: true, batch: f.o.Batch, phase: f.o.phase(epoch)}); err != nil {
		return nil, err
	}
	return c.Compare(o.Params), nil
}

// settings are the settings that a resumed training must share with the one before.
func (f *fitting) settings() []setting {
	o := f.o
	return []setting{
		{"element type", o.Params.Dtype().String()},
		{"seed", strconv.FormatUint(o.Seed, 10)},
		{"batch", strconv.Itoa(o.Batch)},
		{"micro-batch", o.cut()},
		{"last batch of an epoch dropped", strconv.FormatBool(o.DropLast)},
		{"samples", f.samples},
		{"augmentation", describe(o.Augment)},
		{"optimiser", describe(o.Optimizer)},
		{"callbacks with a state", f.callbacks.types()},
	}
}

// cut says how batches are cut into pieces.
func (o Options) cut() string {
	if o.Exact > 0 {
		return fmt.Sprintf("%d exact pieces", o.Exact)
	}
	return strconv.Itoa(o.MicroBatch)
}

// made says which versions and which machine made a checkpoint.
func (f *fitting) made() []setting {
	out := []setting{{"arithmetic", vm.Arithmetic(f.o.Backend)}}
	if info, ok := debug.ReadBuildInfo(); ok {
		out = append(out, setting{"Go", info.GoVersion})
		for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
			if strings.HasPrefix(m.Path, "github.com/stheno-ml/") || strings.HasPrefix(m.Path, "gorgonia.org/") {
				out = append(out, setting{m.Path, m.Version})
			}
		}
	}
	return out
}
