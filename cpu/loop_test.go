package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/internal/zoo"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/vm"
)

// loopExprs are expressions of arguments 0 to 3. Argument 3 is the same for all
// elements.
func loopExprs() []lower.Expr {
	a, b, c, s := lower.Arg(0), lower.Arg(1), lower.Arg(2), lower.Arg(3)
	num := lower.Num
	return []lower.Expr{
		a, s, num(2.5), s.Mul(num(3)).Add(num(1)),
		a.Add(b.Mul(c)), b.Mul(c).Add(s), num(0.9).Mul(a).Add(num(2)), a.Sub(s.Mul(b)), s.Sub(a), num(3).Div(b.Add(num(9))),
		num(0.9).Mul(a).Add(num(0.1).Mul(b)), num(0.9).Mul(a).Add(num(0.1).Mul(b.Mul(b))), s.Mul(a.Mul(a)).Add(num(0.5).Mul(b)),
		a.Sub(num(0.1).Mul(b.Div(s)).Div(lower.Sqrt(lower.Abs(c).Div(s)).Add(num(0.5)))),
		num(2).Mul(num(0.25).Mul(a)), num(-1).Mul(a).Add(b), b.Neg().Add(a).Mul(num(1)), a.Div(s),
		lower.Max(a, num(0)), lower.Where(a.Less(b), c, num(0.5)), lower.Where(a.Less(b), num(0.5), c), lower.Where(a.Less(b), a, c), lower.Where(a.Less(b), num(1), s),
		lower.Softplus(a).Sub(a.Mul(b)), lower.Sin(a).Add(lower.Sin(a).Mul(b)), lower.Exp(lower.Min(a, b)).Mul(lower.Exp(lower.Min(a, b))),
	}
}

// loopCase is a step that is a loop, with operands in random layouts.
type loopCase struct {
	f    *lower.Func
	plan *plan.Plan
	step plan.Step
	data [][]float64 // of the function's inputs
}

// operandIn adds an input. It returns a function that makes a view of it with the
// given shape.
func (c *loopCase) operandIn(r *rand.Rand, f *lower.Func, shapes *[]lower.Shape, shape lower.Shape, scalar bool) func() lower.Value {
	i := lower.Value(len(*shapes))
	kind := r.IntN(5)
	if scalar {
		kind = 5
	}
	switch {
	case kind == 0 && len(shape) > 1: // transposed
		perm := make([]int, len(shape))
		in := make(lower.Shape, len(shape))
		for k := range perm {
			perm[k] = len(shape) - 1 - k
			in[perm[k]] = shape[k]
		}
		*shapes = append(*shapes, in)
		return func() lower.Value { return c.f.Transpose(i, perm...) }
	case kind == 1 && len(shape) > 1: // broadcast along the first axes
		*shapes = append(*shapes, shape[1+r.IntN(len(shape)-1):].Clone())
		return func() lower.Value { return c.f.Broadcast(i, shape...) }
	case kind == 2 && len(shape) > 1: // broadcast along the last axes
		in := shape.Clone()
		for a := range 1 + r.IntN(len(in)-1) {
			in[len(in)-1-a] = 1
		}
		*shapes = append(*shapes, in)
		return func() lower.Value { return c.f.Broadcast(i, shape...) }
	case kind == 5:
		*shapes = append(*shapes, lower.Shape{1})
		return func() lower.Value { return c.f.Broadcast(i, shape...) }
	}
	*shapes = append(*shapes, shape.Clone())
	return func() lower.Value { return i }
}

// randomLoop returns a loop over the shape with random results.
func randomLoop(r *rand.Rand, shape lower.Shape) plan.Loop {
	var p plan.Loop
	all := loopExprs()
	for range 1 + r.IntN(4) {
		res := plan.LoopResult{Expr: all[r.IntN(len(all))]}
		if r.IntN(2) == 0 {
			res.Along = &lower.Reduce{Kind: lower.ReduceKind(r.IntN(2))}
			for a := range shape {
				if r.IntN(2) == 0 {
					res.Along.Axes = append(res.Along.Axes, a)
				}
			}
		}
		p.Results = append(p.Results, res)
	}
	return p
}

// The kinds of cases: a loop alone, on a product, or on a batch of products.
const (
	plainLoop = iota
	productLoop
	batchLoop
)

