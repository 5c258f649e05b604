package plan

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/models/seq"
)

func TestAliveCountsBothEndsOfEverySpan(t *testing.T) {
	spans := []Span{{Size: 3, First: 0, Last: 1}, {Size: 5, First: 1, Last: 3}, {Size: 2, First: 3, Last: 3}}
	require.Equal(t, []int{3, 8, 5, 7}, Alive(spans))
	require.Equal(t, 8, Least(spans))
	require.Zero(t, Least(nil))
}

func TestLeastIsAtLeastWhatEachStepNeeds(t *testing.T) {
	p := step(t, seq.Config{Steps: 5, Features: 3, Hidden: []int{4}, Code: 2}, 3)
	alive := p.Alive()
	require.Len(t, alive, len(p.Steps))
	require.LessOrEqual(t, slices.Max(alive), p.Least)
	require.Positive(t, alive[0])
}
