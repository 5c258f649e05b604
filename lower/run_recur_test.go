package lower

import (
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// recurShapes are the operands of a recurrence: x, wx, wh, bias and, if there is
// an initial state, h and for some cells c.
func recurShapes(p Recur, given, batch, features, units int) []Shape {
	c := p.Cell.Step()
	in := []Shape{{batch, given, features}, {features, c.Gates * units}, {units, c.Gates * units}, {c.Biases * units}}
	if p.Initial {
		for range c.After {
			in = append(in, Shape{batch, units})
		}
	}
	return in
}

// recurBoth is a recurrence and its gradient as one function: the gradients of
// h and of the last h are h and the last step's h themselves.
func recurBoth(p RecurGrad, in []Shape) *Func {
	f := NewFunc(in...)
	vs := make([]Value, len(in))
	for i := range vs {
		vs[i] = f.In(i)
	}
	seq := f.Apply(p.Of, vs...)
	last := f.Reshape(f.Slice(seq[0], 1, p.Of.at(p.Of.Steps-1), p.Of.at(p.Of.Steps-1)+1, 1), in[0][0], in[2][0])
	args := append(append([]Value{}, vs[:3]...), vs[4:]...)
	args = append(append(args, seq...), seq[0], last)
	f.Return(append(append([]Value{}, seq...), f.Apply(p, args...)...)...)
	return f
}

func TestRecurrenceHasTheSameBitsOnAnyNumberOfThreads(t *testing.T) {
	for _, p := range []Recur{{Steps: 5}, {Steps: 5, Reverse: true, Initial: true}, {Cell: CellGRU, Steps: 5, Initial: true}} {
		for _, given := range []int{1, 5} {
			in := recurShapes(p, given, 100, 9, 96)
			f := recurBoth(RecurGrad{Of: p, Outputs: true, LastH: true, X: true, Weights: true, State: p.Initial}, in)
			args := make([]Array[float32], len(in))
			for k, s := range in {
				args[k] = NewArray[float32](s)
				for i := range args[k].Data {
					args[k].Data[i] = float32(math.Sin(float64(i*(k+3)))) / 3
				}
			}
			run := func(threads int) []Array[float32] {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
				out, err := Run(f, args...)
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

func TestFlopsOfARecurrenceAreThoseOfItsProducts(t *testing.T) {
	const n, steps, d, h = 3, 5, 2, 4
	x, step := int64(n*d*4*h), int64(n*h*4*h) // multiply-adds of one step's projections
	for _, c := range []struct {
		name  string
		grad  RecurGrad
		given int
		want  int64 // forward and gradient
	}{
		{"no state, weights alone", RecurGrad{Of: Recur{Steps: steps}, Weights: true}, steps, 5*x + 4*step + 4*step + 5*x + 4*step},
		{"no state, input too", RecurGrad{Of: Recur{Steps: steps}, Weights: true, X: true}, steps, 5*x + 4*step + 4*step + 5*x + 4*step + 5*x},
		{"input alone", RecurGrad{Of: Recur{Steps: steps}, X: true}, steps, 5*x + 4*step + 4*step + 5*x},
		{"repeated input", RecurGrad{Of: Recur{Steps: steps}, Weights: true, X: true}, 1, 5*x + 4*step + 4*step + 5*x + 4*step + 5*x},
		{"given state", RecurGrad{Of: Recur{Steps: steps, Initial: true}, Weights: true}, steps, 5*x + 5*step + 4*step + 5*x + 5*step},
		{"gradient of the state", RecurGrad{Of: Recur{Steps: steps, Initial: true}, Weights: true, State: true}, steps, 5*x + 5*step + 5*step + 5*x + 5*step},
	} {
		c.grad.Outputs, c.grad.LastH = true, true
		f := recurBoth(c.grad, recurShapes(c.grad.Of, c.given, n, d, h))
		require.NoError(t, f.Err(), c.name)
		require.Equal(t, 2*c.want, f.Flops(), c.name)
	}
}

func TestRecurrencesSayWhatIsWrong(t *testing.T) {
	p := Recur{Steps: 3}
	good := recurShapes(p, 3, 2, 5, 4)
	seq := []Shape{{2, 3, 4}, {3, 2, 4}, {3, 2, 16}}
	grad := append(append([]Shape{}, good[:3]...), seq...)
	for _, c := range []struct {
		name string
		prim Prim
		in   []Shape
		want string
	}{
		{"too few operands", p, good[:3], "want 4 operands, have 3"},
		{"another cell", Recur{Cell: 9, Steps: 3}, good, "no cell 9"},
		{"no steps", Recur{}, good, "at least 1 step"},
		{"steps of x", Recur{Steps: 4}, good, "want [N,4,D], or [N,1,D]"},
		{"x a matrix", p, []Shape{{3, 2}, {5, 16}, {4, 16}, {16}}, "x is [3 2]"},
		{"wh a vector", p, []Shape{{2, 3, 5}, {5, 16}, {16}, {16}}, "wh is [16]"},
		{"wx of other features", p, []Shape{{2, 3, 6}, {5, 16}, {4, 16}, {16}}, "wx is [5 16], want [6 16]: 2 samples, 6 features, 4 units and 4 gates"},
		{"bias short", p, []Shape{{2, 3, 5}, {5, 16}, {4, 16}, {4}}, "bias is [4], want [16]"},
		{"state missing", Recur{Steps: 3, Initial: true}, good, "want 6 operands, have 4"},
		{"gradient of nothing", RecurGrad{Of: p, X: true}, grad, "at least one result"},
		{"gradient to nothing", RecurGrad{Of: p, LastH: true}, grad, "asked for"},
		{"gradient of a state not given", RecurGrad{Of: p, LastH: true, State: true}, grad, "not given"},
		{"gradient missing", RecurGrad{Of: p, LastH: true, X: true}, grad, "want 7 operands, have 6"},
		{"gradient of another shape", RecurGrad{Of: p, LastC: true, X: true}, append(grad[:6:6], Shape{2, 5}), "the gradient of the last c is [2 5], want [2 4]"},
		{"gradient of another cell", RecurGrad{Of: Recur{Cell: 9, Steps: 3}, LastC: true, X: true}, grad, "no cell 9"},
	} {
		_, err := c.prim.Infer(c.in)
		require.ErrorContains(t, err, c.want, c.name)
	}
}

func TestRecurrencesPrintTheirAttributes(t *testing.T) {
	p := Recur{Steps: 3, Reverse: true, Initial: true}
	require.Equal(t, "recur[lstm, 3 steps, reverse, initial state]", p.String())
	require.Equal(t, "recur[lstm, 3 steps, reverse, initial state] gradient[from outputs last c, to weights state]",
		RecurGrad{Of: p, Outputs: true, LastC: true, Weights: true, State: true}.String())
}
