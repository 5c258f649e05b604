package solve

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/kernel"
)

// three runs tasks on three workers.
type three struct{}

func (three) Size() int { return 3 }

func (three) Run(task Task, parts int) error {
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := w; i < parts; i += 3 {
				task.Do(i, w)
			}
		})
	}
	wg.Wait()
	return nil
}

// named is a weight of a model.
type named struct {
	pair
	err error
}

func (n *named) Grad() (gorgonia.Value, error) { return n.grad, n.err }
func (n *named) Name() string                  { return "w" }

// large is the shape of a weight with more elements than a part has.
var large = tensor.Shape{130, 131}

// model returns weights of a type with their gradients: plain ones of the given and other
// shapes, a transposed one, and a scalar.
func model(dtype tensor.Dtype, more ...tensor.Shape) []gorgonia.ValueGrad {
	var out []gorgonia.ValueGrad
	dense := func(s tensor.Shape, opts ...tensor.ConsOpt) *tensor.Dense {
		return tensor.New(append(opts, tensor.WithShape(s...), tensor.Of(dtype))...)
	}
	for _, s := range append(more, tensor.Shape{3, 5}, tensor.Shape{7}, tensor.Shape{1}, tensor.Shape{1, 1}, tensor.Shape{2, 3, 4, 5}) {
		out = append(out, &named{pair: pair{dense(s), dense(s)}})
	}
	transposed := dense(tensor.Shape{4, 6})
	_ = transposed.T()
	out = append(out, &named{pair: pair{transposed, dense(tensor.Shape{6, 4})}})
	if dtype == tensor.Float32 {
		out = append(out, &named{pair: pair{gorgonia.NewF32(.5), gorgonia.NewF32(.25)}})
	} else {
		out = append(out, &named{pair: pair{gorgonia.NewF64(.5), gorgonia.NewF64(.25)}})
	}
	return out
}

// fill draws values or gradients. Some are very small, very large, or 0.
func fill(r *rand.Rand, v gorgonia.Value) {
	draw := func() float64 {
		switch r.IntN(20) {
		case 0:
			return 0
		case 1:
			return r.NormFloat64() * 1e-30
		case 2:
			return r.NormFloat64() * 1e12
		}
		return r.NormFloat64()
	}
	switch x := v.Data().(type) {
	case []float32:
		for i := range x {
			x[i] = float32(draw())
		}
	case []float64:
		for i := range x {
			x[i] = draw()
		}
	case float32:
		*v.(*gorgonia.F32) = gorgonia.F32(draw())
	case float64:
		*v.(*gorgonia.F64) = gorgonia.F64(draw())
	}
}

// bits returns the bits of all values and gradients. All NaN have the same bits.
func bits(model []gorgonia.ValueGrad) (out [][]uint64) {
	for _, n := range model {
		g, _ := n.Grad()
		for _, v := range []gorgonia.Value{n.Value(), g} {
			var b []uint64
			add := func(x float64) {
				if math.IsNaN(x) {
					x = math.NaN()
				}
				b = append(b, math.Float64bits(x))
			}
			switch x := v.Data().(type) {
			case []float32:
				for _, x := range x {
					add(float64(x))
				}
			case []float64:
				for _, x := range x {
					add(x)
				}
			case float32:
				add(float64(x))
			case float64:
				add(x)
			}
			out = append(out, b)
		}
	}
	return out
}

// solvers returns constructors of all solvers that have a formula.
func solvers() map[string]func(...gorgonia.SolverOpt) gorgonia.Solver {
	return map[string]func(...gorgonia.SolverOpt) gorgonia.Solver{
		"vanilla":  func(o ...gorgonia.SolverOpt) gorgonia.Solver { return gorgonia.NewVanillaSolver(o...) },
		"momentum": func(o ...gorgonia.SolverOpt) gorgonia.Solver { return gorgonia.NewMomentum(o...) },
		"adagrad":  func(o ...gorgonia.SolverOpt) gorgonia.Solver { return gorgonia.NewAdaGradSolver(o...) },
		"rmsprop":  func(o ...gorgonia.SolverOpt) gorgonia.Solver { return gorgonia.NewRMSPropSolver(o...) },
		"adam":     func(o ...gorgonia.SolverOpt) gorgonia.Solver { return gorgonia.NewAdamSolver(o...) },
	}
}

