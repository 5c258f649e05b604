// How the cost of a sample grows with the sizes of a model.

package recipe

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
)

// Growth is what a sample costs if a size of the model is multiplied.
type Growth struct {
	// Of is what is multiplied: "layers", "units" or "steps"; "" for the model as it is.
	Of     string `json:"of,omitempty"`
	Factor int    `json:"factor"`
	// Weights are the elements that are trained.
	Weights int `json:"weights"`
	Cost
}

// hiddenKeys are the settings that list the units of a model's layers.
var hiddenKeys = []string{"hidden", "encoder", "layers"}

// factors are what sizes are multiplied by.
var factors = []int{2, 4}

// grow measures a model as it is, and with each of its sizes multiplied, in a batch: the units of all layers between input
// and code; the layers between them, each followed by others of its size; and the steps of a sequence. A model without
// these settings, or that cannot be built with more of them, has no growth.
func grow(ctx context.Context, m stheno.Model, set data.Set, o train.Options, batch int) ([]Growth, error) {
	one, err := growthOf(m, set, o, batch)
	if err != nil {
		return nil, err
	}
	one.Factor = 1
	out := []Growth{one}
	for _, size := range []struct {
		of   string
		make func(m stheno.Model, factor int) (stheno.Model, bool)
	}{{"units", withUnits}, {"layers", withLayers}, {"steps", withSteps}} {
		for _, factor := range factors {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			larger, ok := size.make(m, factor)
			if !ok {
				continue
			}
			samples := set
			if size.of == "steps" && set != nil {
				samples = longer{set, factor}
			}
			g, err := growthOf(larger, samples, o, batch)
			if err != nil {
				break // a net that other settings tie to its sizes
			}
			g.Of, g.Factor = size.of, factor
			out = append(out, g)
		}
	}
	if len(out) == 1 {
		return nil, nil
	}
	return out, nil
}

// growthOf measures a model in a batch.
func growthOf(m stheno.Model, set data.Set, o train.Options, batch int) (Growth, error) {
	o.Params = graph.NewParams(graph.Float32, o.Seed)
	program, err := train.EvalProgram(m, 1, o)
	if err != nil {
		return Growth{}, err
	}
	var g Growth
	for _, l := range program.Layers() {
		g.Weights += l.Params
	}
	g.Cost, _, _, err = costOf(m, set, o, batch)
	return g, err
}

// costOf plans and measures a model in a batch.
func costOf(m stheno.Model, set data.Set, o train.Options, batch int) (c Cost, training, encoding []Plan, err error) {
	c.Batch = batch
	training, perStep, err := trainingPlans(m, set, o, batch)
	if err != nil {
		return c, nil, nil, err
	}
	n := float64(batch)
	c.TrainSeconds, c.TrainFlops, c.TrainMemory = perStep.Seconds()/n, flopsOf(training)/n, memoryOf(training)
	encoding, perStep, err = encodingPlan(m, set, o, batch)
	c.EncodeSeconds, c.EncodeFlops, c.EncodeMemory = perStep.Seconds()/n, flopsOf(encoding)/n, memoryOf(encoding)
	return c, training, encoding, err
}

// withUnits is the model with its hidden layers so many times as wide, but for the code where that is the last of them.
func withUnits(m stheno.Model, factor int) (stheno.Model, bool) {
	return changed(m, func(units []int, code bool) []int {
		units = slices.Clone(units)
		for i := range units {
			if !code || i < len(units)-1 {
				units[i] *= factor
			}
		}
		return units
	})
}

// withLayers is the model with so many times as many hidden layers.
func withLayers(m stheno.Model, factor int) (stheno.Model, bool) {
	return changed(m, func(units []int, code bool) []int {
		var out []int
		for i, n := range units {
			times := factor
			if code && i == len(units)-1 {
				times = 1
			}
			for range times {
				out = append(out, n)
			}
		}
		return out
	})
}

// units are the hidden units that a model has if none are set, by its name. A test holds them to the models.
var units = map[string][]int{"dense": {128, 64, 32}, "conv": {16, 8, 8}, "vae": {400}, "seq": {128}, "seq.VAE": {128}}

// changed is the model with its lists of hidden units changed. code says that the last of them is the code. ok is false if
// the model has no such list, or if it stays as it is.
func changed(m stheno.Model, change func(units []int, code bool) []int) (_ stheno.Model, ok bool) {
	v := valueOf(m)
	set := settingsOf{}.of(v)
	for _, key := range hiddenKeys {
		if !set.has(key) || set.value(key).Type() != reflect.TypeFor[[]int]() {
			continue
		}
		have, _ := set.value(key).Interface().([]int)
		if have == nil {
			have = units[train.NameOf(m)]
		}
		larger := change(have, !set.has("latent") && !set.isSet("code") && !set.has("teacherForcing"))
		if slices.Equal(have, larger) {
			return nil, false
		}
		set.value(key).Set(reflect.ValueOf(larger))
		if set.isSet("decoder") && set.value("decoder").Type() == reflect.TypeFor[[]int]() {
			decoder, _ := set.value("decoder").Interface().([]int)
			set.value("decoder").Set(reflect.ValueOf(change(decoder, false)))
		}
		grown, is := v.Interface().(stheno.Model)
		return grown, is
	}
	return nil, false
}

// withSteps is the model of sequences so many times as long.
func withSteps(m stheno.Model, factor int) (stheno.Model, bool) {
	v := valueOf(m)
	set := settingsOf{}.of(v)
	if !set.has("teacherForcing") || !set.has("steps") {
		return nil, false
	}
	steps := 28
	if set.isSet("steps") {
		steps = int(set.value("steps").Int())
	}
	set.value("steps").SetInt(int64(steps * factor))
	grown, is := v.Interface().(stheno.Model)
	return grown, is
}

// longer are samples whose lengths are multiplied; feed repeats their values.
type longer struct {
	data.Set
	factor int
}

func (l longer) Read(i int, to [][]float32) error {
	if err := l.Set.Read(i, to); err != nil {
		return err
	}
	for k, f := range l.Fields() {
		if f.Name != graph.InputLengths {
			continue
		}
		for j := range to[k] {
			to[k][j] *= float32(l.factor)
		}
	}
	return nil
}

// Name is what a row of a table is called.
func (g Growth) Name() string {
	if g.Of == "" {
		return "as it is"
	}
	return fmt.Sprintf("%d times the %s", g.Factor, g.Of)
}
