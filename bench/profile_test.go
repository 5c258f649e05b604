package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/vm"
)

func TestProfileListsTheStepsAndTheirKinds(t *testing.T) {
	o, err := parse([]string{"-profile", "-batch", "16", "-models", "dense,conv", "-steps", "3"}, io.Discard)
	require.NoError(t, err)
	o.peak = 5 * time.Millisecond
	var out bytes.Buffer
	require.NoError(t, profile(context.Background(), o, smallSet(), &out))
	for _, want := range []string{"\ndense, batch 16, medians of 3 runs", "\nconv, batch 16,", " matmul ", "[16 784] [784 128]", " matmul (", "all steps", "the rest of"} {
		require.Contains(t, out.String(), want)
	}
	require.Equal(t, 4, strings.Count(out.String(), "all steps"))
}

func TestBoundIsTheLongerOfArithmeticAndMemory(t *testing.T) {
	c := ceiling{100e9, bandwidth{{1 << 20, 200e9}, {1 << 30, 50e9}}}
	for _, k := range []struct {
		flops, bytes, atOnce int64
		want                 time.Duration
		arithmetic           bool
	}{
		{2e9, 1 << 20, 1 << 20, 20 * time.Millisecond, true},
		{0, 1e6, 1e6, 5 * time.Microsecond, false},
		{1e6, 100e6, 100e6, 2 * time.Millisecond, false},
		{0, 100e6, 1e6, 500 * time.Microsecond, false}, // few bytes at a time
		{1, 100e9, 100e9, 2 * time.Second, false},      // more than the largest reading
	} {
		d, arithmetic := c.bound(k.flops, k.bytes, k.atOnce)
		require.Equal(t, k.want, d)
		require.Equal(t, k.arithmetic, arithmetic)
	}
}

func TestStepsAreMediansAndKindsAreSums(t *testing.T) {
	run := func(a, b, c int) []vm.StepProfile {
		return []vm.StepProfile{
			{Step: "map a0 [2]", Took: time.Duration(a)}, {Step: "matmul [2 2] [2 2]", Took: time.Duration(b), Flops: 16}, {Step: "map[x]", Took: time.Duration(c)},
		}
	}
	all := medians([][]vm.StepProfile{run(1, 50, 3), run(9, 40, 4), run(2, 60, 5)}, ceiling{1e9, bandwidth{{1, 1}}})
	require.Equal(t, []string{"matmul [2 2] [2 2]", "map[x]", "map a0 [2]"}, []string{all[0].name, all[1].name, all[2].name})
	k := sumByKind(all)
	require.Len(t, k, 2)
	require.Equal(t, part{name: "map", steps: 2, took: 6, min: 4}, k[1])
	require.EqualValues(t, 50, k[0].took)
}

func TestLongNamesKeepTheirEnds(t *testing.T) {
	require.Equal(t, "map a0 [2]", shorten("map\n\ta0  [2]"))
	long := shorten("matmul then {" + strings.Repeat("add(", 50) + "} [16 784]")
	require.Len(t, []rune(long), 120)
	require.True(t, strings.HasPrefix(long, "matmul then {") && strings.HasSuffix(long, "[16 784]"), long)
}

func TestBandwidthIsMeasuredAtEverySize(t *testing.T) {
	b := measureBandwidth(2, kernel.Best(), 10*time.Millisecond)
	require.Len(t, b, 5)
	for i, l := range b {
		require.Positive(t, l.rate)
		require.Equal(t, l.rate, b.at(l.bytes))
		require.True(t, i == 0 || l.bytes > b[i-1].bytes)
	}
	require.Equal(t, b[4].rate, b.at(1<<40))
	require.Contains(t, b.String(), " GB/s to 64 KiB, ")
}