func TestStepsHaveTheSameBitsAsGorgonia(t *testing.T) {
	options := map[string]func() []gorgonia.SolverOpt{
		"l1":    func() []gorgonia.SolverOpt { return []gorgonia.SolverOpt{gorgonia.WithL1Reg(.01)} },
		"l2":    func() []gorgonia.SolverOpt { return []gorgonia.SolverOpt{gorgonia.WithL2Reg(.3)} },
		"clip":  func() []gorgonia.SolverOpt { return []gorgonia.SolverOpt{gorgonia.WithClip(.7)} },
		"batch": func() []gorgonia.SolverOpt { return []gorgonia.SolverOpt{gorgonia.WithBatchSize(3)} },
		"numbers": func() []gorgonia.SolverOpt {
			return []gorgonia.SolverOpt{gorgonia.WithLearnRate(.07), gorgonia.WithEps(1e-3), gorgonia.WithRho(.9), gorgonia.WithMomentum(.6),
				gorgonia.WithBeta1(.7), gorgonia.WithBeta2(.8)}
		},
	}
	names := []string{"l1", "l2", "clip", "batch", "numbers"}
	for kind, build := range solvers() {
		for set := range 1 << len(names) {
			for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
				var opts []gorgonia.SolverOpt
				with := ""
				for i, name := range names {
					if set>>i&1 == 1 {
						opts = append(opts, options[name]()...)
						with += " " + name
					}
				}
				t.Run(fmt.Sprintf("%s%s %v", kind, with, dtype), func(t *testing.T) {
					var more []tensor.Shape
					if set == 0 || set == 1<<len(names)-1 {
						more = append(more, large)
					}
					want, got := model(dtype, more...), model(dtype, more...)
					r, same := rand.New(rand.NewPCG(uint64(set), 1)), rand.New(rand.NewPCG(uint64(set), 1))
					for i := range want {
						fill(r, want[i].Value())
						fill(same, got[i].Value())
					}
					theirs := build(opts...)
					ours := On(three{}, kernel.Best(), build(opts...))
					for step := range 20 {
						for i := range want {
							g, _ := want[i].Grad()
							fill(r, g)
							g, _ = got[i].Grad()
							fill(same, g)
						}
						require.NoError(t, theirs.Step(want))
						require.NoError(t, ours.Step(got))
						require.Equal(t, bits(want), bits(got), "step %d", step+1)
					}
					require.True(t, ours.(*solver).verified, "the formula was used")
					require.Len(t, ours.(*solver).leftToOriginal, 2, "the transposed weight and the scalar")
				})
			}
		}
	}
}

func TestGradientsThatAreNotFiniteStepAsInGorgonia(t *testing.T) {
	for kind, build := range solvers() {
		for _, opts := range [][]gorgonia.SolverOpt{nil, {gorgonia.WithClip(1)}, {gorgonia.WithL1Reg(.1)}} {
			for _, isa := range kernel.Supported() {
				x := []float32{1, float32(math.NaN()), float32(math.Inf(1)), 4, 5, 0, 1e-42, float32(math.Copysign(0, -1))}
				y := []float32{float32(math.NaN()), 1, 2, float32(math.Inf(-1)), float32(math.Inf(1)), 1e-42, 1e38, 0}
				pairs := func() []gorgonia.ValueGrad {
					return []gorgonia.ValueGrad{&named{pair: pair{
						tensor.New(tensor.WithBacking(append([]float32(nil), x...))), tensor.New(tensor.WithBacking(append([]float32(nil), y...))),
					}}}
				}
				want, got := pairs(), pairs()
				theirs, ours := build(opts...), On(three{}, isa, build(opts...))
				for range 2 {
					require.NoError(t, theirs.Step(want))
					require.NoError(t, ours.Step(got))
					require.Equal(t, bits(want), bits(got), "%s on %s", kind, isa)
				}
			}
		}
	}
}