func newLoopCase(r *rand.Rand, kind int) *loopCase {
	shapes := []lower.Shape{{7}, {1700}, {3, 5}, {130, 40}, {40, 300}, {2, 3, 4, 5}, {2, 3, 14, 14}, {1, 900}, {600, 3}, {5, 1, 33}, {20000}, {3, 9000}, {3, 17000}, {2, 2, 17000}}
	shape := shapes[r.IntN(len(shapes))]
	c := &loopCase{}
	var in []lower.Shape
	var views []func() lower.Value
	if kind != plainLoop {
		m, n, k := 1+r.IntN(90), 1+r.IntN(130), 1+r.IntN(40)
		if r.IntN(8) == 0 {
			n = 512
		}
		var batch lower.Shape
		if kind == batchLoop {
			batch, m, n = lower.Shape{2 + r.IntN(3), 1 + r.IntN(30)}, 1+r.IntN(20), 1+r.IntN(40)
		}
		shape = append(batch.Clone(), m, n)
		for _, s := range []lower.Shape{{m, k}, {k, n}} {
			i := lower.Value(len(in))
			switch layout := r.IntN(3); {
			case layout == 0 && kind == batchLoop: // as heads are
				in = append(in, lower.Shape{batch[0], s[0], batch[1], s[1]})
				views = append(views, func() lower.Value { return c.f.Transpose(i, 0, 2, 1, 3) })
			case layout == 1:
				in = append(in, append(batch.Clone(), s[1], s[0]))
				last := len(batch)
				perm := append(axes(last), last+1, last)
				views = append(views, func() lower.Value { return c.f.Transpose(i, perm...) })
			default:
				in = append(in, append(batch.Clone(), s...))
				views = append(views, func() lower.Value { return i })
			}
		}
	} else {
		views = append(views, c.operandIn(r, nil, &in, shape, false))
	}
	for k := range 3 {
		views = append(views, c.operandIn(r, nil, &in, shape, k == 2))
	}
	c.f = lower.NewFunc(in...)
	var operands []lower.Value
	for _, v := range views {
		operands = append(operands, v())
	}
	var p lower.Prim = randomLoop(r, shape)
	if kind != plainLoop {
		p = plan.Product{Of: lower.MatMul{}, Loop: p.(plan.Loop)}
	}
	outs := c.f.Apply(p, operands...)
	c.f.Return(outs...)
	c.step = plan.Step{Prim: p, In: operands, Out: outs}
	c.plan = &plan.Plan{Func: c.f, Values: plan.Layouts(c.f), Steps: []plan.Step{c.step}}
	for _, s := range in {
		x := make([]float64, s.Size())
		for i := range x {
			x[i] = float64(float32(r.NormFloat64()))
		}
		if s.Size() == 1 {
			x[0] = 0.5 + r.Float64()
		}
		c.data = append(c.data, x)
	}
	return c
}

// runLoop runs the case on the machine.
func runLoop[T lower.Float](t *testing.T, c *loopCase, dtype graph.Dtype, isa kernel.ISA, threads int) [][]float64 {
	c.plan.Dtype = dtype
	m := newMaker[T](c.plan, threads, isa)
	s, err := m.step(0)
	require.NoError(t, err)
	m.work.alloc()
	m.registers.alloc()
	var data [][]T
	for _, x := range c.data {
		y := make([]T, len(x))
		for i, v := range x {
			y[i] = T(v)
		}
		data = append(data, y)
	}
	var in, out []lower.Array[T]
	for _, v := range c.step.In {
		l := c.plan.Values[v]
		in = append(in, lower.Array[T]{Shape: l.Shape, Strides: l.Strides, Off: l.Off, Data: data[l.Root]})
	}
	for _, v := range c.step.Out {
		out = append(out, lower.NewArray[T](c.f.Shape(v)))
	}
	team := team.New(threads)
	defer team.Close()
	for range 2 { // the second run starts with what the first has left in memory
		require.NoError(t, s.run(team, in, out))
	}
	var results [][]float64
	for _, o := range out {
		x := make([]float64, len(o.Data))
		for i, v := range o.Data {
			x[i] = float64(v)
		}
		results = append(results, x)
	}
	return results
}

// byDefinition computes the case's results element by element, and the sum of the
// magnitudes that each was computed from.
func (c *loopCase) byDefinition() (results [][]float64, sizes [][]float64) {
	at := func(v lower.Value, idx []int) float64 {
		l := c.plan.Values[v]
		off := l.Off
		for a, i := range idx {
			off += i * l.Strides[a]
		}
		return c.data[l.Root][off]
	}
	loop, _ := c.step.Prim.(plan.Loop)
	in := c.step.In
	shape := c.f.Shape(in[0])
	value := func(idx []int) float64 { return at(in[0], idx) }
	if p, ok := c.step.Prim.(plan.Product); ok {
		loop = p.Loop
		last := len(shape) - 1
		k := shape[last]
		shape = append(shape[:last:last], c.f.Shape(in[1])[last])
		value = func(idx []int) float64 {
			sum := 0.0
			a, b := slices.Clone(idx), slices.Clone(idx)
			for j := range k {
				a[last], b[last-1] = j, j
				sum += at(c.step.In[0], a) * at(c.step.In[1], b)
			}
			return sum
		}
		in = in[1:]
	}
	for i, r := range loop.Results {
		to := c.f.Shape(c.step.Out[i])
		x, size, compensation := lower.NewArray[float64](to), make([]float64, to.Size()), make([]float64, to.Size())
		if r.Along != nil && r.Along.Kind == lower.ReduceMax {
			for k := range x.Data {
				x.Data[k] = math.Inf(-1)
			}
		}
		idx := make([]int, len(shape))
		for n := range shape.Size() {
			for a, k := len(shape)-1, n; a >= 0; a-- {
				idx[a], k = k%shape[a], k/shape[a]
			}
			args := []float64{value(idx)}
			for _, v := range in[1:] {
				args = append(args, at(v, idx))
			}
			v := r.Expr.Eval(args...)
			place := 0
			for a, k := range idx {
				if to[a] > 1 {
					place += k * x.Strides[a]
				}
			}
			size[place] += math.Abs(v)
			switch {
			case r.Along == nil:
				x.Data[place] = v
			case r.Along.Kind == lower.ReduceMax:
				x.Data[place] = max(x.Data[place], v)
			default: // by Kahan's summation: the rounding errors of equal terms add up
				v -= compensation[place]
				sum := x.Data[place] + v
				x.Data[place], compensation[place] = sum, sum-x.Data[place]-v
			}
		}
		results, sizes = append(results, x.Data), append(sizes, size)
	}
	return results, sizes
}

