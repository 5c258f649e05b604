package lower

import "slices"

// Facts is what passes and machines ask of a primitive besides its shapes. The
// zero value says nothing: a step that computes, of any number of operands, and
// that nothing joins.
type Facts struct {
	// View: it only changes how its operand is read.
	View bool
	// Elementwise: it computes each element from those at the same place.
	Elementwise bool
	// Reduction: it combines elements along axes.
	Reduction bool
	// Operands is how many it has; 0 where that depends on its attributes or on
	// the call.
	Operands int
	// Images is how many of its operands, the first ones, are images
	// [N, C, H, W] of which it needs one at a time to compute that of the result,
	// or to add it to the result if it sums over the batch. It is 0 of a primitive
	// that is not split by the batch, or only where its operands allow it.
	Images int
	// SumsBatch: it adds up over the first axis of its operands.
	SumsBatch bool
	// Epilogue: an elementwise step may follow block by block, while the block is
	// near.
	Epilogue bool
	// Pooling is how the windows of a pool lie; its Window is zero of all else.
	Pooling Pooling
}

// Pooling is how the windows of a pool lie. Image and Windows are the numbers of
// the operands that have the image's shape and that of the windows; Result is the
// result.
type Pooling struct {
	Window
	Image, Windows int
}

// Result is the number of a pool's result among its operands.
const Result = -1

// Of returns the shapes of the image and of the windows, given those of the operands
// and of the result.
func (p Pooling) Of(in []Shape, out Shape) (image, windows Shape) {
	of := func(i int) Shape {
		if i == Result {
			return out
		}
		return in[i]
	}
	return of(p.Image), of(p.Windows)
}

// The facts of every primitive.

func (Reshape) Facts() Facts     { return Facts{Operands: 1, View: true} }
func (Transpose) Facts() Facts   { return Facts{Operands: 1, View: true} }
func (Slice) Facts() Facts       { return Facts{Operands: 1, View: true} }
func (Flip) Facts() Facts        { return Facts{Operands: 1, View: true} }
func (BroadcastTo) Facts() Facts { return Facts{Operands: 1, View: true} }

func (Map) Facts() Facts    { return Facts{Elementwise: true} }
func (Random) Facts() Facts { return Facts{Operands: 1} }

func (p Reduce) Facts() Facts {
	return Facts{Operands: 1, Reduction: true, SumsBatch: slices.Contains(p.Axes, 0)}
}
func (Softmax) Facts() Facts    { return Facts{Operands: 1} }
func (Concat) Facts() Facts     { return Facts{} }
func (Pad) Facts() Facts        { return Facts{Operands: 1} }
func (SliceAt) Facts() Facts    { return Facts{Operands: 2} }
func (PlaceAt) Facts() Facts    { return Facts{Operands: 2} }
func (Gather) Facts() Facts     { return Facts{Operands: 2} }
func (ScatterAdd) Facts() Facts { return Facts{Operands: 2} }

func (MatMul) Facts() Facts     { return Facts{Operands: 2, Epilogue: true} }
func (Conv) Facts() Facts       { return Facts{Operands: 2, Images: 1, Epilogue: true} }
func (ConvData) Facts() Facts   { return Facts{Operands: 2, Images: 1, Epilogue: true} }
func (ConvFilter) Facts() Facts { return Facts{Operands: 2, Images: 2, SumsBatch: true} }

func (p Pool) Facts() Facts {
	return Facts{Operands: 1, Images: 1, Epilogue: true, Pooling: Pooling{p.Window, 0, Result}}
}
func (p PoolAt) Facts() Facts {
	return Facts{Operands: 2, Epilogue: true, Pooling: Pooling{p.Window, 0, Result}}
}
func (p PoolGrad) Facts() Facts {
	return Facts{Operands: 2, Images: 2, Epilogue: true, Pooling: Pooling{p.Window, 0, 1}}
}
func (p PoolSum) Facts() Facts {
	return Facts{Operands: 1, Images: 1, Epilogue: true, Pooling: Pooling{p.Window, 0, Result}}
}
func (p PoolSpread) Facts() Facts {
	return Facts{Operands: 1, Images: 1, Epilogue: true, Pooling: Pooling{p.Window, Result, 0}}
}

func (Recur) Facts() Facts     { return Facts{} }
func (RecurGrad) Facts() Facts { return Facts{} }
