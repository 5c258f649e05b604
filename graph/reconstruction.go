package graph

import "fmt"

// ReconLoss is what a reconstruction is judged by; "" is BCE.
type ReconLoss string

const (
	// BCE is the mean binary cross entropy of each value in nats, for data in
	// [0,1]: the decoder gives logits, the reconstruction is their sigmoid.
	BCE ReconLoss = "bce"
	// MSE is the mean squared error of each value: the decoder gives the
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

// Net returns the net of an autoencoder that takes x to the code and the code
// to the decoder's output y: its reconstruction, and one task named after the
// loss. It is empty where the builder has an error.
func (l ReconLoss) Net(b *Builder, x, code, y *Node) Net {
	task := Task{Name: l.String()}
	if l == MSE {
		task.Loss = b.Scope("loss").MSE(y, x)
	} else {
		task.Loss = b.Scope("loss").BCEWithLogits(y, x)
	}
	recon := l.Recon(b, y)
	if b.Err() != nil {
		return Net{}
	}
	return Net{Input: x, Recon: recon, Code: code, Tasks: []Task{task}}
}
