package onnx

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/stheno-ml/stheno/internal/forward"
	"github.com/stheno-ml/stheno/lower"
)

// extent is a number that may depend on the number N of samples: times*N + plus.
type extent struct{ times, plus int }

// fixed is an extent that does not depend on the batch.
func fixed(n int) extent { return extent{0, n} }

func (e extent) isFixed() bool    { return e.times == 0 }
func (e extent) at(batch int) int { return e.times*batch + e.plus }

func (e extent) String() string {
	switch {
	case e.isFixed():
		return fmt.Sprint(e.plus)
	case e.times == 1 && e.plus == 0:
		return "N"
	case e.plus == 0:
		return fmt.Sprintf("%dN", e.times)
	}
	return fmt.Sprintf("%dN%+d", e.times, e.plus)
}

func allFixed(es []extent) bool {
	return !slices.ContainsFunc(es, func(e extent) bool { return !e.isFixed() })
}

// numbers returns the values of extents that do not depend on the batch.
func numbers(es []extent) []int {
	out := make([]int, len(es))
	for i, e := range es {
		out[i] = e.plus
	}
	return out
}

// fit returns the extents that have the given values at each of the batches.
func fit(at [len(batches)][]int) ([]extent, error) {
	out := make([]extent, len(at[0]))
	for i := range out {
		for _, values := range at[1:] {
			if len(values) != len(out) {
				return nil, fmt.Errorf("there are %d numbers for %d samples and %d for others", len(at[0]), batches[0], len(values))
			}
		}
		e := extent{times: (at[1][i] - at[0][i]) / (batches[1] - batches[0])}
		e.plus = at[0][i] - e.times*batches[0]
		for k, n := range batches {
			if e.at(n) != at[k][i] {
				return nil, fmt.Errorf("a number is %d for %d samples, %d for %d and %d for %d: it does not grow with them in proportion",
					at[0][i], batches[0], at[1][i], batches[1], at[2][i], batches[2])
			}
		}
		out[i] = e
	}
	return out, nil
}

// fitShape is fit for shapes.
func fitShape(shape func(k int) lower.Shape) ([]extent, error) {
	var at [len(batches)][]int
	for k := range at {
		at[k] = shape(k)
	}
	return fit(at)
}

// broadcast returns the shape to which shapes broadcast.
func broadcast(shapes ...[]extent) ([]extent, error) {
	rank := 0
	for _, s := range shapes {
		rank = max(rank, len(s))
	}
	out := make([]extent, rank)
	for i := range out {
		out[i] = fixed(1)
	}
	for _, s := range shapes {
		for i, e := range s {
			o := &out[rank-len(s)+i]
			switch {
			case *o == fixed(1):
				*o = e
			case e != fixed(1) && e != *o:
				return nil, fmt.Errorf("shapes %v do not broadcast", shapes)
			}
		}
	}
	return out, nil
}

// checkAligned returns an error unless the functions for all batches have the same steps.
func checkAligned(nets []*forward.Net) error {
	first := nets[0]
	for k, other := range nets[1:] {
		a, b := first.Func.Steps(), other.Func.Steps()
		for i := range max(len(a), len(b)) {
			if i < len(a) && i < len(b) && reflect.TypeOf(a[i].Prim) == reflect.TypeOf(b[i].Prim) && slices.Equal(a[i].In, b[i].In) {
				continue
			}
			at := first.Places[min(i, len(first.Places)-1)]
			return fmt.Errorf("%v: the net's steps depend on the number of samples: they differ between %d and %d", at, batches[0], batches[k+1])
		}
		if len(first.Sources) != len(other.Sources) {
			return fmt.Errorf("the net has %d inputs and weights for %d samples and %d for %d", len(first.Sources), batches[0], len(other.Sources), batches[k+1])
		}
	}
	return nil
}
