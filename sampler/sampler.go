// Package sampler draws codes for decoders. A sampler is separate from the model: it is
// the prior, or is fitted to the codes of training samples after training, such as a
// mixture of normals or a flow. The same seed draws the same codes.
//
//	codes, err := train.Compute(model, training, o, "code")
//	s, err := sampler.GaussianMixture{Components: 10}.Fit(codes[0].Data, 16)
//	images, err := sampler.Generate(f, s, 100, seed) // f is a train.NewFunction of the model
package sampler

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// Sampler draws codes.
type Sampler interface {
	// Size is the number of values of a code.
	Size() int
	// Draw draws n codes, at least 1: [n, Size] in row-major order.
	Draw(n int, seed uint64) ([]float32, error)
}

// Net computes outputs of a net from its inputs or other outputs. A *vm.Function and an
// autoencoder of package stheno are nets.
type Net interface {
	Call(in, out []vm.Array) error
}

// Generate draws n codes and decodes them: it returns the net's output "recon" of the
// codes, [n, ...]. Further inputs of the decoder, such as labels, are in more.
func Generate(net Net, s Sampler, n int, seed uint64, more ...vm.Array) (vm.Array, error) {
	codes, err := s.Draw(n, seed)
	if err != nil {
		return vm.Array{}, err
	}
	return Decode(net, codes, []int{s.Size()}, more...)
}

// Decode returns the net's output "recon" of codes [N, shape...], [N, ...].
func Decode(net Net, codes []float32, shape []int, more ...vm.Array) (vm.Array, error) {
	size := graph.Shape(shape).Size()
	if size < 1 || len(codes) == 0 || len(codes)%size != 0 {
		return vm.Array{}, fmt.Errorf("sampler: %d values are not codes of shape %v", len(codes), shape)
	}
	in := append([]vm.Array{{Name: graph.OutputCode, Shape: append([]int{len(codes) / size}, shape...), Data: codes}}, more...)
	out := []vm.Array{{Name: graph.OutputRecon}}
	if err := net.Call(in, out); err != nil {
		return vm.Array{}, fmt.Errorf("sampler: %w", err)
	}
	return out[0], nil
}

// checkDraw returns an error unless n codes of a size can be drawn.
func checkDraw(n, size int) error {
	const most = 1 << 30
	if size < 1 || n < 1 || n > most/size {
		return fmt.Errorf("sampler: %d codes of %d values: want at least 1 of each, and at most 2^30 values", n, size)
	}
	return nil
}

// pointsOf checks that codes are two or more points of a size, and returns their number.
func pointsOf(codes []float32, size int) (int, error) {
	if size < 1 || len(codes)%size != 0 || len(codes) < 2*size {
		return 0, fmt.Errorf("sampler: %d values are not two or more codes of %d values", len(codes), size)
	}
	for i, v := range codes {
		if v != v || math.IsInf(float64(v), 0) {
			return 0, fmt.Errorf("sampler: code %d has a value that is not finite", i/size)
		}
	}
	return len(codes) / size, nil
}

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x5b3)) }
