package graph

import (
	"fmt"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/internal/exprgraph"
)

// Domain is what the elements of an input must lie in for a loss to mean
// something: outside it a likelihood runs away without an error.
type Domain struct {
	Input  string
	Lo, Hi float64
	// Whole says that the elements are whole numbers.
	Whole  bool
	Loss   string // what wants it, such as "binary cross entropy"
	Remedy string // what to do with others
}

// slack is how far beyond its bounds rounding may put an element.
const slack = 1e-5

// Check returns an error that names the first element of a batch x of samples, of
// so many elements each, that is not in the domain, nil if all are; first is the
// number of the batch's first sample.
func (d Domain) Check(x []float32, sample, first int) error {
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

// domain records the domain of a node's elements if they are those of an input.
func (b *Builder) domain(n *Node, d Domain) {
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

// Domains returns what elements of the program's inputs the losses in it can be
// computed of.
func (p *Program) Domains() []Domain { return slices.Clone(p.domains) }
