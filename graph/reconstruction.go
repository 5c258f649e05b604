package graph

import "fmt"

// ReconLoss names the loss of a reconstruction; "" is BCE.
type ReconLoss string

const (
	// BCE is the mean binary cross entropy of each value in nats, for data in
	// [0,1]: the decoder computes logits, and the reconstruction is their sigmoid.
	BCE ReconLoss = "bce"
	// MSE is the mean squared error of each value: the decoder computes the
	// reconstruction itself.
	MSE ReconLoss = "mse"
)

// Check returns an error unless the loss is one of the above.
func (l ReconLoss) Check() error {
	if l != "" && l != BCE && l != MSE {
		return fmt.Errorf("%q is unknown: want %q or %q", string(l), string(BCE), string(MSE))
	}
	return nil
}

// String returns the loss's name.
func (l ReconLoss) String() string {
	if l == "" {
		return string(BCE)
	}
	return string(l)
}

// Recon returns the reconstruction, in the data's own range, of the decoder's
// output y.
func (l ReconLoss) Recon(b *Builder, y *Node) *Node {
	if y == nil || l == MSE {
		return y
	}
	return b.Scope("recon").Sigmoid(y)
}

// Net returns the net of an autoencoder with the input x [N, ...], the code and the
// decoder's output y. The net has the code and the reconstruction as outputs, and
// one task named after the loss. In evaluation it has also the score of each sample,
// which is its loss, and the metric "mse". It is empty if the builder has an error.
// If the encoder reads another array than the one to reconstruct, as in denoising, x
// is the array to reconstruct.
func (l ReconLoss) Net(b *Builder, x, code, y *Node) Net {
	task := Task{Name: l.String()}
	loss := b.Scope("loss")
	mean, each := loss.BCEWithLogits, loss.BCEWithLogitsPerSample
	if l == MSE {
		mean, each = loss.MSE, loss.SquaredErrorPerSample
	}
	task.Loss = mean(y, x)
	net := Net{Outputs: map[string]*Node{OutputCode: code, OutputRecon: l.Recon(b, y)}}
	if b.Err() == nil && !b.Training {
		net.Outputs[OutputScore] = loss.Scale(each(y, x), float64(x.Shape()[0])/float64(x.DataSize()))
		if l != MSE {
			task.Metrics = []Metric{{MetricMSE, b.Scope("evaluate").MSE(net.Outputs[OutputRecon], x)}}
		}
	}
	if b.Err() != nil {
		return Net{}
	}
	net.Tasks = []Task{task}
	return net
}
