package graph

import "github.com/stheno-ml/stheno/lower"

// Lowerer is a gorgonia.Op defined by a user that can express itself in the
// primitives of package lower. A compiled machine then fuses it with the ops around
// it and does not call its Do, which remains its definition. An op that is declared
// as an Op of this package does not need it.
type Lowerer interface {
	// Lower adds the op with the operands in to f and returns its value, which
	// has as many elements as the shape that InferShape returns.
	Lower(f *lower.Func, in []lower.Value) lower.Value
}