func TestLoopsComputeTheirExpressions(t *testing.T) {
	for _, kind := range []int{plainLoop, productLoop, batchLoop} {
		for seed := range uint64(30) {
			r := rand.New(rand.NewPCG(seed, 77))
			c := newLoopCase(r, kind)
			name := fmt.Sprintf("seed %d, %v of %v", seed, c.step.Prim, c.f.Shape(c.step.In[0]))
			want, sizes := c.byDefinition()
			check := func(got [][]float64, tolerance float64) {
				t.Helper()
				for i := range want {
					for k := range want[i] {
						require.InDelta(t, want[i][k], got[i][k], tolerance*(10+sizes[i][k]), "%s: result %d, element %d", name, i, k)
					}
				}
			}
			check(runLoop[float64](t, c, graph.Float64, kernel.Plain, 1), 1e-13)
			for _, isa := range kernel.Supported() {
				one := runLoop[float32](t, c, graph.Float32, isa, 1)
				check(one, 4e-6)
				require.Equal(t, one, runLoop[float32](t, c, graph.Float32, isa, 3), "%s: three threads", name)
			}
		}
	}
}

// TestDivisionByANumberRoundsOnce: x * (1/3) differs from x / 3 in the last bit
// for about a third of all x.
func TestDivisionByANumberRoundsOnce(t *testing.T) {
	for _, s := range []float32{3, -7, 4, .125, 1e-40} {
		g := gorgonia.NewGraph()
		data := make([]float32, 1000)
		for i := range data {
			data[i] = 1 + float32(i)*.37
		}
		x := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithName("x"), gorgonia.WithShape(len(data)), gorgonia.WithValue(tensor.New(tensor.WithBacking(data))))
		y := gorgonia.Must(gorgonia.Div(x, gorgonia.NewConstant(s)))
		m := New(g)
		require.NoError(t, m.RunAll())
		got := y.Value().Data().([]float32)
		for i, v := range data {
			require.Equal(t, v/s, got[i], "%v / %v", v, s)
		}
		require.NoError(t, m.Close())
	}
}

func TestUpdatesReadTheOldValuesOfEachOther(t *testing.T) {
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{})
	w, v := b.State("w", graph.Normal(0, 1), 900), b.State("v", graph.Normal(0, 1), 900)
	b.Update(w, b.Map(lower.Arg(0).Add(lower.Num(0.5)), v))
	b.Update(v, b.Map(lower.Arg(0).Mul(lower.Arg(1)), w, v))
	oldW, oldV := p.Get("w").Floats(), p.Get("v").Floats()
	m := suite.MachineOf(t, Config{}, b, nil)
	defer m.Close()
	require.NoError(t, vm.Run(m))
	for i := range oldW {
		require.InDelta(t, oldV[i]+0.5, p.Get("w").Floats()[i], 1e-6)
		require.InDelta(t, oldV[i]*oldW[i], p.Get("v").Floats()[i], 1e-6)
	}
}

func TestDenseStepsHaveTheSameBitsOnAnyNumberOfThreads(t *testing.T) {
	for _, e := range []zoo.Entry{
		{Name: "dense", Model: dense.Config{Input: 200, Hidden: []int{150, 40}}},
		{Name: "vae", Model: vae.Config{Input: 200, Hidden: []int{150}, Latent: 12}},
	} {
		want, wantParams := suite.Trained(t, e, graph.Float32, Config{Threads: 1})
		for _, n := range []int{2, 5} {
			got, gotParams := suite.Trained(t, e, graph.Float32, Config{Threads: n})
			require.Equal(t, want, got, e.Name)
			require.Equal(t, wantParams, gotParams, e.Name)
		}
	}
}
