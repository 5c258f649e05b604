package lower_test

import (
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/lower"
)

// recurShapes returns the shapes of a recurrence's operands: x, wx, wh, bias and, if
// Initial, the states.
func recurShapes(p lower.Recur, given, batch, features, units int) []lower.Shape {
	c := p.Cell.Step()
	in := []lower.Shape{{batch, given, features}, {features, c.Gates * units}, {units, c.Gates * units}, {c.Biases * units}}
	if p.Initial {
		for range c.NextStates {
			in = append(in, lower.Shape{batch, units})
		}
	}
	return in
}

// recurBoth is a recurrence and its gradient as one function. For the gradients of h
// and of the last h it uses h and the last step's h themselves.
func recurBoth(p lower.RecurGrad, in []lower.Shape) *lower.Func {
	f := lower.NewFunc(in...)
	vs := make([]lower.Value, len(in))
	for i := range vs {
		vs[i] = f.In(i)
	}
	seq := f.Apply(p.Of, vs...)
	last := f.Reshape(f.Slice(seq[0], 1, p.Of.Time(p.Of.Steps-1), p.Of.Time(p.Of.Steps-1)+1, 1), in[0][0], in[2][0])
	args := append(append([]lower.Value{}, vs[:3]...), vs[4:]...)
	args = append(append(args, seq...), seq[0], last)
	f.Return(append(append([]lower.Value{}, seq...), f.Apply(p, args...)...)...)
	return f
}

func TestRecurrenceHasTheSameBitsOnAnyNumberOfThreads(t *testing.T) {
	for _, p := range []lower.Recur{{Steps: 5}, {Steps: 5, Reverse: true, Initial: true}, {Cell: lower.CellGRU, Steps: 5, Initial: true}} {
		for _, given := range []int{1, 5} {
			in := recurShapes(p, given, 100, 9, 96)
			f := recurBoth(lower.RecurGrad{Of: p, Outputs: true, LastH: true, X: true, Weights: true, State: p.Initial}, in)
			args := make([]lower.Array[float32], len(in))
			for k, s := range in {
				args[k] = lower.NewArray[float32](s)
				for i := range args[k].Data {
					args[k].Data[i] = float32(math.Sin(float64(i*(k+3)))) / 3
				}
			}
			run := func(threads int) []lower.Array[float32] {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
				out, err := interp.Run(f, args...)
				require.NoError(t, err)
				return out
			}
			want := run(1)
			for _, threads := range []int{2, 4} {
				for i, got := range run(threads) {
					require.Equal(t, want[i].Data, got.Data, "%v, %d steps of x, result %d on %d threads", p, given, i, threads)
				}
			}
		}
	}
}

func TestFlopsOfARecurrenceCountItsProducts(t *testing.T) {
	const n, steps, d, h = 3, 5, 2, 4
	x, step := int64(n*d*4*h), int64(n*h*4*h) // multiply-adds of one step's projections
	for _, c := range []struct {
		name  string
		grad  lower.RecurGrad
		given int
		want  int64 // forward and gradient
	}{
		{"no state, weights alone", lower.RecurGrad{Of: lower.Recur{Steps: steps}, Weights: true}, steps, 5*x + 4*step + 4*step + 5*x + 4*step},
		{"no state, input too", lower.RecurGrad{Of: lower.Recur{Steps: steps}, Weights: true, X: true}, steps, 5*x + 4*step + 4*step + 5*x + 4*step + 5*x},
		{"input alone", lower.RecurGrad{Of: lower.Recur{Steps: steps}, X: true}, steps, 5*x + 4*step + 4*step + 5*x},
		{"repeated input", lower.RecurGrad{Of: lower.Recur{Steps: steps}, Weights: true, X: true}, 1, 5*x + 4*step + 4*step + 5*x + 4*step + 5*x},
		{"given state", lower.RecurGrad{Of: lower.Recur{Steps: steps, Initial: true}, Weights: true}, steps, 5*x + 5*step + 4*step + 5*x + 5*step},
		{"gradient of the state", lower.RecurGrad{Of: lower.Recur{Steps: steps, Initial: true}, Weights: true, State: true}, steps, 5*x + 5*step + 5*step + 5*x + 5*step},
	} {
		c.grad.Outputs, c.grad.LastH = true, true
		f := recurBoth(c.grad, recurShapes(c.grad.Of, c.given, n, d, h))
		require.NoError(t, f.Err(), c.name)
		require.Equal(t, 2*c.want, f.Flops(), c.name)
	}
}

func TestRecurrencesNameTheMistake(t *testing.T) {
	p := lower.Recur{Steps: 3}
	good := recurShapes(p, 3, 2, 5, 4)
	seq := []lower.Shape{{2, 3, 4}, {3, 2, 4}, {3, 2, 16}}
	grad := append(append([]lower.Shape{}, good[:3]...), seq...)
	for _, c := range []struct {
		name string
		prim lower.Prim
		in   []lower.Shape
		want string
	}{
		{"too few operands", p, good[:3], "want 4 operands, have 3"},
		{"another cell", lower.Recur{Cell: 9, Steps: 3}, good, "no cell 9"},
		{"no steps", lower.Recur{}, good, "at least 1 step"},
		{"steps of x", lower.Recur{Steps: 4}, good, "want [N,4,D], or [N,1,D]"},
		{"x a matrix", p, []lower.Shape{{3, 2}, {5, 16}, {4, 16}, {16}}, "x is [3 2]"},
		{"wh a vector", p, []lower.Shape{{2, 3, 5}, {5, 16}, {16}, {16}}, "wh is [16]"},
		{"wx of other features", p, []lower.Shape{{2, 3, 6}, {5, 16}, {4, 16}, {16}}, "wx is [5 16], want [6 16]: 2 samples, 6 features, 4 units and 4 gates"},
		{"bias short", p, []lower.Shape{{2, 3, 5}, {5, 16}, {4, 16}, {4}}, "bias is [4], want [16]"},
		{"state missing", lower.Recur{Steps: 3, Initial: true}, good, "want 6 operands, have 4"},
		{"gradient of nothing", lower.RecurGrad{Of: p, X: true}, grad, "at least one result"},
		{"no requested gradient", lower.RecurGrad{Of: p, LastH: true}, grad, "at least one requested gradient"},
		{"gradient of a state not given", lower.RecurGrad{Of: p, LastH: true, State: true}, grad, "there is no initial state"},
		{"gradient missing", lower.RecurGrad{Of: p, LastH: true, X: true}, grad, "want 7 operands, have 6"},
		{"gradient of another shape", lower.RecurGrad{Of: p, LastC: true, X: true}, append(grad[:6:6], lower.Shape{2, 5}), "the gradient of the last c is [2 5], want [2 4]"},
		{"gradient of another cell", lower.RecurGrad{Of: lower.Recur{Cell: 9, Steps: 3}, LastC: true, X: true}, grad, "no cell 9"},
	} {
		_, err := c.prim.Infer(c.in)
		require.ErrorContains(t, err, c.want, c.name)
	}
}

func TestRecurrencesPrintTheirAttributes(t *testing.T) {
	p := lower.Recur{Steps: 3, Reverse: true, Initial: true}
	require.Equal(t, "recur[lstm, 3 steps, reverse, initial state]", p.String())
	require.Equal(t, "recur[lstm, 3 steps, reverse, initial state] gradient[from outputs last c, to weights state]",
		lower.RecurGrad{Of: p, Outputs: true, LastC: true, Weights: true, State: true}.String())
}
