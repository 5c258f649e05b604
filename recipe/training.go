package recipe

import (
	"errors"
	"fmt"
	"time"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// Training says how a model is trained. The names are those of train.Options.
type Training struct {
	Epochs     int           `json:"epochs" doc:"passes over the training samples" default:"10"`
	Steps      int           `json:"steps" doc:"steps after which training ends; 0 means that epochs say so"`
	MaxTime    time.Duration `json:"maxTime" doc:"time after which training ends, such as 30m; resume goes on"`
	Batch      int           `json:"batch" doc:"samples in a step; 0 means 128, or fewer down to 8 so that an epoch has 32 steps"`
	MicroBatch int           `json:"microBatch" doc:"samples that run at a time, for less memory; 0 means batch"`
	EvalBatch  int           `json:"evalBatch" doc:"samples in a step of an evaluation; 0 means batch"`
	DropLast   bool          `json:"dropLast" doc:"skip the last batch of an epoch if it is smaller"`
	Optimizer  Optimizer     `json:"optimizer"`
	// Clip is the greatest norm of all gradients together; 0 means no limit.
	Clip float64 `json:"clip" doc:"greatest norm of the gradients; 0 means no limit"`
	// Average is the decay of a moving average of the weights; 0 means none.
	Average float64 `json:"average" doc:"decay of a moving average of the weights, such as 0.999; 0 means none"`
	// Schedule has a schedule for scalars by name, such as "rate" and "beta".
	Schedule map[string]Schedule `json:"schedule"`
	// Freeze has patterns for the names of weights that are not trained.
	Freeze        []string      `json:"freeze" doc:"patterns for the names of weights that are not trained, such as encoder/*"`
	EarlyStopping EarlyStopping `json:"earlyStopping"`
	Plateau       Plateau       `json:"plateau"`
	Augment       Augment       `json:"augment"`
	Checkpoints   Checkpoints   `json:"checkpoints"`
	// Watch goes back to the last checkpoint after a NaN or a spike of the loss.
	Watch bool `json:"watch" doc:"after a NaN or a spike of the loss, go back to the last checkpoint and leave these batches out"`
	// Pictures is the number of epochs between two pictures.
	Pictures int `json:"pictures" doc:"epochs between two pictures; 0 means only the last, below 0 none"`
}

// EarlyStopping ends training when a number has not improved; see train.EarlyStopping.
type EarlyStopping struct {
	Patience  int     `json:"patience" doc:"epochs without an improvement after which training ends with the best weights; 0 means never"`
	Metric    string  `json:"metric" doc:"the number, of the validation" default:"loss"`
	Maximize  bool    `json:"maximize" doc:"higher is better"`
	MinChange float64 `json:"minChange" doc:"least change that counts"`
}

// Plateau lowers the learning rate when a number has not improved; see
// train.ReduceOnPlateau.
type Plateau struct {
	Patience int     `json:"patience" doc:"epochs without an improvement after which the rate is lowered; 0 means never"`
	Metric   string  `json:"metric" doc:"the number, of the validation" default:"loss"`
	Factor   float64 `json:"factor" doc:"what the rate is multiplied by" default:"0.1"`
}

// Augment changes training samples at random; see package data.
type Augment struct {
	Warp          *data.Warp          `json:"warp"`
	Crop          *data.Crop          `json:"crop"`
	Flip          *data.Flip          `json:"flip"`
	Erase         *data.Erase         `json:"erase"`
	Noise         *data.Noise         `json:"noise"`
	SaltAndPepper *data.SaltAndPepper `json:"saltAndPepper"`
	Mixup         *data.Mixup         `json:"mixup"`
	Transpose     *data.Transpose     `json:"transpose"`
}

// Checkpoints say when checkpoints are written; see train.Checkpoints.
type Checkpoints struct {
	EverySteps  int           `json:"everySteps" doc:"steps between two checkpoints; 0 means that steps do not matter"`
	EveryEpochs int           `json:"everyEpochs" doc:"epochs between two checkpoints" default:"1"`
	Every       time.Duration `json:"every" doc:"time between two checkpoints" default:"10m"`
	Keep        int           `json:"keep" doc:"most recent checkpoints to keep" default:"2"`
	Best        int           `json:"best" doc:"best epochs whose checkpoints are kept, too"`
	Metric      string        `json:"metric" doc:"the number that best compares, of the validation" default:"loss"`
	Maximize    bool          `json:"maximize" doc:"higher is better"`
}

// batchFor is the number of samples in a step for n training samples: few samples make few
// steps, and need smaller ones.
func batchFor(n int) int {
	const most, least, steps = 128, 8, 32
	batch := most
	for batch > least && n < steps*batch {
		batch /= 2
	}
	return batch
}

// complete fills in the defaults and checks the settings.
func (t *Training) complete() error {
	if t.Epochs == 0 && t.Steps == 0 && t.MaxTime == 0 {
		t.Epochs = 10
	}
	if t.Optimizer.Value == nil {
		t.Optimizer.Value = optim.Adam{}
	}
	for _, n := range []struct {
		key string
		v   int
	}{
		{"epochs", t.Epochs}, {"steps", t.Steps}, {"batch", t.Batch}, {"microBatch", t.MicroBatch}, {"evalBatch", t.EvalBatch},
		{"maxTime", int(t.MaxTime)}, {"earlyStopping.patience", t.EarlyStopping.Patience}, {"plateau.patience", t.Plateau.Patience},
		{"checkpoints.everySteps", t.Checkpoints.EverySteps}, {"checkpoints.keep", t.Checkpoints.Keep}, {"checkpoints.best", t.Checkpoints.Best},
	} {
		if n.v < 0 {
			return fmt.Errorf("train.%s: %d is negative", n.key, n.v)
		}
	}
	if t.Clip < 0 {
		return fmt.Errorf("train.clip: %g is negative", t.Clip)
	}
	if t.Average < 0 || t.Average >= 1 {
		return fmt.Errorf("train.average: %g is not in [0, 1)", t.Average)
	}
	if v, ok := t.optimizer().(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			return fmt.Errorf("train.optimizer: %w", err)
		}
	}
	for _, name := range sortedNames(t.Schedule) {
		s := t.Schedule[name]
		if _, err := s.schedule(); err != nil {
			return fmt.Errorf("train.schedule.%s: %w", name, err)
		}
	}
	return nil
}

