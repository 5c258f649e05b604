package vm

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// split runs a call of n samples as calls of at most FunctionOptions.Batch samples.
func (f *Function) split(draw, n int, in, out []Array) error {
	for _, a := range in {
		if len(a.Shape) == 0 || a.Shape[0] != n {
			return fmt.Errorf("argument %q has shape %v: a call of %d samples is split along the first axis, want [%d, ...]", a.Name, graph.Shape(a.Shape), n, n)
		}
	}
	whole := make([]Array, len(out)) // the results, as far as they are known
	copy(whole, out)
	piece, results := make([]Array, len(in)), make([]Array, len(out))
	for first := 0; first < n; first += f.o.Batch {
		size := min(f.o.Batch, n-first)
		for i, a := range in {
			piece[i] = part(a, n, first, size)
		}
		for i, a := range whole {
			results[i] = Array{Name: a.Name}
			if a.Data != nil {
				results[i] = part(a, n, first, size)
			} else if len(a.Shape) > 0 {
				results[i].Shape = append([]int{size}, a.Shape[1:]...)
			}
		}
		if err := f.callOnce(draw, first, piece, results); err != nil {
			return fmt.Errorf("samples %d to %d: %w", first, first+size-1, err)
		}
		for i := range whole {
			if whole[i].Data != nil {
				continue
			}
			r := results[i]
			if len(r.Shape) == 0 || r.Shape[0] != size {
				return fmt.Errorf("result %q has shape %v for %d samples: a call of %d is split along the first axis, which is not the sample axis here: set a larger FunctionOptions.Batch", r.Name, graph.Shape(r.Shape), size, n)
			}
			whole[i].Shape = append([]int{n}, r.Shape[1:]...)
			whole[i].Data = make([]float32, n*(len(r.Data)/size))
			copy(whole[i].Data, r.Data)
		}
	}
	copy(out, whole)
	return nil
}

// part returns size of the n samples of an array, from the sample first on.
func part(a Array, n, first, size int) Array {
	p := Array{Name: a.Name}
	if len(a.Shape) > 0 {
		p.Shape = append([]int{size}, a.Shape[1:]...)
	}
	each := len(a.Data) / n
	p.Data = a.Data[first*each : (first+size)*each]
	return p
}
