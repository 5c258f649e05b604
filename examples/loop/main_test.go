package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/train"
)

func TestTheLoopHasTheLossesOfTheLibrarysLoop(t *testing.T) {
	o := options{data: "digits", samples: 700, epochs: 3, batch: 64}
	var out bytes.Buffer
	losses, err := run(&out, o)
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(out.String(), "\n"))
	require.Less(t, losses[len(losses)-1], losses[0]/2)

	set, _, err := stheno.Data(o.data)
	require.NoError(t, err)
	a, err := stheno.Train(t.Context(), dense.Config{}, data.Limit(set, o.samples), stheno.Options{
		Epochs: o.epochs, Batch: o.batch, DropLast: true, Seed: 1,
		Schedules: map[string]train.Schedule{"rate": train.Cosine(1e-3, 0)},
	})
	require.NoError(t, err)
	defer a.Close()
	var want []float64
	for _, e := range a.History() {
		want = append(want, e.Losses...)
	}
	require.Len(t, losses, 3*(700/64))
	require.Equal(t, want, losses, "bit for bit")
}

func TestADataSetThatIsNotThereIsAnError(t *testing.T) {
	_, err := run(&bytes.Buffer{}, options{data: "no such folder", samples: 8, epochs: 1, batch: 8})
	require.ErrorContains(t, err, "no such folder")
}
