package killtest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/train/search"
	"github.com/stheno-ml/stheno/vm"
)

// Case is a training that leaves files in a folder.
type Case struct {
	Name string
	run  func(ctx context.Context, dir string, on vm.Backend) error
}

// Cases are the trainings: each kind of model, with all that has a state.
func Cases() []Case {
	return []Case{
		{"dense", fits(dense.Config{Input: 784, Hidden: []int{16, 4}}, digits, nil)},
		{"conv with augmentation and averaged weights", fits(conv.Config{Encoder: []int{4, 4}}, images, func(o *train.Options) {
			o.Augment = []data.Augmentation{data.Warp{Rotate: 10, Shift: 2, Elastic: 2}, data.Noise{Deviation: 0.05, Max: 1}}
			o.Optimizer = optim.MovingAverage{Decay: new(0.9), Optimizer: optim.ClipGlobalNorm{Optimizer: optim.AdamW{}}}
			o.MicroBatch = 6
		})},
		{"variational with dropout and noise", fits(variational{}, digits, nil)},
		{"recurrent with lengths", fits(recurrent{}, sequences, nil)},
		{"adversarial", fits(adversarial{}, digits, nil)},
		{"cross-validation", crossValidates},
		{"search", searches},
	}
}

// samples is the number of samples of a case.
const samples = 60

func images() (data.Set, error) { return data.Select(data.NewDigits(1, samples), "x") }

// digits are images as vectors.
func digits() (data.Set, error) {
	flat, err := data.Reshape(data.NewDigits(1, samples), "x", 784)
	if err != nil {
		return nil, err
	}
	return data.Select(flat, "x")
}

// sequences are digits as sequences of rows, each cut off after some rows.
func sequences() (data.Set, error) {
	rows, err := data.Reshape(data.NewDigits(1, samples), "x", 28, 28)
	if err != nil {
		return nil, err
	}
	lengths := data.Array{Name: graph.InputLengths}
	for i := range samples {
		lengths.Values = append(lengths.Values, float32(8+i%20))
	}
	cut, err := data.InMemory(lengths)
	if err != nil {
		return nil, err
	}
	return data.With(rows, cut)
}

// options are those of all cases: with checkpoints after every second step and every
// epoch.
func options(dir string, on vm.Backend) train.Options {
	return train.Options{
		Backend: on, Epochs: 4, Batch: 16, Seed: 3,
		Schedules:   map[string]train.Schedule{"rate": train.WarmUp(0.2, train.Cosine(3e-3, 1e-4))},
		Checkpoints: &train.Checkpoints{Dir: dir, EverySteps: 2, Every: -1, Best: 2, Resume: true},
		Callbacks: []train.Callback{
			&train.EarlyStopping{Patience: 3}, &train.ReduceOnPlateau{Patience: 1}, &train.Watch{},
			&train.CSVLog{Path: filepath.Join(dir, "log.csv"), EverySteps: 3}, &announcer{},
		},
	}
}

// announcer says that the first step of this process is done.
type announcer struct {
	train.Base
	said bool
}

func (a *announcer) Step(*train.Run) error {
	if !a.said {
		a.said = true
		fmt.Println(alive)
	}
	return nil
}

// fits is a training of one model.
func fits(m train.Model, open func() (data.Set, error), change func(*train.Options)) func(context.Context, string, vm.Backend) error {
	return func(ctx context.Context, dir string, on vm.Backend) error {
		set, err := open()
		if err != nil {
			return err
		}
		o := options(filepath.Join(dir, "run"), on)
		o.Validation = data.Limit(set, 20)
		if change != nil {
			change(&o)
		}
		_, err = train.Fit(ctx, m, set, o)
		return err
	}
}

// crossValidates trains three folds.
func crossValidates(ctx context.Context, dir string, on vm.Backend) error {
	set, err := digits()
	if err != nil {
		return err
	}
	o := options(dir, on)
	o.Epochs, o.Callbacks = 2, nil
	_, err = train.CrossValidate(ctx, dense.Config{Input: 784, Hidden: []int{8}}, set, o, train.FoldOptions{
		Folds:     3,
		Callbacks: func(int) []train.Callback { return []train.Callback{&train.EarlyStopping{}, &announcer{}} },
	})
	return err
}

