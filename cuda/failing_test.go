//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cuda/internal/driver"
	"github.com/stheno-ml/stheno/cuda/internal/emulated"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/internal/zoo"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// emulator returns the emulator, and clears its failures at the end of the
// test.
func emulator(t *testing.T) *emulated.Driver {
	t.Helper()
	d, err := emulated.Open()
	if err != nil {
		t.Skip("for the emulator only: ", err)
	}
	require.Equal(t, emulated.Live{}, d.Live(), "left by another test")
	t.Cleanup(d.Reset)
	return d
}

// threeSteps trains a small net for three steps, and returns the first error. The
// batch of the first comes from the host, those of the others from a table. It calls
// after, which may be nil, with the weights after each successful
// step.
func threeSteps(p *graph.Params, after func()) (err error) {
	b := graph.New(p, graph.Config{Training: true})
	net := dense.Config{Input: 6, Hidden: []int{4, 2}}.Build(b, 3)
	optim.Minimize(b, optim.Adam{}, net.Tasks[0])
	b.Output("loss", net.Tasks[0].Loss)
	program, err := b.Program()
	if err != nil {
		return err
	}
	m, err := Config{}.Compile(program)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	x := make([]float32, 3*18)
	for i := range x {
		x[i] = float32((i%18+i/18)%5) / 5
	}
	samples, err := Config{}.Hold(p.Dtype(), 9, 6)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, samples.Close()) }()
	if err := samples.Write(0, x); err != nil {
		return err
	}
	for step := range 3 {
		if step == 0 {
			err = m.Feed(graph.InputX, x[:18])
		} else {
			err = m.(vm.Gatherer).Gather(graph.InputX, samples, []int{3 * step, 3*step + 1, 3*step + 2})
		}
		if err != nil {
			return err
		}
		if err := vm.Run(m); err != nil {
			return err
		}
		if _, err := m.Number("loss"); err != nil {
			return err
		}
		if after != nil {
			after()
		}
	}
	return nil
}

// weights are all parameters as one line.
func weights(p *graph.Params) string {
	var s strings.Builder
	for _, q := range p.All() {
		fmt.Fprint(&s, q.Name(), q.Floats())
	}
	return s.String()
}

// Each call of the driver fails in turn: there is an error and no leak, and the
// parameters are those before or after a step.
func TestEveryCallThatFailsLeavesTheParametersIntact(t *testing.T) {
	d := emulator(t)
	good := graph.NewParams(graph.Float32, 1)
	states, last := map[string]bool{}, ""
	counts := map[string]int{}
	for _, call := range driverCalls {
		counts[call] = d.Calls(call)
	}
	require.NoError(t, threeSteps(good, func() { last = weights(good); states[last] = true }))
	for call, before := range counts {
		counts[call] = d.Calls(call) - before
	}
	fresh := func() *graph.Params { // with all parameters at their initial values
		p := graph.NewParams(graph.Float32, 1)
		b := graph.New(p, graph.Config{Training: true})
		optim.Minimize(b, optim.Adam{}, dense.Config{Input: 6, Hidden: []int{4, 2}}.Build(b, 3).Tasks[0])
		require.NoError(t, b.Err())
		return p
	}
	states[weights(fresh())] = true
	require.Len(t, states, 4)
	require.Equal(t, emulated.Live{}, d.Live())

	const unknown = 999
	for _, call := range driverCalls {
		require.Positive(t, counts[call], "%s is not called: take it from the list", call)
		for nth := 1; nth <= counts[call]; nth += max(1, counts[call]/8) {
			what := fmt.Sprintf("call %d of %d of %s", nth, counts[call], call)
			p := fresh()
			d.Fail(call, nth, unknown)
			err := threeSteps(p, nil)
			d.Fail(call, 0, 0)
			if err == nil { // the failed call was recovered from, such as loading code from the cache
				require.Equal(t, last, weights(p), what)
				continue
			}
			var e *driver.Error
			require.ErrorAs(t, err, &e, what)
			require.Equal(t, unknown, e.Code, what)
			if err := p.Sync(); err == nil {
				require.True(t, states[weights(p)], "%s: the parameters are not those between two steps", what)
			} else {
				require.ErrorContains(t, err, "lost", what)
			}
			if emulated.Frees(call) {
				d.Reset()
			} else {
				require.Equal(t, emulated.Live{}, d.Live(), what)
			}
		}
	}
}

// driverCalls are the functions of the driver that a training step calls.
var driverCalls = []string{
	"cuDeviceGetCount", "cuDevicePrimaryCtxRetain", "cuDevicePrimaryCtxRelease", "cuCtxSetCurrent",
	"cuMemAlloc", "cuMemFree", "cuMemHostAlloc", "cuMemFreeHost",
	"cuMemcpyHtoD", "cuMemcpyDtoH", "cuMemcpyHtoDAsync", "cuMemcpyDtoHAsync", "cuMemcpyDtoDAsync",
	"cuStreamCreate", "cuStreamDestroy", "cuStreamSynchronize", "cuStreamWaitEvent", "cuStreamBeginCapture", "cuStreamEndCapture",
	"cuGraphGetNodes", "cuGraphInstantiateWithFlags", "cuGraphLaunch", "cuGraphDestroy", "cuGraphExecDestroy",
	"cuEventCreate", "cuEventDestroy", "cuEventRecord", "cuEventSynchronize",
	"cuModuleLoadDataEx", "cuModuleGetFunction", "cuModuleUnload", "cuLaunchKernel",
}

