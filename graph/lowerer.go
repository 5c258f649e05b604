package graph

import "github.com/stheno-ml/stheno/lower"

// Lowerer is a gorgonia.Op of a program's own that says what it does in the
// primitives of package lower. A compiled machine then joins it with what is
// around it, and does not call its Do, which remains its definition. An op that
// is declared as an Op of this package needs none of it.
type Lowerer interface {
	// Lower adds the op to f, whose operands are in, and returns its value, of
	// as many elements as the op's InferShape says.
	Lower(f *lower.Func, in []lower.Value) lower.Value
}
