package exact

import (
	"math"
	"slices"
)

func sqrt(x float64) float64 { return math.Sqrt(x) } // rounded correctly everywhere

// activations are the nonlinearities by name, as package graph calls them.
var activations = [...]struct {
	name string
	f    func(x float64) float64
}{
	{"linear", nil},
	{"", nil},
	{"relu", func(x float64) float64 { return max(x, 0) }},
	{"leaky_relu", func(x float64) float64 {
		if x > 0 {
			return x
		}
		return float64(0.01 * x)
	}},
	{"elu", func(x float64) float64 {
		if x > 0 {
			return x
		}
		return Exp(x) - 1
	}},
	{"gelu", func(x float64) float64 { return float64(x * Phi(x)) }},
	{"silu", func(x float64) float64 { return float64(x * Sigmoid(x)) }},
	{"sigmoid", Sigmoid},
	{"tanh", Tanh},
	{"softplus", Softplus},
}

// Activation applies a nonlinearity to each value.
type Activation struct {
	size int
	f    func(x float64) float64 // nil is the identity
}

// NewActivation returns the activation of that name for a number of values. It is not
// ok if the name is unknown.
func NewActivation(name string, size int) (a Activation, ok bool) {
	i := slices.IndexFunc(activations[:], func(k struct {
		name string
		f    func(x float64) float64
	}) bool {
		return k.name == name
	})
	if i < 0 {
		return a, false
	}
	return Activation{size, activations[i].f}, true
}

// Sizes implements Layer.
func (a Activation) Sizes() (in, out int) { return a.size, a.size }

func (a Activation) apply(x, y []float64) {
	if a.f == nil {
		copy(y, x)
		return
	}
	for i, v := range x {
		y[i] = a.f(v)
	}
}
