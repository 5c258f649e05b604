// The table of presets in Markdown.

package report

import (
	"fmt"
	"io"
	"strings"
)

// MarkdownPresets writes the figures of presets as a Markdown table, one row for each preset and program.
func MarkdownPresets(w io.Writer, figures []PresetFigure) error {
	var b strings.Builder
	b.WriteString("| `-presets` | figure | reached | over seeds | target | published or by another program |\n|---|---|---|---|---|---|\n")
	var group []presetRow
	flush := func() {
		if len(group) > 0 {
			writeMarkdownRow(&b, group)
		}
		group = nil
	}
	for _, r := range presetRows(figures) {
		if len(group) > 0 && (group[0].Name != r.Name || group[0].Program != r.Program) {
			flush()
		}
		group = append(group, r)
	}
	flush()
	_, err := io.WriteString(w, b.String())
	return err
}

// writeMarkdownRow writes the figures of one preset by one program.
func writeMarkdownRow(b *strings.Builder, rows []presetRow) {
	column := func(of func(presetRow) string) string {
		var cells []string
		for _, r := range rows {
			cells = append(cells, strings.ReplaceAll(of(r), "|", `\|`))
		}
		return strings.Join(cells, "; ")
	}
	name := "`" + rows[0].Name + "`"
	if rows[0].Program != "" {
		name = "by " + rows[0].Program
	}
	spread := column(func(r presetRow) string {
		if r.Spread == unknown {
			return "seed " + r.Seeds
		}
		return r.Spread
	})
	if rows[0].Spread == unknown { // one seed
		spread = "seed " + rows[0].Seeds
	}
	published := column(func(r presetRow) string {
		if r.Expected == unknown {
			return unknown
		}
		return strings.TrimSuffix(r.Expected+", "+r.Source, ", ")
	})
	if strings.Trim(published, unknown+"; ") == "" {
		published = unknown
	}
	target := column(func(r presetRow) string { return r.Target })
	if strings.Trim(target, unknown+"; ") == "" {
		target = unknown
	}
	fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", name, column(func(r presetRow) string { return r.Metric }),
		column(func(r presetRow) string { return r.Value }), spread, target, published)
}
