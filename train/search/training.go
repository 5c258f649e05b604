package search

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// Training sets options of training. Of the parameters whose names begin with prefix and
// a dot, the rest is one of
//
//	batch      samples in a step
//	epochs     passes over the set
//	optimizer  "adam" (the default), "adamw", "adamax", "nadam", "sgd", "rmsprop",
//	           "adagrad", "adadelta", "lamb", "lion" or "muon"
//	schedule   of the rate: "constant" (the default), "linear" or "cosine", to 0
//	warmup     the part of the steps in which the rate rises from 0, in [0, 1]
//
// or else a setting of the optimiser, such as rate, momentum or weightDecay. One that the
// optimiser does not have is an error.
func (v Values) Training(prefix string, o *train.Options) error {
	if o == nil {
		return fmt.Errorf("search: parameters %q: no options to set", prefix)
	}
	own := Values{}
	for name, value := range v {
		if rest, ok := strings.CutPrefix(name, prefix+"."); ok {
			own[rest] = value
		}
	}
	if own["batch"] != nil {
		o.Batch = own.Int("batch")
	}
	if own["epochs"] != nil {
		o.Epochs = own.Int("epochs")
	}
	schedule, err := own.schedule()
	if err == nil {
		err = own.optimizer(o)
	}
	if err != nil {
		return fmt.Errorf("search: parameters %q: %w", prefix, err)
	}
	if schedule != nil {
		var optimizer graph.Optimizer = optim.Adam{}
		if o.Optimizer != nil {
			optimizer = o.Optimizer
		}
		if o.Schedules == nil {
			o.Schedules = map[string]train.Schedule{}
		}
		o.Schedules["rate"] = schedule(optimizer.LearningRate())
	}
	return nil
}

// schedule returns that of the rate, for its first value; nil if it is constant.
func (v Values) schedule() (func(rate float64) train.Schedule, error) {
	kind := cmp.Or(v.Text("schedule"), "constant")
	to, known := map[string]func(float64) train.Schedule{
		"constant": train.Constant,
		"linear":   func(rate float64) train.Schedule { return train.Linear(rate, 0) },
		"cosine":   func(rate float64) train.Schedule { return train.Cosine(rate, 0) },
	}[kind]
	switch {
	case !known:
		return nil, fmt.Errorf("the schedule is %q, want constant, linear or cosine", kind)
	case v["warmup"] != nil:
		return func(rate float64) train.Schedule { return train.WarmUp(v.Float("warmup"), to(rate)) }, nil
	case kind == "constant":
		return nil, nil
	}
	return to, nil
}

// optimizer sets that of the options, if there is a value for it.
func (v Values) optimizer(o *train.Options) error {
	settings := map[string]any{}
	for name, value := range v {
		switch name {
		case "batch", "epochs", "schedule", "warmup", "optimizer":
		default:
			settings[name] = value
		}
	}
	kind := v.Text("optimizer")
	if kind == "" && len(settings) == 0 {
		return nil
	}
	kind = cmp.Or(kind, "adam")
	read, known := map[string]func([]byte) (graph.Optimizer, error){
		"adam": optimizerOf[optim.Adam], "adamw": optimizerOf[optim.AdamW], "adamax": optimizerOf[optim.Adamax], "nadam": optimizerOf[optim.NAdam],
		"sgd": optimizerOf[optim.SGD], "rmsprop": optimizerOf[optim.RMSprop], "adagrad": optimizerOf[optim.Adagrad], "adadelta": optimizerOf[optim.Adadelta],
		"lamb": optimizerOf[optim.LAMB], "lion": optimizerOf[optim.Lion], "muon": optimizerOf[optim.Muon],
	}[kind]
	if !known {
		return fmt.Errorf("the optimiser %q is unknown: want one that Values.Training lists", kind)
	}
	text, err := json.Marshal(settings)
	if err == nil {
		o.Optimizer, err = read(text)
	}
	if err != nil {
		return fmt.Errorf("the optimiser %q: %w", kind, err)
	}
	return nil
}

// optimizerOf reads an optimiser's settings.
func optimizerOf[O graph.Optimizer](text []byte) (graph.Optimizer, error) {
	var o O
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(&o)
	return o, err
}
