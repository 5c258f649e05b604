package code

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// elementOf starts a part with a thread for each element of a shape, and returns
// the element's coordinates and the axes over which the arrays lie, none left out.
func elementOf(name string, shape lower.Shape, arrays ...array) (p *part, at []string, axes []axis) {
	p = newPart(name, ceil(shape.Size(), threads))
	p.n = shape.Size()
	p.line("const unsigned i = block * %du + threadIdx.x;", threads)
	p.line("if (i >= n) return;")
	for a, n := range shape {
		x := axis{extent: n}
		for _, y := range arrays {
			x.strides = append(x.strides, y.strides[a])
		}
		axes = append(axes, x)
	}
	return p, coordinates(&p.text, axes, "i", all), axes
}

// along is coordinates with another position along one axis.
func along(at []string, axis int, position string) []string {
	at = slices.Clone(at)
	at[axis] = position
	return at
}

// takeAlong takes elements along an axis by their numbers.
func (m *maker) takeAlong(s plan.Step, prim lower.TakeAlong) error {
	x, numbers, y := arrayOf(m.plan.Values[s.In[0]]), arrayOf(m.plan.Values[s.In[1]]), arrayOf(m.plan.Values[s.Out[0]])
	p, at, axes := elementOf("take", m.plan.Func.Shape(s.Out[0]), x, numbers, y)
	p.line("const real number = %s[%s];", p.read(numbers.ref), index(1, axes, at))
	p.line("%s[i] = number >= 0 && number < %d ? %s[%s] : not_a_number();", p.write(y.ref),
		m.plan.Func.Shape(s.In[0])[prim.Axis], p.read(x.ref), index(0, axes, along(at, prim.Axis, "int(number)")))
	m.launch(p)
	return nil
}

// putAlong sums, for every element of the result, the elements whose number is its
// own, in order.
func (m *maker) putAlong(s plan.Step, prim lower.PutAlong) error {
	x, numbers, y := arrayOf(m.plan.Values[s.In[0]]), arrayOf(m.plan.Values[s.In[1]]), arrayOf(m.plan.Values[s.Out[0]])
	p, at, axes := elementOf("put", m.plan.Func.Shape(s.Out[0]), x, numbers, y)
	p.line("real sum = 0;")
	p.open("for (int k = 0; k < %d; k++)", m.plan.Func.Shape(s.In[0])[prim.Axis])
	from := along(at, prim.Axis, "k")
	p.line("if (%s[%s] == real(%s)) sum += %s[%s];", p.read(numbers.ref), index(1, axes, from), at[prim.Axis], p.read(x.ref), index(0, axes, from))
	p.close()
	p.line("%s[i] = sum;", p.write(y.ref))
	m.launch(p)
	return nil
}

// topK writes each element to the place that its rank gives, the number of those
// that come before it; most find K of them soon, and stop.
func (m *maker) topK(s plan.Step, prim lower.TopK) error {
	x, values, numbers := arrayOf(m.plan.Values[s.In[0]]), arrayOf(m.plan.Values[s.Out[0]]), arrayOf(m.plan.Values[s.Out[1]])
	shape := m.plan.Func.Shape(s.In[0])
	p, at, axes := elementOf("topk", shape, x, values, numbers)
	from, me := p.read(x.ref), at[prim.Axis]
	p.line("const real v = %s[%s];", from, index(0, axes, at))
	p.line("int rank = 0;")
	p.open("for (int k = 0; k < %d && rank < %d; k++)", shape[prim.Axis], prim.K)
	p.line("const real u = %s[%s];", from, index(0, axes, along(at, prim.Axis, "k")))
	p.line("const bool before = u > v || u != u && v == v, after = v > u || v != v && u == u;")
	p.line("rank += before || !after && k < int(%s);", me)
	p.close()
	p.line("if (rank >= %d) return;", prim.K)
	to := along(at, prim.Axis, "rank")
	p.line("%s[%s] = v;", p.write(values.ref), index(1, axes, to))
	p.line("%s[%s] = real(%s);", p.write(numbers.ref), index(2, axes, to), me)
	m.launch(p)
	return nil
}

// cumSum computes running sums: one thread for each vector, or a block if it is long.
func (m *maker) cumSum(s plan.Step, prim lower.CumSum) error {
	if m.plan.Func.Shape(s.In[0])[prim.Axis] >= minScan {
		return m.cumSumByBlock(s, prim)
	}
	x, y := arrayOf(m.plan.Values[s.In[0]]), arrayOf(m.plan.Values[s.Out[0]])
	shape := m.plan.Func.Shape(s.In[0]).Clone()
	n := shape[prim.Axis]
	shape[prim.Axis] = 1
	p, at, axes := elementOf("cumsum", shape, x, y)
	k := "k"
	if prim.Reverse {
		k = "last"
	}
	there := along(at, prim.Axis, k)
	p.line("wide sum = 0;")
	p.open("for (int k = 0; k < %d; k++)", n)
	if prim.Reverse {
		p.line("const int last = %d - k;", n-1)
	}
	p.line("const real v = %s[%s];", p.read(x.ref), index(0, axes, there))
	if !prim.Exclusive {
		p.line("sum += v;")
	}
	p.line("%s[%s] = real(sum);", p.write(y.ref), index(1, axes, there))
	if prim.Exclusive {
		p.line("sum += v;")
	}
	p.close()
	m.launch(p)
	return nil
}

// minScan is the length from which a vector has a block of threads for its running
// sums.
const minScan = 64

// cumSumByBlock computes running sums with a block for each vector. Its threads take
// that many elements at a time, next to each other.
func (m *maker) cumSumByBlock(s plan.Step, prim lower.CumSum) error {
	x, y := arrayOf(m.plan.Values[s.In[0]]), arrayOf(m.plan.Values[s.Out[0]])
	shape := m.plan.Func.Shape(s.In[0]).Clone()
	n := shape[prim.Axis]
	shape[prim.Axis] = 1
	p := newPart("cumsum", shape.Size())
	p.usesShared = true
	var axes []axis
	for a, extent := range shape {
		axes = append(axes, axis{extent, []int{x.strides[a], y.strides[a]}})
	}
	k := "k"
	if prim.Reverse {
		k = fmt.Sprintf("(%d - k)", n-1)
	}
	at := along(coordinates(&p.text, axes, "block", all), prim.Axis, k)
	p.line("wide carry = 0;")
	p.open("for (int first = 0; first < %d; first += %d)", n, threads)
	p.line("const int k = first + int(threadIdx.x);")
	p.line("__syncthreads(); // the sums of the elements before have been read")
	p.line("shared[threadIdx.x] = k < %d ? %s[%s] : real(0);", n, p.read(x.ref), index(0, axes, at))
	p.open("for (unsigned far = 1; far < %d; far *= 2)", threads)
	p.line("__syncthreads();")
	p.line("const wide before = threadIdx.x >= far ? shared[threadIdx.x - far] : wide(0);")
	p.line("__syncthreads();")
	p.line("shared[threadIdx.x] += before;")
	p.close()
	p.line("__syncthreads();")
	if prim.Exclusive {
		p.line("const wide sum = threadIdx.x > 0 ? shared[threadIdx.x - 1] : wide(0);")
	} else {
		p.line("const wide sum = shared[threadIdx.x];")
	}
	p.line("if (k < %d) %s[%s] = real(carry + sum);", n, p.write(y.ref), index(1, axes, at))
	p.line("carry += shared[%d];", threads-1)
	p.close()
	m.launch(p)
	return nil
}