// optimizer is the optimiser with its wrappers.
func (t Training) optimizer() graph.Optimizer {
	o := t.Optimizer.Value
	if t.Clip > 0 {
		o = optim.ClipGlobalNorm{Norm: t.Clip, Optimizer: o}
	}
	if t.Average > 0 {
		o = optim.MovingAverage{Decay: &t.Average, Optimizer: o}
	}
	return o
}

// augmentations are those that are set, in the order in which they apply.
func (a Augment) augmentations() (out []data.Augmentation) {
	add := func(set bool, make func() data.Augmentation) {
		if set {
			out = append(out, make())
		}
	}
	add(a.Warp != nil, func() data.Augmentation { return *a.Warp })
	add(a.Crop != nil, func() data.Augmentation { return *a.Crop })
	add(a.Flip != nil, func() data.Augmentation { return *a.Flip })
	add(a.Erase != nil, func() data.Augmentation { return *a.Erase })
	add(a.Noise != nil, func() data.Augmentation { return *a.Noise })
	add(a.SaltAndPepper != nil, func() data.Augmentation { return *a.SaltAndPepper })
	add(a.Mixup != nil, func() data.Augmentation { return *a.Mixup })
	add(a.Transpose != nil, func() data.Augmentation { return *a.Transpose })
	return out
}

