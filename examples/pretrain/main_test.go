package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/models/dense"
)

func TestPretrainingImprovesAccuracy(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(&out, options{data: "digits", samples: 2000, labels: 100, epochs: 10}))
	t.Log(out.String())
	right := map[string]float64{}
	for _, name := range []string{"pretrained, encoder frozen", "pretrained, all trained", "from scratch"} {
		_, line, found := strings.Cut(out.String(), name)
		require.True(t, found)
		var share float64
		_, err := fmt.Sscanf(line, "%f %%", &share)
		require.NoError(t, err)
		right[name] = share
	}
	require.Greater(t, right["pretrained, encoder frozen"], 40.0, "chance is 10")
	require.Greater(t, right["pretrained, all trained"], right["from scratch"])
}

func TestAFrozenEncoderDoesNotChange(t *testing.T) {
	ctx, set, net := context.Background(), data.NewDigits(1, 128), dense.Config{Hidden: []int{16, 4}}
	ae, err := stheno.Train(ctx, net, set, stheno.Options{})
	require.NoError(t, err)
	defer ae.Close()
	before := map[string][]float64{}
	for _, p := range ae.Params().Trainable() {
		before[p.Name()] = p.Floats()
	}
	for _, frozen := range []bool{true, false} {
		c, err := stheno.Train(ctx, classifier{net, frozen}, set, stheno.Options{Params: ae.Params()})
		require.NoError(t, err)
		defer c.Close()
		for name, was := range before {
			now := ae.Params().Get(name).Floats()
			if frozen || strings.HasPrefix(name, "decoder/") {
				require.Equal(t, was, now, name)
			} else {
				require.NotEqual(t, was, now, name)
			}
		}
	}
}
