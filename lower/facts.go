package lower

import "slices"

// Facts is what passes and machines know of a primitive apart from its shapes. The
// zero value is a step that computes, has any number of operands, and cannot be
// joined with others.
type Facts struct {
	// View: it only changes how its operand is read.
	View bool
	// Elementwise: it computes each element from the elements at the same place.
	Elementwise bool
	// Reduction: it combines elements along axes.
	Reduction bool
	// Operands is the number of operands; 0 if that depends on attributes or on the
	// call.
	Operands int
	// Images is the number of leading operands that are images [N, C, H, W]. One
	// image of each is enough to compute one image of the result, or to add to the
	// result if the primitive sums over the batch. It is 0 for a primitive that
	// cannot be split by the batch, or for which that depends on the operands.
	Images int
	// SumsBatch: it sums over the first axis of its operands.
	SumsBatch bool
	// Epilogue: an elementwise step may follow block by block, while the block is in
	// the cache.
	Epilogue bool
	// Pooling describes the windows of a pool; its Window is zero for any other
	// primitive.
	Pooling Pooling
}

// Pooling describes the windows of a pool. Image and Windows are the numbers of the
// operands with the image's shape and with the windows' shape, or Result.
type Pooling struct {
	Window
	Image, Windows int
}

// Result stands for the result among a pool's operands.
const Result = -1

// Of returns the shapes of the image and of the windows, given the shapes of the
// operands and of the result.
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
func (CumSum) Facts() Facts     { return Facts{Operands: 1} }
func (TopK) Facts() Facts       { return Facts{Operands: 1} }
func (TakeAlong) Facts() Facts  { return Facts{Operands: 2} }
func (PutAlong) Facts() Facts   { return Facts{Operands: 2} }

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