func TestALostGPUIsAnErrorAndTheHostKeepsWhatItHad(t *testing.T) {
	d := emulator(t)
	p := graph.NewParams(graph.Float32, 1)
	steps, second := 0, ""
	err := threeSteps(p, func() {
		if steps++; steps == 2 {
			second = weights(p) // the host has these values
			d.Lose(int(700))    // an illegal address
		}
	})
	require.ErrorIs(t, err, driver.ErrLost)
	require.NoError(t, p.Sync(), "nothing was changed since")
	require.Equal(t, second, weights(p))
	d.Reset()
	require.NoError(t, threeSteps(p, nil), "another context works")
}

func TestWhatOnlyALostGPUHadIsNotTakenForCurrent(t *testing.T) {
	d := emulator(t)
	p := graph.NewParams(graph.Float32, 1)
	steps := 0
	err := threeSteps(p, func() {
		if steps++; steps == 2 {
			d.Lose(700)
		}
	})
	require.ErrorIs(t, err, driver.ErrLost)
	require.ErrorContains(t, p.Sync(), "lost with the GPU's machine")
	d.Reset()
	require.ErrorContains(t, threeSteps(p, nil), "lost with the GPU's machine", "no machine goes on from old values by itself")
	for _, q := range p.All() {
		require.NoError(t, q.SetFloats(make([]float64, q.Shape().Size())))
	}
	require.NoError(t, threeSteps(p, nil))
}

func TestOutOfMemorySaysWhatWouldFitAndLeavesOtherMachines(t *testing.T) {
	d := emulator(t)
	const memory = 4 << 20
	d.SetMemory(memory)
	build := func(batch int) (vm.Machine, error) {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		b.Output("sum", b.Sum(b.Square(b.Tanh(b.Input("x", batch, 256)))))
		p, err := b.Program()
		require.NoError(t, err)
		return Config{}.Compile(p)
	}
	m, err := build(64)
	require.NoError(t, err)
	_, err = build(1 << 13)
	require.ErrorIs(t, err, driver.ErrOutOfMemory)
	for _, words := range []string{"MiB", "are free", "a batch of about", "instead of 8192"} {
		require.ErrorContains(t, err, words)
	}
	require.NoError(t, m.Feed("x", make([]float32, 64*256)))
	require.NoError(t, vm.Run(m), "the other machine runs")
	require.NoError(t, m.Close())
	require.Equal(t, emulated.Live{}, d.Live())
}

func TestAThousandMachinesLeaveNothing(t *testing.T) {
	d := emulator(t)
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	w := b.Param("w", graph.Normal(0, 1), 8)
	b.Update(w, b.Scale(w, 0.5))
	p, err := b.Program()
	require.NoError(t, err)
	for range 1000 {
		m, err := Config{}.Compile(p)
		require.NoError(t, err)
		require.NoError(t, vm.Run(m))
		require.NoError(t, m.Close())
	}
	require.Equal(t, emulated.Live{}, d.Live())
}

// If calls are made one by one, a kernel that faults is named, with the node.
func TestAFailedLaunchNamesTheKernelAndTheNode(t *testing.T) {
	d := emulator(t)
	d.Fail("cuLaunchKernel", 1, 719)
	err := threeSteps(graph.NewParams(graph.Float32, 1), nil)
	require.ErrorContains(t, err, "step 0, matmul")
	require.ErrorContains(t, err, "kernel product")
	require.ErrorContains(t, err, "(node ")
}

// Streams run as late as they may, and threads in other orders, so a missing
// wait or a dependence on order shows.
func TestTheSameBitsWheneverStreamsAndThreadsRun(t *testing.T) {
	d := emulator(t)
	defer d.SetMode(false, 0, true)
	for _, e := range suite.EveryNth(zoo.All(), modelsApart(t)) {
		want, wantParams := suite.Trained(t, e, graph.Float32, Config{})
		for _, order := range []int{0, 1, 5} {
			d.SetMode(true, order, true)
			got, gotParams := suite.Trained(t, e, graph.Float32, Config{})
			require.Equal(t, want, got, "%s, order %d", e.Name, order)
			require.Equal(t, wantParams, gotParams, "%s, order %d", e.Name, order)
		}
		d.SetMode(false, 0, true)
	}
}

// A machine whose first run fails keeps what another machine, whose run may
// still be in flight, has made of the parameters.
func TestARunThatFailsWaitsForThatOfAnotherMachine(t *testing.T) {
	d := emulator(t)
	defer d.SetMode(false, 0, true)
	d.SetMode(true, 0, true) // work runs as late as it may
	p := graph.NewParams(graph.Float32, 1)
	build := func() vm.Machine {
		b := graph.New(p, graph.Config{})
		w := b.Param("w", nil, 4)
		b.Update(w, b.AddConst(w, 1))
		return suite.MachineOf(t, Config{}, b, nil)
	}
	first, second := build(), build()
	for i := range 3 {
		if i >= first.MaxInFlight() {
			require.NoError(t, first.Wait())
		}
		require.NoError(t, first.Start())
	}
	const unknown = 999
	d.Fail("cuLaunchKernel", 1, unknown)
	require.Error(t, vm.Run(second))
	require.Equal(t, []float64{3, 3, 3, 3}, p.Get("w").Floats())
	require.NoError(t, vm.Run(second))
	require.Equal(t, []float64{4, 4, 4, 4}, p.Get("w").Floats())
	require.NoError(t, first.Close())
	require.NoError(t, second.Close())
}
