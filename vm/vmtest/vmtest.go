// Package vmtest has the tests that every backend must pass: each backend's own tests
// run them.
package vmtest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// Run runs every test on a backend.
func Run(t *testing.T, on vm.Backend) {
	for _, c := range []struct {
		name string
		test func(*testing.T, vm.Backend)
	}{
		{"InputsAndOutputsHaveNames", inputsAndOutputsHaveNames},
		{"AnErrorNamesAnInputThatWasNeverSet", anErrorNamesAnInputThatWasNeverSet},
		{"ErrorsNameTheInputOrOutput", errorsNameTheInputOrOutput},
		{"WaitGivesTheOutputsOfTheEarliestRun", waitGivesTheOutputsOfTheEarliestRun},
		{"OutputsAreReadBeforeTheUpdates", outputsAreReadBeforeTheUpdates},
		{"MachinesOfOneProgramHaveSeparateInputs", machinesOfOneProgramHaveSeparateInputs},
		{"AFunctionSeesParametersBetweenSteps", aFunctionSeesParametersBetweenSteps},
		{"AMachineReportsVerifiesAndProfiles", aMachineReportsVerifiesAndProfiles},
		{"TheClockCountsRandomNumbers", theClockCountsRandomNumbers},
		{"AClosedMachineReturnsErrors", aClosedMachineReturnsErrors},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, on) })
	}
}

// product is y = factor x w, [2 3] by [3 2], and its sum. Each run halves w.
func product(t *testing.T, dtype graph.Dtype, p *graph.Params) *graph.Program {
	if p == nil {
		p = graph.NewParams(dtype, 1)
	}
	b := graph.New(p, graph.Config{})
	w := b.Param("w", graph.Constant(1), 3, 2)
	y := b.Mul(b.MatMul(b.Input("x", 2, 3), w), b.Scalar("factor", 1))
	b.Output("y", y)
	b.Output("sum", b.Sum(y))
	b.Output("w", w)
	b.Update(w, b.Scale(w, .5))
	prog, err := b.Program()
	require.NoError(t, err)
	return prog
}

func compiled(t *testing.T, on vm.Backend, p *graph.Program) vm.Machine {
	m, err := on.Compile(p)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	return m
}

func requireOutput(t *testing.T, m vm.Machine, name string, want ...float64) {
	t.Helper()
	got, err := m.Floats(name)
	require.NoError(t, err)
	require.Equal(t, want, got)
	single := make([]float32, len(want))
	require.NoError(t, m.Read(name, single))
	for i, v := range single {
		require.Equal(t, float32(want[i]), v)
	}
}

var ones = []float32{1, 1, 1, 1, 1, 1}

func inputsAndOutputsHaveNames(t *testing.T, on vm.Backend) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		m := compiled(t, on, product(t, dtype, nil))
		require.NoError(t, m.Feed("x", []float32{1, 2, 3, 4, 5, 6}))
		require.NoError(t, vm.Run(m))
		requireOutput(t, m, "y", 6, 6, 15, 15)
		sum, err := m.Number("sum")
		require.NoError(t, err)
		require.Equal(t, 42.0, sum)

		require.NoError(t, m.Set("factor", 10))
		require.NoError(t, m.SetFloats("x", []float64{1, 1, 1, 0, 0, 1}))
		require.NoError(t, vm.Run(m))
		requireOutput(t, m, "y", 15, 15, 5, 5)
	}
}

func anErrorNamesAnInputThatWasNeverSet(t *testing.T, on vm.Backend) {
	m := compiled(t, on, product(t, graph.Float32, nil))
	require.ErrorContains(t, m.Start(), `input "x" [2 3] was never set`)
	require.NoError(t, m.Feed("x", ones))
	require.NoError(t, vm.Run(m), "factor has a default")
}

