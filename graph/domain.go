package graph

import (
	"fmt"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/internal/exprgraph"
)

// Domain is the range of an input's elements for which a loss means something.
// Outside it a likelihood can diverge without an error.
type Domain struct {
	Input  string
	Lo, Hi float64
	// Whole says that the elements are whole numbers.
	Whole  bool
	Loss   string // the loss or op that needs it, such as "binary cross entropy"
	Remedy string // what to do with elements outside it
}

// slack is how far rounding can move an element beyond the bounds.
const slack = 1e-5

// Check returns an error that names the first element of a batch x that is not in
// the domain, or nil if all are in it. Each sample has the given number of
// elements; first is the number of the batch's first sample.
func (d Domain) Check(x []float32, sample, first int) error {
	if !d.Whole && within(x, d.Lo-slack, d.Hi+slack) {
		return nil
	}
	for i, v := range x {
		v := float64(v)
		if v >= d.Lo-slack && v <= d.Hi+slack && (!d.Whole || math.Abs(v-math.Round(v)) <= slack) {
			continue
		}
		sample = max(sample, 1)
		what := "a number"
		if d.Whole {
			what = "a whole number"
		}
		return fmt.Errorf("graph: input %q, sample %d, element %d is %g: %s wants %s from %g to %g: %s",
			d.Input, first+i/sample, i%sample, v, d.Loss, what, d.Lo, d.Hi, d.Remedy)
	}
	return nil
}

// within reports whether all elements are between two bounds, inclusive. Training checks
// every sample once, so this compares eight elements at a time, as float32.
func within(x []float32, low, high float64) bool {
	lo, hi := float32(low), float32(high)
	if float64(lo) < low {
		lo = math.Nextafter32(lo, float32(math.Inf(1)))
	}
	if float64(hi) > high {
		hi = math.Nextafter32(hi, float32(math.Inf(-1)))
	}
	for len(x) >= 8 {
		a := x[:8]
		inside := a[0] >= lo && a[0] <= hi && a[1] >= lo && a[1] <= hi && a[2] >= lo && a[2] <= hi && a[3] >= lo && a[3] <= hi &&
			a[4] >= lo && a[4] <= hi && a[5] >= lo && a[5] <= hi && a[6] >= lo && a[6] <= hi && a[7] >= lo && a[7] <= hi
		if !inside {
			return false
		}
		x = x[8:]
	}
	for _, v := range x {
		if !(v >= lo && v <= hi) {
			return false
		}
	}
	return true
}

// Domain records the range of the elements of n if n is an input, or an input that
// was only reshaped or transposed; otherwise it does nothing. Training and evaluation
// check the data against it. The losses of this package record theirs; call it for a
// loss made of other ops. Domain fills in d.Input.
func (b *Builder) Domain(n *Node, d Domain) {
	if n == nil || b.Err() != nil {
		return
	}
	for {
		a, ours := appliedAt(n)
		if !ours || a.info.Name != reshapeOp().Name && a.info.Name != transposeOp().Name {
			break
		}
		operands, err := exprgraph.Operands(b.g, n)
		if err != nil || len(operands) != 1 {
			return
		}
		n = operands[0]
	}
	for _, in := range b.order {
		if d.Input = in.Name; in.Node == n && !slices.Contains(b.domains, d) {
			b.domains = append(b.domains, d)
		}
	}
}

// Domains returns the domains that the program's losses and ops need of its inputs.
func (p *Program) Domains() []Domain { return slices.Clone(p.domains) }
