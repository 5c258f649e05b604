package cpu

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// recurCase is a recurrence with its gradient.
type recurCase[T lower.Float] struct {
	grad                               lower.RecurGrad
	inputSteps, batch, features, units int
	timeMajor                          bool // x, outputs and gradients are views of arrays [T,N,·]
	expressions                        bool // the cell runs its expressions instead of its kernels
}

func (c recurCase[T]) String() string {
	return fmt.Sprintf("%v, x of %d steps, batch %d, %d to %d, time-major %v, expressions %v",
		c.grad, c.inputSteps, c.batch, c.features, c.units, c.timeMajor, c.expressions)
}

// filled returns an array of arbitrary numbers, as a view of a time-major array if
// timeMajor is set.
func filled[T lower.Float](seed int, timeMajor bool, shape ...int) lower.Array[T] {
	if timeMajor && len(shape) == 3 {
		a := filled[T](seed, false, shape[1], shape[0], shape[2])
		return lower.View(lower.Transpose{Perm: []int{1, 0, 2}}, a, lower.Shape(shape))
	}
	a := lower.NewArray[T](lower.Shape(shape))
	for i := range a.Data {
		a.Data[i] = T(math.Sin(float64((seed+1)*(i+7)*(i%5+1)))) / 2
	}
	return a
}

func (c recurCase[T]) operands() []lower.Array[T] {
	p := c.grad.Of
	s := p.Cell.Step()
	in := []lower.Array[T]{
		filled[T](1, c.timeMajor, c.batch, c.inputSteps, c.features), filled[T](2, false, c.features, s.Gates*c.units),
		filled[T](3, false, c.units, s.Gates*c.units), filled[T](4, false, s.Biases*c.units),
	}
	if p.Initial {
		for i := range s.NextStates {
			in = append(in, filled[T](5+i, false, c.batch, c.units))
		}
	}
	return in
}

// gradOperands returns the operands of the gradient, given the operands and the
// results of the recurrence.
func (c recurCase[T]) gradOperands(in, out []lower.Array[T]) []lower.Array[T] {
	args := append([]lower.Array[T]{}, in[:3]...)
	args = append(append(args, in[4:]...), out...)
	if c.grad.Outputs {
		args = append(args, filled[T](8, c.timeMajor, c.batch, c.grad.Of.Steps, c.units))
	}
	for i, present := range []bool{c.grad.LastH, c.grad.LastC} {
		if present {
			args = append(args, filled[T](9+i, false, c.batch, c.units))
		}
	}
	return args
}

// results returns new arrays of the shapes that a primitive infers, filled with NaN.
func results[T lower.Float](t testing.TB, p lower.Prim, in []lower.Array[T]) []lower.Array[T] {
	shapes := make([]lower.Shape, len(in))
	for i, a := range in {
		shapes[i] = a.Shape
	}
	out, err := p.Infer(shapes)
	require.NoError(t, err)
	arrays := make([]lower.Array[T], len(out))
	for i, s := range out {
		arrays[i] = lower.NewArray[T](s)
		for k := range arrays[i].Data {
			arrays[i].Data[k] = T(math.NaN())
		}
	}
	return arrays
}

// steps plans the recurrence and its gradient for the given number of workers.
func (c recurCase[T]) steps(t testing.TB, isa kernel.ISA, workers int) (forward, backward step[T]) {
	work := newWorkspace[T](workers)
	in := c.operands()
	f, err := newRecurStep(c.grad.Of, in[0].Shape, in[2].Shape, isa, workers, work)
	require.NoError(t, err)
	b, err := newRecurGradStep(c.grad, in[0].Shape, in[2].Shape, isa, workers, work)
	require.NoError(t, err)
	if c.expressions {
		f.cell = newExprCell[T](c.grad.Of.Cell, c.units, isa, workers)
		b.cell = f.cell
	}
	work.alloc()
	for i := range work.shared {
		work.shared[i] = T(math.NaN())
	}
	for _, m := range work.worker {
		for i := range m {
			m[i] = T(math.NaN())
		}
	}
	return f, b
}

// run returns the results of the recurrence and of its gradient.
func (c recurCase[T]) run(t testing.TB, isa kernel.ISA, workers int) []lower.Array[T] {
	team := team.New(workers)
	defer team.Close()
	forward, backward := c.steps(t, isa, workers)
	in := c.operands()
	out := results(t, c.grad.Of, in)
	require.NoError(t, forward.run(team, in, out), "%v", c)
	args := c.gradOperands(in, out)
	grads := results(t, c.grad, args)
	require.NoError(t, backward.run(team, args, grads), "%v", c)
	return append(out, grads...)
}

// interpreted is run with the interpreter.
func (c recurCase[T]) interpreted(t testing.TB) []lower.Array[T] {
	in := c.operands()
	out := results(t, c.grad.Of, in)
	require.NoError(t, interp.Exec[T](c.grad.Of, in, out))
	args := c.gradOperands(in, out)
	grads := results(t, c.grad, args)
	require.NoError(t, interp.Exec[T](c.grad, args, grads))
	return append(out, grads...)
}

