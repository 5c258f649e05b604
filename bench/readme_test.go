package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/bench/internal/report"
)

var update = flag.Bool("update", false, "write the table of presets in the README from bench/results/presets.json")

// The README's table of presets is between two marks, and is written from the results kept in this repository.
func TestTheREADMEHasTheFiguresOfThePresets(t *testing.T) {
	const path, begin, end = "../README.md", "<!-- presets -->\n", "<!-- end of presets -->\n"
	results, err := report.Load("results/presets.json")
	require.NoError(t, err)
	var want strings.Builder
	require.NoError(t, report.MarkdownPresets(&want, results.Presets))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	head, rest, found := strings.Cut(string(text), begin)
	require.True(t, found, "the README lacks the mark %q", begin)
	table, tail, found := strings.Cut(rest, end)
	require.True(t, found, "the README lacks the mark %q", end)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(head+begin+want.String()+end+tail), 0o644))
		return
	}
	require.Equal(t, want.String(), table, "go test ./bench -run README -update writes it")
}
