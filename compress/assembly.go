package compress

import (
	"fmt"

	"github.com/stheno-ml/stheno/compress/internal/exact"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
)

// assembly makes the layers of a variational autoencoder from its weights: those that
// vae.Config.Encode and vae.Config.Decode describe.
type assembly struct {
	weights weights
	config  vae.Config // with defaults
	err     error
}

// epsilon is that of graph.BatchNorm.
const epsilon = 1e-5

// encoder is the net from a sample to the means and log variances of its code.
func (a *assembly) encoder() (n exact.Net) {
	c := a.config
	size := c.Input
	if c.Conv != nil {
		for i, g := range a.geometries() {
			scope, channels := fmt.Sprintf("encoder/conv%d", i+1), c.Conv.Channels[i]
			layer := exact.Conv{Geometry: g, In: a.channels(i), Out: channels, W: a.get(scope + "/w"), Bias: a.bias(scope)}
			a.add(&n, layer)
			a.activate(&n, scope, channels, g.Down*g.Across)
			size = channels * g.Down * g.Across
		}
	}
	for i, units := range c.Hidden {
		a.hidden(&n, fmt.Sprintf("encoder/fc%d", i+1), size, units)
		size = units
	}
	// The two layers of the posterior become one.
	head := exact.Dense{In: size, Out: 2 * c.Latent}
	mu, logVar := a.get("encoder/mu/w"), a.get("encoder/logvar/w")
	for i := range size {
		head.W = append(append(head.W, row(mu, i, c.Latent)...), row(logVar, i, c.Latent)...)
	}
	head.Bias = append(append(head.Bias, a.get("encoder/mu/b")...), a.get("encoder/logvar/b")...)
	a.add(&n, head)
	return n
}

// decoder is the net from a code to the parameters of the values.
func (a *assembly) decoder(parameters int) (n exact.Net) {
	c := a.config
	size := c.Latent
	for i, units := range c.Decoder {
		a.hidden(&n, fmt.Sprintf("decoder/fc%d", i+1), size, units)
		size = units
	}
	if c.Conv == nil {
		a.add(&n, exact.Dense{In: size, Out: parameters * c.Input, W: a.get("decoder/logits/w"), Bias: a.get("decoder/logits/b")})
		return n
	}
	gs := a.geometries()
	last := len(gs) - 1
	a.hidden(&n, "decoder/image", size, c.Conv.Channels[last]*gs[last].Down*gs[last].Across)
	for i := last; i >= 0; i-- {
		g, scope := gs[i], fmt.Sprintf("decoder/conv%d", last-i+1)
		layer := exact.ConvTranspose{Geometry: g, In: c.Conv.Channels[i], Out: a.channels(i), W: a.get(scope + "/w")}
		if i == 0 {
			layer.Out *= parameters
			layer.Bias = a.get(scope + "/b")
			a.add(&n, layer)
			break
		}
		layer.Bias = a.bias(scope)
		a.add(&n, layer)
		a.activate(&n, scope, layer.Out, g.Rows*g.Columns)
	}
	return n
}

// geometries are those of the encoder's convolutions.
func (a *assembly) geometries() (gs []exact.Geometry) {
	rows, columns := a.config.Conv.Shape[1], a.config.Conv.Shape[2]
	for range a.config.Conv.Channels {
		g := exact.SameGeometry(rows, columns, a.config.Conv.Kernel, 2)
		gs = append(gs, g)
		rows, columns = g.Down, g.Across
	}
	return gs
}

// channels is the number of channels before the encoder's convolution i.
func (a *assembly) channels(i int) int {
	if i == 0 {
		return a.config.Conv.Shape[0]
	}
	return a.config.Conv.Channels[i-1]
}

// hidden adds a hidden dense layer.
func (a *assembly) hidden(n *exact.Net, scope string, in, units int) {
	if !a.config.Gated {
		a.dense(n, scope, in, units)
		return
	}
	var p exact.Product
	a.dense(&p.A, scope, in, units)
	a.add(&p.B, exact.Dense{In: in, Out: units, W: a.get(scope + "/gate/w"), Bias: a.get(scope + "/gate/b")})
	a.addActivation(&p.B, "sigmoid", units)
	a.add(n, p)
}

func (a *assembly) dense(n *exact.Net, scope string, in, units int) {
	a.add(n, exact.Dense{In: in, Out: units, W: a.get(scope + "/w"), Bias: a.bias(scope)})
	a.activate(n, scope, units, 1)
}

// activate adds what follows a hidden layer: the activation, after a normalisation with
// BatchNorm.
func (a *assembly) activate(n *exact.Net, scope string, channels, area int) {
	if a.config.BatchNorm {
		scope += "/norm"
		mean, variance, gamma, beta := a.get(scope+"/mean"), a.get(scope+"/var"), a.get(scope+"/gamma"), a.get(scope+"/beta")
		if a.err == nil {
			a.add(n, exact.Normalise(area, mean, variance, gamma, beta, epsilon))
		}
	}
	a.addActivation(n, a.config.Activation, channels*area)
}

func (a *assembly) addActivation(n *exact.Net, name graph.Activation, size int) {
	layer, ok := exact.NewActivation(string(name), size)
	if !ok {
		a.fail("the activation %q cannot be coded by", name)
	}
	a.add(n, layer)
}

func (a *assembly) add(n *exact.Net, layer exact.Layer) {
	if a.err == nil && !n.Add(layer) {
		a.fail("a layer does not fit the one before it")
	}
}

// bias is the bias of a hidden layer, which it has not with BatchNorm.
func (a *assembly) bias(scope string) []float64 {
	if a.config.BatchNorm {
		return nil
	}
	return a.get(scope + "/b")
}

func (a *assembly) get(name string) []float64 {
	w, ok := a.weights[name]
	if !ok {
		a.fail("the model has no weight %q", name)
	}
	return w.values
}

func (a *assembly) fail(format string, args ...any) {
	if a.err == nil {
		a.err = fmt.Errorf(format, args...)
	}
}

// row is row i of a matrix; nil if it has none.
func row(w []float64, i, columns int) []float64 {
	if len(w) < (i+1)*columns {
		return nil
	}
	return w[i*columns : (i+1)*columns]
}
