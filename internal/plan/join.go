package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

const (
	// maxStreams bounds the arrays that one pass over memory reads and writes:
	// processors prefetch about sixteen streams.
	maxStreams = 16
	// maxTerms bounds the size of an expression, written out.
	maxTerms = 300
	// maxNeighbours bounds how many earlier readers of an array are tried for
	// joining. maxSearched bounds the units that a search between two units visits.
	// An array can have thousands of readers, far apart.
	maxNeighbours = 64
	maxSearched   = 1024
)

// join makes one pass over memory from several steps: elementwise steps that pass
// their results on or read the same array, sums of their results, and the product
// before them.
func (t Target) join(old *lower.Func) (*lower.Func, error) {
	j := newJoiner(old, t)
	for i, s := range old.Steps() {
		switch facts := s.Prim.Facts(); {
		case facts.Elementwise:
			for _, v := range s.In {
				if p := j.maker[v]; p >= 0 {
					j.tryJoin(p, i)
				}
			}
			for _, v := range s.In {
				before, _ := slices.BinarySearch(j.readers[v], i)
				for _, k := range j.readers[v][max(0, before-maxNeighbours):before] {
					if old.Steps()[k].Prim.Facts().Elementwise {
						j.tryJoin(k, i)
					}
				}
			}
		case facts.Reduction:
			if p := j.maker[s.In[0]]; p >= 0 {
				j.tryJoin(p, i)
			}
		}
	}
	return j.write(), nil
}

// joiner joins steps over arrays of one shape.
type joiner struct {
	units
	maker  []int         // by value: the step that computes it, -1 for an input
	result []bool        // by value: whether the function returns it
	shape  []lower.Shape // by step: the shape it runs over, nil if it cannot be joined
	parts  []int         // by unit: how many functions its expressions apply

	both     []int // the members of the two units in the present attempt
	attempt  int   // the number of the present attempt
	within   []int // by step: the last attempt that included it
	computed []int // by value: the last attempt that computed it
	stream   []int // by value: the last attempt that reads it from or writes it to memory
	terms    []int // by value: the terms of its expression in the last attempt
}

func newJoiner(old *lower.Func, t Target) *joiner {
	steps := old.Steps()
	j := &joiner{
		units: newUnits(old), shape: make([]lower.Shape, len(steps)),
		maker: make([]int, old.Values()), result: make([]bool, old.Values()),
		parts: make([]int, len(steps)), within: make([]int, len(steps)),
		computed: make([]int, old.Values()), stream: make([]int, old.Values()), terms: make([]int, old.Values()),
	}
	for v := range j.maker {
		j.maker[v] = -1
	}
	for _, v := range old.Results() {
		j.result[v] = true
	}
	for i, s := range steps {
		for _, v := range s.Out {
			j.maker[v] = i
		}
		for _, v := range s.In {
			j.readBy(v, i)
		}
		if l, ok := LoopOf(s.Prim); ok {
			j.parts[i], j.shape[i] = l.Results[0].Expr.Parts(), old.Shape(s.In[0])
		} else if shape := old.Shape(s.Out[0]); t.continues(s.Prim, shape) {
			j.shape[i] = shape
		}
	}
	return j
}

// continues reports whether loops can follow a step block by block. They can follow a
// product of matrices or, if the target allows, a batch of products, a convolution or a
// pool.
func (t Target) continues(p lower.Prim, shape lower.Shape) bool {
	if _, matrices := p.(lower.MatMul); matrices {
		return len(shape) == 2 || t.Batched && shape[:len(shape)-2].Size() > 1
	}
	return t.Convs && p.Facts().Epilogue
}

// isLoop reports whether a step is elementwise or a reduction. Any other step of a
// unit is a product.
func isLoop(p lower.Prim) bool {
	facts := p.Facts()
	return facts.Elementwise || facts.Reduction
}

// tryJoin joins the units of two steps if that is possible.
func (j *joiner) tryJoin(a, b int) {
	ua, ub := j.unit[a], j.unit[b]
	if ua == ub || j.shape[a] == nil || !j.shape[a].Equal(j.shape[b]) || j.parts[ua]+j.parts[ub] > maxParts {
		return
	}
	j.both = append(append(j.both[:0], j.members[ua]...), j.members[ub]...)
	slices.Sort(j.both)
	if !j.canJoin(j.both) || j.hasPathThroughOther(ua, ub) || j.hasPathThroughOther(ub, ua) { // the searches take longest, so they come last
		return
	}
	j.parts[ua] += j.parts[ub]
	j.joinUnits(ua, ub, slices.Clone(j.both))
}

// canJoin reports whether steps can be one. None of them may read a reduction's
// result. There may be one product at most, and it must not read any of their
// results. The numbers of terms and of streams are bounded.
func (j *joiner) canJoin(steps []int) bool {
	j.attempt++
	products, streams := 0, 0
	stream := func(v lower.Value) {
		if j.stream[v] != j.attempt {
			j.stream[v] = j.attempt
			streams++
		}
	}
	for _, i := range steps {
		j.within[i] = j.attempt
		s := j.old.Steps()[i]
		terms := 1
		for _, v := range s.In {
			internal := j.computed[v] == j.attempt
			switch {
			case !internal:
				stream(v)
				terms++
			case j.terms[v] == 0:
				return false
			default:
				terms += j.terms[v]
			}
		}
		switch facts := s.Prim.Facts(); {
		case facts.Reduction:
			terms = 0 // marks a result that no step of the unit can read
			stream(s.Out[0])
		case !facts.Elementwise:
			products++
			for _, v := range s.In {
				if j.computed[v] == j.attempt {
					return false
				}
			}
			terms = 1
		}
		v := s.Out[0]
		j.computed[v], j.terms[v] = j.attempt, terms
		if terms > maxTerms || products > 1 || streams > maxStreams {
			return false
		}
	}
	for _, i := range steps {
		v := j.old.Steps()[i].Out[0]
		if j.result[v] || slices.ContainsFunc(j.readers[v], func(k int) bool { return j.within[k] != j.attempt }) {
			stream(v)
		}
	}
	return streams <= maxStreams
}
