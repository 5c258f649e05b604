package plan

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// PlacedMatMul is a lower.MatMul of batches whose result is stored with its axes in
// another order: axis i of the product is axis Place[i] of the result. The last axis
// stays the last.
type PlacedMatMul struct{ Place []int }

func (p PlacedMatMul) String() string { return fmt.Sprintf("matmul[axes to %v]", p.Place) }

// Infer takes the operands of a MatMul. Place must be an order of the product's axes that
// keeps the last one last.
func (p PlacedMatMul) Infer(in []lower.Shape) ([]lower.Shape, error) {
	c, err := lower.MatMul{}.Infer(in)
	if err != nil {
		return nil, err
	}
	r := len(c[0])
	if len(p.Place) != r || p.Place[r-1] != r-1 {
		return nil, fmt.Errorf("place %v: want an order of the %d axes of %v that keeps the last one last", p.Place, r, c[0])
	}
	if _, err := (lower.Transpose{Perm: p.Place}).Infer(c); err != nil {
		return nil, err
	}
	return lower.Transpose{Perm: inverse(p.Place)}.Infer(c)
}

// placeProducts stores a batch of products in the order in which its readers transpose
// it, such as [N,T,Heads,Width] where the products are [N,Heads,T,Width]. A reshape of
// it then needs no copy.
func (t Target) placeProducts(old *lower.Func) (*lower.Func, error) {
	if !t.Batched {
		return old, nil
	}
	readers := make([][]lower.Step, old.Values())
	for _, s := range old.Steps() {
		for _, v := range s.In {
			readers[v] = append(readers[v], s)
		}
	}
	return stepwise(func(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
		if _, ok := s.Prim.(lower.MatMul); ok {
			if perm := r.transposed(s.Out[0], readers); len(perm) > 2 && perm[len(perm)-1] >= len(perm)-2 {
				return []lower.Value{r.Transpose(r.placed(in[0], in[1], perm), inverse(perm)...)}
			}
		}
		return r.copyStep(s, in)
	})(old)
}

// transposed is the order of axes to which all readers of an old value transpose it; nil
// if there is none. Transposes that follow one another count as one.
func (r *rewriter) transposed(v lower.Value, readers [][]lower.Step) []int {
	var perm []int
	for !r.isResult(v) {
		var next []int
		for _, s := range readers[v] {
			t, ok := s.Prim.(lower.Transpose)
			if !ok || next != nil && !slices.Equal(next, t.Perm) {
				return perm
			}
			next = t.Perm
		}
		switch {
		case next == nil:
			return perm
		case perm == nil:
			perm = next
		default:
			perm = through(perm, next)
		}
		if len(readers[v]) > 1 {
			return perm
		}
		v = readers[v][0].Out[0]
	}
	return perm
}

// placed adds the product of a and b, transposed by perm.
func (r *rewriter) placed(a, b lower.Value, perm []int) lower.Value {
	n := len(perm)
	if perm[n-1] == n-2 { // the product of the transposes in the other order
		swap := make([]int, n)
		for i := range swap {
			swap[i] = i
		}
		swap[n-1], swap[n-2] = n-2, n-1
		a, b, perm = r.Transpose(b, swap...), r.Transpose(a, swap...), through(swap, perm)
	}
	for i, ax := range perm {
		if i != ax {
			return r.Apply(PlacedMatMul{inverse(perm)}, a, b)[0]
		}
	}
	return r.MatMul(a, b)
}

// through is the order of axes of an array that is transposed by first and then by next.
func through(first, next []int) []int {
	out := make([]int, len(next))
	for i, ax := range next {
		out[i] = first[ax]
	}
	return out
}

// inverse undoes an order of axes.
func inverse(perm []int) []int {
	out := make([]int, len(perm))
	for i, ax := range perm {
		out[ax] = i
	}
	return out
}
