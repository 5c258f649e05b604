package graph

import "github.com/stheno-ml/stheno/lower"

// sequenceLengths describes sequences of different lengths in one array [N,T,...].
type sequenceLengths struct {
	lengths *Node // [N]
	samples int
	steps   int
	mask    *Node // [N,T]: 1 at the steps within the length
	reverse *Node // [N*T]: the row of [N*T,...] to read at each step to reverse a sequence within its length
	last    *Node // [N]: the row of the last step, or of the first step for a length of 0
}

// applyLengths is apply for sequences of different lengths.
func (l Recurrent) applyLengths(b *Builder, cell lower.Cell, x, lengths *Node) *Node {
	if x == nil || lengths == nil || b.Err() != nil {
		if b.Err() == nil {
			b.Failf("%v: an operand is nil", cell)
		}
		return nil
	}
	if s := Shape(x.Shape()); l.Steps > 0 || len(s) != 3 || !Shape(lengths.Shape()).Equal(Shape{s[0]}) {
		b.Failf("%v: x %v and lengths %v: want [N,T,D] and [N], and no Steps", cell, s, Shape(lengths.Shape()))
		return nil
	}
	return l.apply(b, cell, x, lengthsOf(b, lengths, x.Shape()[1]))
}

func lengthsOf(b *Builder, lengths *Node, steps int) *sequenceLengths {
	n := lengths.Shape()[0]
	s := &sequenceLengths{lengths: lengths, samples: n, steps: steps, mask: b.LengthMask(lengths, steps)}
	first := b.Scale(b.Iota(n), float64(steps)) // the row of each sample's first step
	s.last = b.Map(a0().Add(lower.Max(zero(), a1().Sub(one()))), first, lengths)
	within := lower.Arg(2).Less(a1()) // step < length
	mirrored := lower.Where(within, a1().Sub(one()).Sub(lower.Arg(2)), lower.Arg(2))
	s.reverse = b.Reshape(b.Map(a0().Add(mirrored), b.Reshape(first, n, 1), b.Reshape(lengths, n, 1), b.Iota(steps)), n*steps)
	return s
}

// rows gathers rows of x [N,T,D] by their numbers in [N*T,D].
func (s *sequenceLengths) rows(b *Builder, x, numbers *Node) *Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	d := x.Shape()[2]
	return gatherOp().Apply(b, lower.Gather{}, b.Reshape(x, s.samples*s.steps, d), numbers)
}

// reversed is x with each sequence reversed within its length.
func (s *sequenceLengths) reversed(b *Builder, x *Node) *Node {
	if y := s.rows(b, x, s.reverse); y != nil {
		return b.Reshape(y, x.Shape()...)
	}
	return nil
}

// run adds one layer in one direction. With sequence it returns the outputs [N,T,H],
// otherwise the last output of each sequence [N,H]. The caller masks them.
func (s *sequenceLengths) run(b *Builder, l Recurrent, cell lower.Cell, x *Node, reverse, sequence bool) *Node {
	if reverse {
		x = s.reversed(b, x)
	}
	h, _ := l.run(b, cell, x, nil, false)
	if h == nil {
		return nil
	}
	if !sequence {
		return s.rows(b, h, s.last)
	}
	if reverse {
		h = s.reversed(b, h)
	}
	return h
}

// masked returns outputs y [N,T,H] with 0 beyond the lengths, and last outputs y [N,H]
// with 0 for sequences of length 0.
func (s *sequenceLengths) masked(b *Builder, y *Node) *Node {
	if y == nil || b.Err() != nil {
		return nil
	}
	if y.Dims() == 3 {
		return b.Mask(y, s.mask)
	}
	return b.Mask(y, s.lengths)
}