// options are the options of the training loop, without its folder.
func (r *Recipe) options() (train.Options, error) {
	t := r.Training
	b, err := r.backend()
	if err != nil {
		return train.Options{}, err
	}
	o := train.Options{
		Backend: b, Seed: r.Seed, Optimizer: t.optimizer(),
		Epochs: t.Epochs, Steps: t.Steps, MaxTime: t.MaxTime,
		Batch: t.Batch, MicroBatch: t.MicroBatch, EvalBatch: t.EvalBatch, DropLast: t.DropLast,
		Augment: append(t.Augment.augmentations(), r.redraw...),
	}
	if len(t.Freeze) > 0 {
		o.Freeze = []train.Freeze{{Names: t.Freeze}}
	}
	for _, name := range sortedNames(t.Schedule) {
		s := t.Schedule[name]
		f, err := s.schedule()
		if err != nil {
			return o, fmt.Errorf("train.schedule.%s: %w", name, err)
		}
		if o.Schedules == nil {
			o.Schedules = map[string]train.Schedule{}
		}
		o.Schedules[name] = f
	}
	if o.Scale, err = r.Data.scale(); err != nil {
		return o, err
	}
	if e := t.EarlyStopping; e.Patience > 0 {
		o.Callbacks = append(o.Callbacks, &train.EarlyStopping{Patience: e.Patience, Metric: e.Metric, Maximize: e.Maximize, MinChange: e.MinChange})
	}
	if p := t.Plateau; p.Patience > 0 {
		o.Callbacks = append(o.Callbacks, &train.ReduceOnPlateau{Patience: p.Patience, Metric: p.Metric, Factor: p.Factor})
	}
	if t.Watch {
		o.Callbacks = append(o.Callbacks, &train.Watch{GoBack: true})
	}
	return o, nil
}

// Schedule is a schedule of a scalar; see package train.
type Schedule struct {
	Kind   string  `json:"kind" doc:"constant, linear, cosine, exponential, polynomial, milestones or staircase" default:"constant"`
	From   float64 `json:"from" doc:"value at the start"`
	To     float64 `json:"to" doc:"value at the end, of linear, cosine, exponential and polynomial"`
	Power  float64 `json:"power" doc:"power of polynomial" default:"1"`
	Factor float64 `json:"factor" doc:"what milestones and staircase multiply by" default:"0.1"`
	// After are the fractions of all steps after which milestones multiply.
	After []float64 `json:"after" doc:"fractions of all steps after which milestones multiply"`
	Every int       `json:"every" doc:"steps after which staircase multiplies"`
	// WarmUp is the fraction of all steps in which the value rises from almost 0.
	WarmUp float64 `json:"warmUp" doc:"fraction of all steps in which the value first rises from almost 0"`
}

func (s Schedule) schedule() (train.Schedule, error) {
	factor, power := s.Factor, s.Power
	if factor == 0 {
		factor = 0.1
	}
	if power == 0 {
		power = 1
	}
	var f train.Schedule
	switch s.Kind {
	case "", "constant":
		f = train.Constant(s.From)
	case "linear":
		f = train.Linear(s.From, s.To)
	case "cosine":
		f = train.Cosine(s.From, s.To)
	case "exponential":
		if s.From <= 0 || s.To <= 0 {
			return nil, fmt.Errorf("exponential from %g to %g: both must be above 0", s.From, s.To)
		}
		f = train.Exponential(s.From, s.To)
	case "polynomial":
		f = train.Polynomial(s.From, s.To, power)
	case "milestones":
		if len(s.After) == 0 {
			return nil, errors.New("milestones without after: want fractions of all steps, such as [0.5, 0.75]")
		}
		f = train.Milestones(s.From, factor, s.After...)
	case "staircase":
		if s.Every < 1 {
			return nil, errors.New("staircase without every: want a number of steps")
		}
		f = train.Staircase(s.From, factor, s.Every)
	default:
		return nil, Unknown("kind of schedule", s.Kind, []string{"constant", "linear", "cosine", "exponential", "polynomial", "milestones", "staircase"})
	}
	if s.WarmUp < 0 || s.WarmUp > 1 {
		return nil, fmt.Errorf("warmUp: %g is not in [0, 1]", s.WarmUp)
	}
	if s.WarmUp > 0 {
		f = train.WarmUp(s.WarmUp, f)
	}
	return f, nil
}
