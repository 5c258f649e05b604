package main

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/presets"
)

var update = flag.Bool("update", false, "write the table of presets in the README from bench/results/presets.json")

// The README's table of presets is between two marks, and is written from the results kept in this repository.
func TestTheREADMEHasTheFiguresOfThePresets(t *testing.T) {
	const path, begin, end = "../README.md", "<!-- presets -->\n", "<!-- end of presets -->\n"
	results, err := report.Load("results/presets.json")
	require.NoError(t, err)
	var want strings.Builder
	require.NoError(t, report.MarkdownPresets(&want, heldAgainst(t, results.Presets)))
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

// heldAgainst sets what the figures are compared with to what the presets say now.
func heldAgainst(t *testing.T, figures []report.PresetFigure) []report.PresetFigure {
	var out []report.PresetFigure
	for _, row := range figures {
		p, err := presets.Find(row.Name)
		require.NoError(t, err)
		at := slices.IndexFunc(p[0].Figures, func(f presets.Figure) bool { return f.Metric == row.Metric })
		require.GreaterOrEqual(t, at, 0, "preset %s has no figure %q", row.Name, row.Metric)
		if f := p[0].Figures[at]; row.Program == "" {
			row.Expected, row.Source, row.Target, row.Higher, row.Met = given(f.Expected), f.Source, given(f.Target), f.Higher, f.Met(row.Value)
		}
		out = append(out, row)
	}
	return out
}
