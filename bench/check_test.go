package main

import (
	"bytes"
	"context"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/tape"
)

func TestBothMachinesTrainToTheSame(t *testing.T) {
	o, err := parse([]string{"-check", "-batch", "8", "-models", "conv,vae,dense", "-isa", strings.Join(isaNames(), ",")}, io.Discard)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, check(context.Background(), o, small(), &out), "%s", &out)
	for _, model := range o.models {
		require.Equal(t, 2*len(isaNames()), strings.Count(out.String(), "\n"+model+" "), "%s", &out)
	}
}

func TestWhatDiffersIsNamed(t *testing.T) {
	n := netNamed("dense", 4)
	x, err := someBatches(context.Background(), small().Train, 4, checkSteps, 1)
	require.NoError(t, err)
	run := func() trained {
		r, err := checkRun(context.Background(), n, options{seed: 1}, graph.Float32, tape.Compile, x, 0x1p-20)
		require.NoError(t, err)
		return r
	}
	oracle, got := run(), run()
	require.NoError(t, got.from(oracle, 1e-5).within(0), "the same machine twice")

	const name = "encoder/fc2/w"
	w := got.params.Get(name).Floats()
	largest, at := 0.0, 0 // of the tensor; and the element with the least slack
	for i, v := range w {
		largest = math.Max(largest, math.Abs(v))
		if oracle.slack[name][i] < oracle.slack[name][at] {
			at = i
		}
	}
	set := func(to float64) difference {
		changed := append([]float64(nil), w...)
		changed[at] = to
		require.NoError(t, got.params.Get(name).SetFloats(changed))
		return got.from(oracle, 1e-5)
	}
	d := set(w[at] + 3e-5*largest)
	require.Equal(t, name, d.name)
	require.Equal(t, 1, d.above)
	require.InDelta(t, 3e-5, d.param, 1e-6)
	require.ErrorContains(t, d.within(1e-5), `parameter "encoder/fc2/w" differs by`)
	require.ErrorContains(t, set(math.NaN()).within(1e-5), "NaN")

	require.NoError(t, got.params.Get("encoder/fc3/w").SetFloats(oracle.params.Get("encoder/fc1/w").Floats()[:64*32]))
	require.ErrorContains(t, set(math.NaN()).within(1e-5), "NaN", "a number after it does not hide it")

	got = run()
	got.losses[checkSteps-1] *= 1 + 1e-4
	require.ErrorContains(t, got.from(oracle, 1e-5).within(1e-5), "the loss differs by 1.0e-04")
	got.losses[0] = math.NaN()
	require.ErrorContains(t, got.from(oracle, 1e-5).within(1e-5), "NaN")
}

func TestSlackIsForGradientsThatAreMereRounding(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{})
	b.Param("w", nil, 3)
	b.State("adam/v/w", nil, 3)
	require.NoError(t, b.Err())
	require.NoError(t, p.Get("adam/v/w").SetFloats([]float64{1e-3, 1e-3 * 1e-6, 0})) // gradients 1, 1e-3 and 0 at step 1
	r := trained{params: p, slack: map[string][]float64{}}
	r.loosen(1, 1e-6)
	require.InDeltaSlice(t, []float64{2e-9, 2e-6, 2e-3}, r.slack["w"], 1e-9)
}

func TestTheNearerToFloat64IsRight(t *testing.T) {
	of := func(w float64) trained {
		p := graph.NewParams(graph.Float64, 1)
		b := graph.New(p, graph.Config{})
		b.Param("w", nil, 1)
		require.NoError(t, b.Err())
		require.NoError(t, p.Get("w").SetFloats([]float64{w}))
		return trained{params: p}
	}
	runs := 0
	e := exactly{run: func() (trained, error) { runs++; return of(2), nil }}
	words, err := e.nearer(of(2.002), of(1.98))
	require.NoError(t, err)
	require.Equal(t, "1.0e-03 from float64, the TapeMachine 1.0e-02", words)
	for _, w := range []float64{1.98, 3, math.NaN()} {
		words, err = e.nearer(of(w), of(1.98))
		require.NoError(t, err)
		require.Empty(t, words, w)
	}
	require.Equal(t, 1, runs)
	e = exactly{run: func() (trained, error) { return trained{}, io.ErrUnexpectedEOF }}
	_, err = e.nearer(of(1), of(1))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}
