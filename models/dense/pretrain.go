package dense

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Pretrain is one stage of greedy layer-wise pretraining (Bengio et al. 2007; Vincent
// et al. 2010): an autoencoder of one layer, which reads the codes of the layers below
// it. These stay as they are. Train the stages one after the other with the same
// parameters, then the whole Config, or a Classifier:
//
//	for _, stage := range config.Pretraining() { ... }
//
// The layer's weights are those of Config's encoder and decoder, by name. Noise and
// penalties apply to the layer; only the last keeps K elements. The layer's code is
// reconstructed with the loss of Config from x; a layer above the first is
// reconstructed with cross entropy if Activation is "sigmoid", else with the squared
// error. No units are dropped. The decoder must mirror the encoder.
type Pretrain struct {
	Config
	// Layer is the layer of the encoder that is trained, counted from 1; 0 means 1.
	Layer int `json:"layer,omitzero"`
}

// Pretraining returns the stages of pretraining, from the first layer to the code.
func (c Config) Pretraining() []Pretrain {
	stages := make([]Pretrain, len(c.withDefaults().Hidden))
	for i := range stages {
		stages[i] = Pretrain{Config: c, Layer: i + 1}
	}
	return stages
}

func (p Pretrain) withDefaults() Pretrain {
	p.Config = p.Config.withDefaults()
	p.Layer = max(p.Layer, 1)
	return p
}

// Validate returns an error that names the first field out of range.
func (p Pretrain) Validate() error {
	if err := p.Config.Validate(); err != nil {
		return err
	}
	layers := len(p.Config.withDefaults().Hidden)
	switch {
	case p.Layer < 0 || p.Layer > layers:
		return fmt.Errorf("dense: Layer is %d, want from 1 to the %d layers of Hidden", p.Layer, layers)
	case p.Decoder != nil:
		return fmt.Errorf("dense: pretraining with Decoder %v: a stage has a layer of the encoder and its mirror image: leave Decoder nil", p.Decoder)
	case p.BatchNorm:
		return fmt.Errorf("dense: pretraining with BatchNorm: the statistics of lower layers would change: leave it out")
	case p.Sparsity.KL != nil && p.Config.withDefaults().Activation != "sigmoid" && p.withDefaults().Layer < layers:
		return fmt.Errorf("dense: Sparsity.KL with Activation %q: want activations between 0 and 1: set Activation to \"sigmoid\"", string(p.Config.withDefaults().Activation))
	}
	return nil
}

// Build adds the stage to the graph, for batches of the given size. The input is "x"
// [batch, Input]. The outputs are "code", the layer's, "recon", what the decoder makes
// of it with the layers below, in the shape of "x", and in evaluation "score" [batch],
// the loss of each sample without penalties. The task is "layer1" for the first layer.
// With penalties, the loss without them is its metric "layer". If a setting is
// invalid, the net is empty and the builder has the error.
func (p Pretrain) Build(b *graph.Builder, batch int) graph.Net {
	if !p.valid(b) {
		return graph.Net{}
	}
	p = p.withDefaults()
	c, i := p.Config, p.Layer-1
	j := len(c.Hidden) - p.Layer
	x := b.Input(graph.InputX, batch, c.Input)
	below, _ := c.encode(b, x, 0, i, false)
	if i > 0 {
		below = b.StopGradient(below)
	}
	read, corrupted := c.Noise.Apply(b.Scope("noise"), below)
	code, path := c.encode(b, read, i, i+1, false)

	loss, act := c.Loss, c.OutputActivation
	if i > 0 {
		if loss, act = graph.MSE, c.Activation; act == "sigmoid" {
			loss = graph.BCE
		}
	}
	y := c.decodeSum(b, code, j)
	decoded := decoderScope(b, j).Activate(act, y)
	if loss == graph.MSE {
		y = decoded
	}
	net := loss.Net(b, below, code, y)
	net = c.Emphasis.emphasise(b, net, loss, y, below, corrupted)
	if b.Err() != nil {
		return graph.Net{}
	}
	recon := c.Recon(b, c.decode(b, decoded, j+1, false))
	net.Outputs[graph.OutputRecon] = recon
	task := &net.Tasks[0]
	task.Name, task.Metrics = "layer", nil
	if !b.Training {
		task.Metrics = []graph.Metric{{Name: graph.MetricMSE, Node: b.Scope("evaluate").MSE(recon, x)}}
	}
	name := fmt.Sprintf("layer%d", p.Layer)
	net = objective(b, net, name, append(c.Sparsity.penalties(b, code), c.Contraction.penalties(b, path)...))
	if b.Err() != nil {
		return graph.Net{}
	}
	net.Tasks[0].Name = name
	net.Tasks[0].Trains = []string{fmt.Sprintf("encoder/fc%d/*", i+1), fmt.Sprintf("decoder/fc%d/*", j+1)}
	return net
}

// Summary returns a table of the layers, or the error of Validate.
func (p Pretrain) Summary() (string, error) {
	return graph.SummaryOf("dense autoencoder "+p.String(), p.Build)
}

// String describes the stage, such as "784-500-100-500-784 relu bce, layer 1".
func (p Pretrain) String() string {
	return fmt.Sprintf("%s, layer %d", p.Config, p.withDefaults().Layer)
}

// valid reports whether the settings are valid. If not, the builder gets the error.
func (p Pretrain) valid(b *graph.Builder) bool {
	if err := p.Validate(); err != nil {
		b.Failf("%w", err)
	}
	return b.Err() == nil
}
