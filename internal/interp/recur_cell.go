package interp

import "github.com/stheno-ml/stheno/lower"

// CellCode is a cell's step and its gradient, compiled.
type CellCode struct {
	lower.CellStep
	lower.CellGrad

	forward, backward []*mapCode
}

// CompileCell compiles a cell.
func CompileCell(c lower.Cell) *CellCode {
	code := &CellCode{CellStep: c.Step()}
	code.CellGrad = code.CellStep.Grad()
	n := code.GradStep(len(code.CellGrad.Steps))
	for _, e := range code.CellStep.Steps {
		code.forward = append(code.forward, compileMap(e, n))
	}
	for _, e := range code.CellGrad.Steps {
		code.backward = append(code.backward, compileMap(e, n))
	}
	return code
}

// CellRows is the memory of one thread that runs a cell: a row of units for each value of
// the cell's step and of its gradient.
type CellRows[T lower.Float] struct {
	code    *CellCode
	values  []lower.Array[T]
	scratch [2][]*mapScratch[T]
}

// NewCellRows returns rows of units elements. It allocates the results of the gradient's
// steps; all other rows have to be set.
func NewCellRows[T lower.Float](code *CellCode, units int) *CellRows[T] {
	r := &CellRows[T]{code: code}
	shape := lower.Shape{units}
	for range code.GradStep(0) {
		r.values = append(r.values, lower.ArrayOf[T](nil, shape))
	}
	for range code.CellGrad.Steps {
		r.values = append(r.values, lower.NewArray[T](shape))
	}
	for i, codes := range [2][]*mapCode{code.forward, code.backward} {
		for _, c := range codes {
			r.scratch[i] = append(r.scratch[i], newMapScratch[T](c))
		}
	}
	return r
}

// Set sets the row of a value, which Forward or Backward then reads or writes.
func (r *CellRows[T]) Set(value int, row []T) { r.values[value].Data = row }

// SetBlocks sets the rows of count consecutive values to consecutive parts of row.
func (r *CellRows[T]) SetBlocks(first, count int, row []T) {
	for i := range count {
		n := r.values[first+i].Shape[0]
		r.Set(first+i, row[i*n:(i+1)*n:(i+1)*n])
	}
}

// Value returns the row of a value.
func (r *CellRows[T]) Value(value int) []T { return r.values[value].Data }

// Grad returns the gradient of an input of the cell's step, or nil if no result depends
// on that input.
func (r *CellRows[T]) Grad(value int) []T {
	if v := r.code.Of[value]; v >= 0 {
		return r.values[v].Data
	}
	return nil
}

// Forward computes the results of the cell's step. It allocates nothing.
func (r *CellRows[T]) Forward(loop MapLoop[T]) {
	r.run(r.code.forward, r.code.Step(0), loop, r.scratch[0])
}

// Backward computes the gradients. It allocates nothing.
func (r *CellRows[T]) Backward(loop MapLoop[T]) {
	r.run(r.code.backward, r.code.GradStep(0), loop, r.scratch[1])
}

func (r *CellRows[T]) run(codes []*mapCode, first int, loop MapLoop[T], scratch []*mapScratch[T]) {
	for k, code := range codes {
		dst := r.values[first+k].Data
		runCode(code, r.values, dst, 0, len(dst), loop, scratch[k])
	}
}
