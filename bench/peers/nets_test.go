package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
)

// TestTheTableSaysWhatOurModelsAre compares nets.json, from which the peers
// build their nets, with our models: a net of another size would not be the
// same work.
func TestTheTableSaysWhatOurModelsAre(t *testing.T) {
	all, err := nets()
	require.NoError(t, err)
	require.NotEmpty(t, all)
	for _, n := range all {
		t.Run(n.Name, func(t *testing.T) {
			params, flops, err := measure(n)
			require.NoError(t, err)
			require.Equal(t, params, n.Params, "params")
			require.Equal(t, flops, n.Flops, "flops")
		})
	}
}

func TestNetsAreChosenByName(t *testing.T) {
	some, err := choose("dense,conv")
	require.NoError(t, err)
	require.Len(t, some, 2)
	require.Equal(t, "conv", some[0].Name, "in the order of the table")
	_, err = choose("conv,resnet")
	require.ErrorContains(t, err, `unknown net "resnet": choose from conv, conv-strided`)
}

// digits is a small data set.
func digits(t *testing.T) data.Set {
	set, err := data.Open(context.Background(), "digits", data.Options{})
	require.NoError(t, err)
	return set.Train
}
