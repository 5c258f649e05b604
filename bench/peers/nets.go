package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/bench/peers/internal/talk"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/op"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// list is the table of nets that all programs build from.
//
//go:embed nets.json
var list []byte

// nets returns the table.
func nets() ([]talk.Net, error) {
	var out []talk.Net
	if err := json.Unmarshal(list, &out); err != nil {
		return nil, fmt.Errorf("nets.json: %w", err)
	}
	return out, nil
}

// choose returns the nets of those names, in the order of the table.
func choose(names string) ([]talk.Net, error) {
	all, err := nets()
	if err != nil || names == "" {
		return all, err
	}
	var known []string
	wanted := strings.Split(names, ",")
	out := slices.DeleteFunc(slices.Clone(all), func(n talk.Net) bool {
		known = append(known, n.Name)
		return !slices.Contains(wanted, n.Name)
	})
	for _, name := range wanted {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("unknown net %q: choose from %s", name, strings.Join(known, ", "))
		}
	}
	return out, nil
}

// kind says how the nets of a kind are built: to train, or to compute an output. Either
// may be nil.
type kind struct {
	model  func(n talk.Net) train.Model
	encode func(n talk.Net, b *graph.Builder) *graph.Node // builds the forward pass alone
	noise  string                                         // name of the normal numbers that a step draws, of the code's size; "" if it draws none
	draws  int                                            // how many codes' worth of them; 0 means 1
}

// draws is the number of draws of the nets of kind iwae.
const draws = 5

// kinds are the kinds of nets in nets.json.
var kinds = map[string]kind{
	"conv":  {model: func(n talk.Net) train.Model { return convOf(n) }, encode: convCode},
	"dense": {model: func(n talk.Net) train.Model { return dense.Config{Input: n.Input, Hidden: n.Hidden} }},
	"vae":   {model: func(n talk.Net) train.Model { return vaeOf(n) }, noise: "latent/eps"},
	"iwae": {model: func(n talk.Net) train.Model {
		c := vaeOf(n)
		c.Activation = "tanh"
		return vae.Importance{Config: c, Draws: draws}
	}, noise: "latent/eps", draws: draws},
	"tc":  {model: func(n talk.Net) train.Model { return vae.TotalCorrelation{Config: vaeOf(n)} }, noise: "latent/eps"},
	"aae": {model: func(n talk.Net) train.Model { return vae.Adversarial{Config: vaeOf(n)} }, noise: "loss/prior"},
	"lstm": {model: func(n talk.Net) train.Model {
		return seq.Config{Steps: n.Steps, Features: n.Input, Hidden: n.Hidden, Code: n.Code}
	}},
	"gru":       {model: variant(gru)},
	"attention": {model: variant(attention)},
	"vq":        {model: variant(vq)},
	"topk":      {model: variant(topK)},
	"conv1d":    {model: variant(conv1D)},
	"residual":  {model: variant(residual)},
	"greatest":  {encode: greatest},
	"embedded":  {encode: embedded},
}

// modelOf returns our model of a net.
func modelOf(n talk.Net) (train.Model, error) {
	k, ok := kinds[n.Kind]
	if !ok || k.model == nil {
		return nil, fmt.Errorf("net %s: there is no kind %q to train", n.Name, n.Kind)
	}
	return k.model(n), nil
}

func vaeOf(n talk.Net) vae.Config {
	return vae.Config{Input: n.Input, Hidden: n.Hidden, Latent: n.Code}
}

func convOf(n talk.Net) conv.Config {
	return conv.Config{Size: graph.Pair{n.Size, n.Size}, Channels: n.Channels, Encoder: n.Hidden, Strided: n.Strided}
}

// rebatch gives a net that trains another batch size, unless batch is 0.
func rebatch(n *talk.Net, batch int) (err error) {
	if batch == 0 || n.Encode {
		return nil
	}
	n.Batch = batch
	_, n.Flops, err = measure(*n)
	return err
}

// sample returns the number of values of one sample.
func sample(n talk.Net) int {
	if n.Channels > 0 {
		return n.Channels * n.Size * n.Size
	}
	return max(n.Steps, 1) * max(n.Input, 1)
}

// measure returns the number of learnable numbers of our model of a net, and
// the operations of its step's products.
func measure(n talk.Net) (params int, flops int64, err error) {
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{Training: !n.Encode})
	if n.Encode {
		encoder(b, n)
	} else {
		m, err := modelOf(n)
		if err != nil {
			return 0, 0, err
		}
		for _, task := range m.Build(b, n.Batch).Tasks {
			optim.Minimize(b, optim.SGD{}, task)
		}
	}
	if err := b.Err(); err != nil {
		return 0, 0, fmt.Errorf("net %s: %w", n.Name, err)
	}
	for _, node := range b.Graph().AllNodes() {
		if a, ok := op.At(node); ok {
			flops += a.Lowered().Flops()
		}
	}
	return p.Count(), flops, nil
}

// encoder builds the forward pass of a net that is not trained: x in, code out.
func encoder(b *graph.Builder, n talk.Net) {
	k, ok := kinds[n.Kind]
	if !ok || k.encode == nil {
		b.Failf("net %s: there is no kind %q to encode", n.Name, n.Kind)
		return
	}
	b.Output(graph.OutputCode, k.encode(n, b))
}

// convCode is the code of images by a conv net.
func convCode(n talk.Net, b *graph.Builder) *graph.Node {
	return convOf(n).Encode(b, b.Input(graph.InputX, n.Batch, n.Channels, n.Size, n.Size))
}
