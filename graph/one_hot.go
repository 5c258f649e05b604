package graph

import "github.com/stheno-ml/stheno/lower"

// OneHot takes the class of each sample, label [N] with whole numbers from 0 to
// classes-1, to rows [N, classes] of zeros with a 1 at the class. That range is a
// Domain of the label where it is an input.
func (b *Builder) OneHot(label *Node, classes int) *Node {
	switch {
	case label == nil || b.Err() != nil:
		return nil
	case label.Dims() != 1:
		b.Failf("one-hot: want labels [N], have %v", Shape(label.Shape()))
		return nil
	case classes < 1:
		b.Failf("one-hot: %d classes: want at least 1", classes)
		return nil
	}
	if err := (Shape{label.Shape()[0], classes}).Check(); err != nil {
		b.Failf("one-hot: %w", err)
		return nil
	}
	b.domain(label, Domain{Hi: float64(classes - 1), Whole: true, Loss: "one-hot", Remedy: "count classes from 0, or give the number of classes that there are"})
	column := b.Reshape(label, -1, 1)
	columns := make([]*Node, classes)
	for k := range columns {
		far := lower.Abs(a0().Sub(lower.Num(float64(k))))
		columns[k] = b.Map(far.Less(lower.Num(0.5)), column)
	}
	if classes == 1 {
		return columns[0]
	}
	return b.Concat(1, columns...)
}
