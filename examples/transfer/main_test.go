package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheTableHasARowForEachNumberOfLabels(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(&out, options{data: "digits", labels: "50,100", samples: 400, epochs: 1, steps: 20, seeds: 2}))
	t.Log(out.String())
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 4)
	for i, want := range []string{"| labels | pretrained, frozen |", "|---|", "| 50 |", "| 100 |"} {
		require.True(t, strings.HasPrefix(lines[i], want), lines[i])
		require.Equal(t, 5, strings.Count(lines[i], "|"), lines[i])
	}
}