// recurCases are recurrences of many shapes, with all combinations of optional
// operands.
func recurCases[T lower.Float]() []recurCase[T] {
	var all []recurCase[T]
	shapes := []recurCase[T]{
		{inputSteps: 1, batch: 1, features: 1, units: 1},
		{inputSteps: 4, batch: 3, features: 5, units: 7},
		{inputSteps: 1, batch: 31, features: 3, units: 16},
		{inputSteps: 3, batch: 33, features: 2, units: 33},
		{inputSteps: 5, batch: 131, features: 9, units: 20},
		{inputSteps: 1, batch: 70, features: 40, units: 48},
	}
	for i := range 192 {
		cell, i := lower.Cell(i%lower.Cells), i/lower.Cells
		c := shapes[i%len(shapes)]
		steps := c.inputSteps
		if c.inputSteps == 1 {
			steps = []int{1, 4, 2}[i%3]
		}
		c.timeMajor = i%4 == 3
		bit := func(k int) bool { return (i*37+i/7)>>k&1 == 1 }
		of := lower.Recur{Steps: steps, Reverse: bit(0), Initial: bit(1), Cell: cell}
		c.grad = lower.RecurGrad{
			Of: of, Outputs: bit(2), LastH: bit(3), LastC: bit(4) && of.Cell == lower.CellLSTM,
			X: bit(5), Weights: bit(0) != bit(3), State: of.Initial && bit(4),
		}
		if !c.grad.Outputs && !c.grad.LastC {
			c.grad.LastH = true
		}
		if !c.grad.X && !c.grad.State {
			c.grad.Weights = true
		}
		all = append(all, c)
	}
	return all
}

// requireNear allows for the rounding errors of the type.
func requireNear[T lower.Float](t *testing.T, want, got []lower.Array[T], c recurCase[T], what any) {
	tolerance := 2e-5
	if _, ok := any(want[0].Data).([]float64); ok {
		tolerance = 1e-13
	}
	for i, w := range want {
		largest := 0.0
		for _, v := range w.Data {
			largest = max(largest, math.Abs(float64(v)))
		}
		for k, v := range w.Data {
			if d := math.Abs(float64(v) - float64(got[i].Data[k])); !(d <= tolerance*max(largest, 0.1)) {
				require.Failf(t, "differ", "%v on %v: result %d of %d, element %d: want %v, got %v", c, what, i, len(want), k, v, got[i].Data[k])
			}
		}
	}
}

func TestRecurrencesEqualTheInterpreter(t *testing.T) {
	t.Run("float32", testRecurrencesEqualTheInterpreter[float32])
	t.Run("float64", testRecurrencesEqualTheInterpreter[float64])
}

func testRecurrencesEqualTheInterpreter[T lower.Float](t *testing.T) {
	for i, c := range recurCases[T]() {
		want := c.interpreted(t)
		for _, isa := range kernel.Supported() {
			requireNear(t, want, c.run(t, isa, 1+i%3), c, isa)
		}
		c.expressions = true
		requireNear(t, want, c.run(t, kernel.Best(), 1+i%3), c, kernel.Best())
	}
}

func TestRecurrencesHaveTheSameBitsOnAnyTeam(t *testing.T) {
	t.Run("float32", testRecurrencesHaveTheSameBitsOnAnyTeam[float32])
	t.Run("float64", testRecurrencesHaveTheSameBitsOnAnyTeam[float64])
}

func testRecurrencesHaveTheSameBitsOnAnyTeam[T lower.Float](t *testing.T) {
	for _, c := range recurCases[T]()[:36] {
		want := c.run(t, kernel.Best(), 1)
		for workers := 2; workers <= 4; workers++ {
			for i, got := range c.run(t, kernel.Best(), workers) {
				require.Equal(t, want[i].Data, got.Data, "%v: result %d on %d workers", c, i, workers)
			}
		}
	}
}

func TestRecurrencesAllocateNothing(t *testing.T) {
	t.Run("float32", testRecurrencesAllocateNothing[float32])
	t.Run("float64", testRecurrencesAllocateNothing[float64])
}

func testRecurrencesAllocateNothing[T lower.Float](t *testing.T) {
	team := team.New(2)
	defer team.Close()
	for cell := range lower.Cell(lower.Cells) {
		for _, inputSteps := range []int{1, 3} {
			c := recurCase[T]{inputSteps: inputSteps, batch: 40, features: 5, units: 24, grad: lower.RecurGrad{
				Of: lower.Recur{Cell: cell, Steps: 3}, Outputs: true, X: true, Weights: true,
			}}
			forward, backward := c.steps(t, kernel.Best(), 2)
			in := c.operands()
			out := results(t, c.grad.Of, in)
			args := c.gradOperands(in, out)
			grads := results(t, c.grad, args)
			require.Zero(t, testing.AllocsPerRun(20, func() {
				if forward.run(team, in, out) != nil || backward.run(team, args, grads) != nil {
					panic("failed")
				}
			}), "%v", c)
		}
	}
}
