package plan

import (
	"fmt"

	"github.com/stheno-ml/stheno/lower"
)

// GatherSum is a lower.Gather along the first axis and the sums of Count rows at a time:
// for x [R, ...] and indices [n*Count], the result is [n, ...]. Rows are added in the
// order of the indices.
type GatherSum struct{ Count int }

func (p GatherSum) String() string { return fmt.Sprintf("gather sums of %d", p.Count) }

// Infer takes the operands of a Gather along axis 0.
func (p GatherSum) Infer(in []lower.Shape) ([]lower.Shape, error) {
	out, err := lower.Gather{}.Infer(in)
	if err != nil {
		return nil, err
	}
	if p.Count < 1 || out[0][0]%p.Count != 0 {
		return nil, fmt.Errorf("cannot add up %d rows, %d at a time", out[0][0], p.Count)
	}
	out[0][0] /= p.Count
	return out, nil
}

// maxGathered bounds the elements of the rows that make one row of a GatherSum, which one
// thread adds up.
const maxGathered = 1 << 17

// sumGathered adds rows up as they are gathered, so that they are not written to memory.
// An embedding whose vectors are added up, as for a bag of words, is such a sum.
func (t Target) sumGathered(old *lower.Func) (*lower.Func, error) {
	if !t.GatherSums {
		return old, nil
	}
	readers := make([]int, old.Values())
	for _, s := range old.Steps() {
		for _, v := range s.In {
			readers[v]++
		}
	}
	for _, v := range old.Results() {
		readers[v]++
	}
	made := make([]lower.Step, old.Values()) // by old value: the step that computes it
	return stepwise(func(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
		for _, v := range s.Out {
			made[v] = s
		}
		sum, ok := s.Prim.(lower.Reduce)
		if !ok || sum.Kind != lower.ReduceSum {
			return r.copyStep(s, in)
		}
		v := s.In[0]
		for is[lower.Reshape](made[v].Prim) && readers[v] == 1 {
			v = made[v].In[0]
		}
		g, ok := made[v].Prim.(lower.Gather)
		if !ok || g.Axis != 0 || readers[v] != 1 {
			return r.copyStep(s, in)
		}
		rows := r.old.Shape(v)
		count := gatheredCount(sum.Axes, r.old.Shape(s.In[0]), rows[1:].Size())
		table := r.newValue[made[v].In[0]]
		if count < 2 || count*rows[1:].Size() > maxGathered || !r.layout(table).readable() {
			return r.copyStep(s, in)
		}
		y := r.Apply(GatherSum{count}, table, r.newValue[made[v].In[1]])[0]
		return []lower.Value{r.Reshape(y, r.old.Shape(s.Out[0])...)}
	})(old)
}

func is[P lower.Prim](p lower.Prim) bool { _, ok := p.(P); return ok }

// gatheredCount returns how many rows of n elements a sum over axes of an array of the
// shape adds up at a time; 0 if it adds up something else.
func gatheredCount(axes []int, shape lower.Shape, n int) int {
	count, inner := 1, 1
	along := map[int]bool{}
	for _, a := range axes {
		along[a] = true
	}
	a := len(shape) - 1
	for ; a >= 0 && (!along[a] || shape[a] == 1); a-- {
		inner *= shape[a]
	}
	if inner != n {
		return 0
	}
	for ; a >= 0 && (along[a] || shape[a] == 1); a-- {
		count *= shape[a]
	}
	for ; a >= 0; a-- {
		if along[a] && shape[a] > 1 {
			return 0
		}
	}
	return count
}