func errorsNameTheInputOrOutput(t *testing.T, on vm.Backend) {
	m := compiled(t, on, product(t, graph.Float32, nil))
	require.ErrorContains(t, m.Feed("z", ones), `no input "z": it has x, factor`)
	require.ErrorContains(t, m.Feed("x", ones[:5]), `input "x"`)
	require.ErrorContains(t, m.SetFloats("x", []float64{1}), `input "x"`)
	require.ErrorContains(t, m.Set("x", 1), `input "x"`)
	require.ErrorContains(t, m.SetClock(-1, 0), "epoch -1")
	require.NoError(t, m.SetClock(1, 2), "a program that draws no random numbers ignores the clock")
	_, err := m.Number("sum")
	require.ErrorContains(t, err, "there is no value")
	require.ErrorContains(t, m.Wait(), "no run is in flight")

	require.NoError(t, m.Feed("x", ones))
	require.NoError(t, vm.Run(m))
	_, err = m.Floats("z")
	require.ErrorContains(t, err, `no output "z": it has y, sum, w`)
	_, err = m.Number("y")
	require.ErrorContains(t, err, `output "y"`)
	require.ErrorContains(t, m.Read("y", make([]float32, 3)), `output "y"`)

	_, err = on.Compile(nil)
	require.ErrorContains(t, err, "no program")
}

func waitGivesTheOutputsOfTheEarliestRun(t *testing.T, on vm.Backend) {
	m := compiled(t, on, product(t, graph.Float32, nil))
	require.NoError(t, m.Feed("x", ones))
	most := m.MaxInFlight()
	require.GreaterOrEqual(t, most, 1)
	for range most {
		require.NoError(t, m.Start())
	}
	require.ErrorContains(t, m.Start(), "in flight")
	require.ErrorContains(t, vm.Run(m), "in flight", "the outputs would be those of another run")
	want := 12.0
	for range most {
		require.NoError(t, m.Wait())
		sum, err := m.Number("sum")
		require.NoError(t, err)
		require.Equal(t, want, sum)
		requireOutput(t, m, "y", want/4, want/4, want/4, want/4)
		want /= 2
	}
	require.NoError(t, vm.Run(m))
	sum, err := m.Number("sum")
	require.NoError(t, err)
	require.Equal(t, want, sum)
}

func outputsAreReadBeforeTheUpdates(t *testing.T, on vm.Backend) {
	params := graph.NewParams(graph.Float32, 1)
	m := compiled(t, on, product(t, graph.Float32, params))
	require.NoError(t, m.Feed("x", ones))
	require.NoError(t, vm.Run(m))
	requireOutput(t, m, "w", 1, 1, 1, 1, 1, 1)
	require.Equal(t, []float64{.5, .5, .5, .5, .5, .5}, params.Get("w").Floats())
	requireOutput(t, m, "w", 1, 1, 1, 1, 1, 1)
}

func machinesOfOneProgramHaveSeparateInputs(t *testing.T, on vm.Backend) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	w := b.Param("w", graph.Constant(2), 64, 64)
	b.Output("y", b.Sum(b.MatMul(b.Input("x", 8, 64), w)))
	p, err := b.Program()
	require.NoError(t, err)
	const goroutines, runs = 8, 5
	errs := make([]error, goroutines)
	var all sync.WaitGroup
	for i := range goroutines {
		all.Go(func() {
			errs[i] = func() error {
				m, err := on.Compile(p)
				if err != nil {
					return err
				}
				defer m.Close()
				x := make([]float32, 8*64)
				for k := range x {
					x[k] = float32(i)
				}
				for range runs {
					if err := m.Feed("x", x); err != nil {
						return err
					}
					if err := vm.Run(m); err != nil {
						return err
					}
					if got, err := m.Number("y"); err != nil || got != float64(i*8*64*64*2) {
						return fmt.Errorf("machine %d: %v, %w", i, got, err)
					}
				}
				return nil
			}()
		})
	}
	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
}