// searches goes through six trials, of which three are trained to the end.
func searches(ctx context.Context, dir string, on vm.Backend) error {
	set, err := digits()
	if err != nil {
		return err
	}
	space := search.Space{search.Int("net.hidden.0", 4, 16).Log(), search.Float("train.rate", 1e-4, 1e-2).Log()}
	build := func(v search.Values) (train.Model, train.Options, error) {
		net := dense.Config{Input: 784, Hidden: []int{8}}
		o := options(dir, on)
		o.Checkpoints, o.Schedules, o.Callbacks = nil, nil, []train.Callback{&train.EarlyStopping{}, &announcer{}}
		err := errors.Join(v.Into("net", &net), v.Training("train", &o))
		return net, o, err
	}
	_, err = search.Run(ctx, space, build, data.Limit(set, 40), set, search.Options{
		Dir: dir, Backends: []vm.Backend{on}, Halving: &search.Halving{MaxEpochs: 3, Eta: 3},
	})
	return err
}

// variational is a variational autoencoder with noise on its input and dropout.
type variational struct{}

func (variational) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input(graph.InputX, batch, 784)
	noisy := graph.GaussianNoise{Std: 0.1}.Apply(b.Scope("noise"), x)
	h := graph.Dense{Units: 16, Activation: "relu"}.Apply(b.Scope("hidden"), noisy)
	h = graph.BatchNorm{}.Apply(b.Scope("norm"), graph.Dropout{Rate: 0.2}.Apply(b.Scope("drop"), h))
	mean, logVar := graph.Dense{Units: 4}.Apply(b.Scope("mean"), h), graph.Dense{Units: 4}.Apply(b.Scope("logvar"), h)
	z := mean
	if b.Training {
		z = b.Add(mean, b.Mul(b.Exp(b.Scale(logVar, 0.5)), b.Normal("draw", batch, 4)))
	}
	logits := graph.Dense{Units: 784}.Apply(b.Scope("out"), z)
	kl := b.Scale(b.Mean(b.Sum(b.Sub(b.Add(b.Square(mean), b.Exp(logVar)), b.AddConst(logVar, 1)), 1)), 0.5)
	loss := b.Add(b.Scale(b.BCEWithLogits(logits, x), 784), kl)
	return graph.Net{
		Outputs: map[string]*graph.Node{graph.OutputCode: mean, graph.OutputRecon: b.Sigmoid(logits)},
		Tasks:   []graph.Task{{Name: "elbo", Loss: loss, Metrics: []graph.Metric{{Name: "kl", Node: kl}}}},
	}
}

// recurrent is an LSTM autoencoder of sequences with lengths.
type recurrent struct{}

func (recurrent) Build(b *graph.Builder, batch int) graph.Net {
	x, lengths := b.Input(graph.InputX, batch, 28, 28), b.Input(graph.InputLengths, batch)
	code := graph.LSTM{Units: 8}.ApplyLengths(b.Scope("encoder"), x, lengths)
	h := graph.LSTM{Units: 8, Steps: 28, ReturnSequences: true}.Apply(b.Scope("decoder"), code)
	y := graph.Dense{Units: 28}.Apply(b.Scope("out"), h)
	loss := b.MaskedMean(b.Square(b.Sub(y, x)), b.LengthMask(lengths, 28))
	return graph.Net{
		Outputs: map[string]*graph.Node{graph.OutputCode: code, graph.OutputRecon: y},
		Tasks:   []graph.Task{{Name: "mse", Loss: loss}},
	}
}

// adversarial is an autoencoder whose codes a critic compares with draws. The two have
// optimisers of their own.
type adversarial struct{}

func (adversarial) Build(b *graph.Builder, batch int) graph.Net {
	net := dense.Config{Input: 784, Hidden: []int{16, 4}}.Build(b, batch)
	critic := func(z *graph.Node) *graph.Node {
		h := graph.Dense{Units: 8, Activation: "relu"}.Apply(b.Scope("critic/fc"), z)
		return graph.Dense{Units: 1}.Apply(b.Scope("critic/logit"), h)
	}
	drawn, coded := critic(b.Normal("prior", batch, 4)), critic(net.Outputs[graph.OutputCode])
	if b.Err() != nil {
		return graph.Net{}
	}
	net.Alternate = true
	net.Tasks = append(net.Tasks,
		graph.Task{Name: "critic", Trains: []string{"critic/*"}, Optimizer: optim.SGD{Momentum: 0.9}, Loss: b.Add(b.Mean(b.Softplus(b.Neg(drawn))), b.Mean(b.Softplus(coded)))},
		graph.Task{Name: "generator", Trains: []string{"encoder/*"}, Optimizer: optim.Adam{Rate: new(5e-4), Beta1: new(0.5)}, Loss: b.Mean(b.Softplus(b.Neg(coded)))})
	return net
}
