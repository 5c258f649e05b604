package vm_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/vm"
)

// halves is a net whose code is x/2, whose reconstruction is twice the code plus a
// label, and whose prior is random.
func halves(b *graph.Builder, in vm.Shapes) (*graph.Program, error) {
	n := in.Batch()
	code := b.Mul(b.Input("x", n, 3), b.Param("half", graph.Constant(.5), 1))
	b.Output("code", code)
	b.Output("recon", b.Add(b.Scale(code, 2), b.Reshape(b.Input("label", n), n, 1)))
	b.Output("prior", b.Normal("z", n, 3))
	b.Output("loss", b.Mean(code))
	return b.Program()
}

func function(t *testing.T, on vm.Backend, build vm.Build, o vm.FunctionOptions) *vm.Function {
	f, err := vm.NewFunction(on, graph.NewParams(graph.Float32, 1), build, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func count(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i)
	}
	return x
}

func TestAFunctionComputesAnyOutputsFromAnyInputsOrOutputs(t *testing.T) {
	for _, on := range []vm.Backend{cpu.Config{}, tape.Config{}} {
		f := function(t, on, halves, vm.FunctionOptions{})
		x := vm.Array{Name: "x", Shape: []int{2, 3}, Data: count(6)}
		label := vm.Array{Name: "label", Shape: []int{2}, Data: []float32{10, 20}}

		out := []vm.Array{{Name: "code"}}
		require.NoError(t, f.Call([]vm.Array{x}, out))
		require.Equal(t, []int{2, 3}, out[0].Shape)
		require.Equal(t, []float32{0, .5, 1, 1.5, 2, 2.5}, out[0].Data)

		decoded := []vm.Array{{Name: "recon"}}
		require.NoError(t, f.Call([]vm.Array{{Name: "code", Shape: []int{2, 3}, Data: out[0].Data}, label}, decoded))
		require.Equal(t, []float32{10, 11, 12, 23, 24, 25}, decoded[0].Data)

		both := []vm.Array{{Name: "recon"}, {Name: "code", Data: make([]float32, 6)}}
		require.NoError(t, f.Call([]vm.Array{x, label}, both))
		require.Equal(t, decoded[0].Data, both[0].Data)
		require.Equal(t, out[0].Data, both[1].Data)

		require.NoError(t, f.Call([]vm.Array{x, label}, []vm.Array{{Name: "code"}}), "a label that is not needed")
	}
}

func TestAFunctionsErrorsSayWhatIsWrong(t *testing.T) {
	f := function(t, cpu.Config{}, halves, vm.FunctionOptions{})
	x := vm.Array{Name: "x", Shape: []int{2, 3}, Data: count(6)}
	for want, c := range map[string]struct{ in, out []vm.Array }{
		`input "label" [2] is needed`:                {[]vm.Array{x}, []vm.Array{{Name: "recon"}}},
		`no output "z": it has code, recon`:          {[]vm.Array{x}, []vm.Array{{Name: "z"}}},
		`no output "y"`:                              {[]vm.Array{{Name: "y", Shape: []int{1}, Data: count(1)}}, []vm.Array{{Name: "code"}}},
		`shape [2 4], the program takes [2 3]`:       {[]vm.Array{{Name: "x", Shape: []int{2, 4}, Data: count(8)}}, []vm.Array{{Name: "code"}}},
		`shape [2 3] has 6 elements, Data has 5`:     {[]vm.Array{{Name: "x", Shape: []int{2, 3}, Data: count(5)}}, []vm.Array{{Name: "code"}}},
		`has 6 elements, the destination has 2`:      {[]vm.Array{x}, []vm.Array{{Name: "code", Data: count(2)}}},
		"no result is requested":                     {[]vm.Array{x}, nil},
		`graph: layer "bad": input "x": the name is`: {nil, nil},
	} {
		if c.out == nil && c.in == nil {
			bad := function(t, cpu.Config{}, func(b *graph.Builder, in vm.Shapes) (*graph.Program, error) {
				b.Input("bad/x", 1)
				b.Scope("bad").Input("x", 1)
				return b.Program()
			}, vm.FunctionOptions{})
			require.ErrorContains(t, bad.Call(nil, []vm.Array{{Name: "y"}}), "the name is taken")
			continue
		}
		require.ErrorContains(t, f.Call(c.in, c.out), want)
	}
	require.NoError(t, f.Close())
	require.ErrorContains(t, f.Call([]vm.Array{x}, []vm.Array{{Name: "code"}}), "closed")
	_, err := vm.NewFunction(nil, graph.NewParams(graph.Float32, 1), halves, vm.FunctionOptions{})
	require.ErrorContains(t, err, "no backend")
}

func TestASplitCallDrawsTheSameNumbers(t *testing.T) {
	whole := function(t, cpu.Config{}, halves, vm.FunctionOptions{Seed: 5})
	parts := function(t, cpu.Config{}, halves, vm.FunctionOptions{Seed: 5, Batch: 4})
	x := []vm.Array{{Name: "x", Shape: []int{11, 3}, Data: count(33)}}
	for _, in := range [][]vm.Array{x, nil} {
		name := "code"
		if in == nil {
			name = "prior"
		}
		a, b := []vm.Array{{Name: name, Shape: []int{11, 3}}}, []vm.Array{{Name: name, Shape: []int{11, 3}}}
		require.NoError(t, whole.Draw(7, in, a))
		require.NoError(t, parts.Draw(7, in, b))
		require.Equal(t, a, b)
		other := []vm.Array{{Name: name, Shape: []int{11, 3}}}
		require.NoError(t, parts.Draw(8, in, other))
		if in == nil {
			require.NotEqual(t, a, other)
		} else {
			require.Equal(t, a, other)
		}
	}
	require.ErrorContains(t, parts.Call(x, []vm.Array{{Name: "loss"}}), `result "loss" has shape []`)
}

func TestManyGoroutinesCallOneFunction(t *testing.T) {
	f := function(t, cpu.Config{Threads: 1}, halves, vm.FunctionOptions{Machines: 3, Shapes: 2})
	const goroutines, calls = 8, 50
	errs := make([]error, goroutines)
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			errs[g] = func() error {
				for i := range calls {
					n := 1 + (g+i)%4 // more shapes than are kept
					in := []vm.Array{{Name: "x", Shape: []int{n, 3}, Data: count(3 * n)}}
					in[0].Data[0] = float32(g)
					out := []vm.Array{{Name: "code", Data: make([]float32, 3*n)}}
					if err := f.Call(in, out); err != nil {
						return err
					}
					for k, v := range out[0].Data {
						if v != in[0].Data[k]/2 {
							return fmt.Errorf("goroutine %d: element %d is %v, want %v", g, k, v, in[0].Data[k]/2)
						}
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

func TestACallWithAKnownShapeAllocatesNothing(t *testing.T) {
	f := function(t, cpu.Config{}, halves, vm.FunctionOptions{})
	x, code := count(9), make([]float32, 9)
	shape := []int{3, 3}
	call := func() {
		if err := f.Call([]vm.Array{{"x", shape, x}}, []vm.Array{{"code", shape, code}}); err != nil {
			panic(err)
		}
	}
	call()
	require.Zero(t, testing.AllocsPerRun(100, call))
}