// aFunctionSeesParametersBetweenSteps calls a function from several goroutines while a
// machine doubles its weights. Between two steps all weights are equal.
func aFunctionSeesParametersBetweenSteps(t *testing.T, on vm.Backend) {
	params := graph.NewParams(graph.Float32, 1)
	weights := func(b *graph.Builder) *graph.Node { return b.Param("w", graph.Constant(1), 300) }
	f, err := vm.NewFunction(on, params, func(b *graph.Builder, in vm.Shapes) (*graph.Program, error) {
		x := b.Input("x", in.Of("x")...)
		b.Output("y", b.Mul(x, weights(b)))
		return b.Program()
	}, vm.FunctionOptions{Machines: 2})
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	b := graph.New(params, graph.Config{})
	b.Update(weights(b), b.Scale(weights(b), 2))
	p, err := b.Program()
	require.NoError(t, err)
	doubling := compiled(t, on, p)

	const goroutines, runs = 8, 10
	errs := make([]error, goroutines+1)
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			x, y := make([]float32, 300), make([]float32, 300)
			for i := range x {
				x[i] = float32(g + 1)
			}
			for range runs {
				if err := f.Call([]vm.Array{{Name: "x", Shape: []int{1, 300}, Data: x}}, []vm.Array{{Name: "y", Data: y}}); err != nil {
					errs[g] = err
					return
				}
				for _, v := range y {
					if v != y[0] || v < x[0] {
						errs[g] = fmt.Errorf("goroutine %d: %v next to %v", g, v, y[0])
					}
				}
			}
		})
	}
	all.Go(func() {
		for range runs {
			if err := vm.Run(doubling); err != nil {
				errs[goroutines] = err
			}
		}
	})
	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.NoError(t, params.Sync())
	require.Equal(t, float64(int(1)<<runs), params.Get("w").Floats()[0])
}

func aMachineReportsVerifiesAndProfiles(t *testing.T, on vm.Backend) {
	p := product(t, graph.Float32, nil)
	m := compiled(t, on, p)
	require.Same(t, p, m.Program())
	require.NoError(t, m.Feed("x", ones))
	require.NoError(t, m.Verify())
	before := p.Params().Get("w").Floats()
	require.Equal(t, []float64{1, 1, 1, 1, 1, 1}, before, "Verify changes no parameter")
	require.NotEmpty(t, m.Report())
	require.NotEmpty(t, m.String())
	require.Positive(t, m.Memory().Arena)
	steps, err := m.Profile(func() error { return vm.Run(m) })
	require.NoError(t, err)
	require.NotEmpty(t, steps)
	require.Positive(t, steps[0].Took)
	_, err = m.Profile(nil)
	require.ErrorContains(t, err, "no function")
}

func theClockCountsRandomNumbers(t *testing.T, on vm.Backend) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Seed: 3})
	b.Output("z", b.Normal("z", 2, 4))
	p, err := b.Program()
	require.NoError(t, err)
	m := compiled(t, on, p)
	draw := func(epoch, sample int) []float64 {
		require.NoError(t, m.SetClock(epoch, sample))
		require.NoError(t, vm.Run(m))
		z, err := m.Floats("z")
		require.NoError(t, err)
		return z
	}
	first := draw(1, 0)
	require.Equal(t, first, draw(1, 0))
	require.NotEqual(t, first, draw(2, 0))
	require.Equal(t, first[4:], draw(1, 1)[:4], "the counter is the sample's")
}

func aClosedMachineReturnsErrors(t *testing.T, on vm.Backend) {
	m, err := on.Compile(product(t, graph.Float32, nil))
	require.NoError(t, err)
	require.NoError(t, m.Close())
	require.NoError(t, m.Close())
	require.ErrorContains(t, m.Start(), "closed")
	require.ErrorContains(t, m.Feed("x", ones), "closed")
	require.ErrorContains(t, m.Verify(), "closed")
	require.Empty(t, m.Report())
	require.Zero(t, m.Memory())
}