func TestANewLearningRateAppliesFromTheNextStep(t *testing.T) {
	want, got := model(tensor.Float32)[:5], model(tensor.Float32)[:5]
	theirs, original := gorgonia.NewAdamSolver(), gorgonia.NewAdamSolver()
	ours := On(three{}, kernel.Best(), original)
	for step := range 5 {
		for i := range want {
			for _, m := range [][]gorgonia.ValueGrad{want, got} {
				g, _ := m[i].Grad()
				fill(rand.New(rand.NewPCG(uint64(step), uint64(i))), g)
			}
		}
		for _, s := range []gorgonia.Solver{theirs, original} {
			gorgonia.WithLearnRate(.1 / float64(step+1))(s)
		}
		require.NoError(t, theirs.Step(want))
		require.NoError(t, ours.Step(got))
		require.Equal(t, bits(want), bits(got))
	}
	gorgonia.WithClip(1)(original)
	require.ErrorContains(t, ours.Step(got), "switched after the first step")
}

func TestReboundValuesKeepTheirState(t *testing.T) {
	want, got := model(tensor.Float64, large)[:6], model(tensor.Float64, large)[:6]
	theirs, ours := gorgonia.NewAdamSolver(), On(three{}, kernel.Best(), gorgonia.NewAdamSolver())
	for step := range 3 {
		for i := range want {
			for _, m := range [][]gorgonia.ValueGrad{want, got} {
				n := m[i].(*named)
				n.value, n.grad = n.value.(*tensor.Dense).Clone().(*tensor.Dense), n.grad.(*tensor.Dense).Clone().(*tensor.Dense)
				fill(rand.New(rand.NewPCG(uint64(step), uint64(i))), n.grad)
			}
		}
		require.NoError(t, theirs.Step(want))
		require.NoError(t, ours.Step(got))
		require.Equal(t, bits(want), bits(got))
	}
	got[0].(*named).value, got[0].(*named).grad = tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(2)), tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(2))
	require.ErrorContains(t, ours.Step(got), "a value of 2 elements, but the first step had 17030")
	require.ErrorContains(t, ours.Step(got[:2]), "2 weights, but the first step had 6")
}

func TestWeightsThatShareAGradientStepInOrder(t *testing.T) {
	shared := func() []gorgonia.ValueGrad {
		m := model(tensor.Float32, large)[:1]
		n := m[0].(*named)
		fill(rand.New(rand.NewPCG(1, 1)), n.grad)
		return append(m, &named{pair: pair{n.value.(*tensor.Dense).Clone().(*tensor.Dense), n.grad}})
	}
	want, got := shared(), shared()
	require.NoError(t, gorgonia.NewVanillaSolver().Step(want))
	require.NoError(t, On(three{}, kernel.Best(), gorgonia.NewVanillaSolver()).Step(got))
	require.Equal(t, bits(want), bits(got), "the first step clears the gradient of the second weight")
}

// mine is a solver that the user wrote.
type mine struct{ steps int }

func (m *mine) Step([]gorgonia.ValueGrad) error { m.steps++; return nil }

func TestOtherSolversAreReturnedUnchanged(t *testing.T) {
	started := gorgonia.NewAdamSolver()
	require.NoError(t, started.Step(model(tensor.Float32)))
	for _, s := range []gorgonia.Solver{&mine{}, gorgonia.NewAdamW(), gorgonia.NewBarzilaiBorweinSolver(), started} {
		require.Same(t, s, On(three{}, kernel.Best(), s))
	}
	require.Nil(t, On(three{}, kernel.Best(), nil))
}

func TestErrorsAreThoseOfGorgoniaAndChangeNothing(t *testing.T) {
	for kind, build := range solvers() {
		m := model(tensor.Float32)
		m[3].(*named).err = errors.New("no gradient")
		fill(rand.New(rand.NewPCG(1, 1)), m[0].(*named).grad)
		before := bits(m)
		err := On(three{}, kernel.Best(), build()).Step(m)
		require.ErrorContains(t, err, "no gradient", kind)
		require.EqualError(t, err, build().Step(m).Error(), kind)
		m = model(tensor.Float32)
		fill(rand.New(rand.NewPCG(1, 1)), m[0].(*named).grad)
		require.Equal(t, before, bits(m))
	}
}
