// Presets: the figures they reached beside the published ones, and their pictures.

package report

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// PresetFigure is a figure that a run of a preset reached.
type PresetFigure struct {
	Name      string       `json:"name"`
	Program   string       `json:"program,omitempty"` // another program that ran the recipe, with its version; "" is this one
	Title     string       `json:"title"`
	Epochs    int          `json:"epochs"` // over all stages of the training
	Seed      uint64       `json:"seed"`
	Metric    string       `json:"metric"` // what it is, with its unit
	Value     float64      `json:"value"`
	Untrained Opt[float64] `json:"untrained"` // that of the net before training
	Expected  Opt[float64] `json:"expected"`  // that was published, or measured with another program
	Source    string       `json:"source"`    // of the expected figure
	Target    Opt[float64] `json:"target"`    // what this project asks of itself
	Higher    bool         `json:"higher"`    // more is better
	Met       bool         `json:"met"`       // the target is reached
	Seconds   float64      `json:"seconds"`   // of training and scoring, without what an interrupted process did before
	Machine   string       `json:"machine"`
	Notes     []string     `json:"notes,omitempty"`
}

// PresetPicture is a drawing of a run of a preset, a PNG file.
type PresetPicture struct {
	Name, Title string
	Seed        uint64
	PNG         []byte
}

// mergePresets adds other figures to those there. A figure that is there already, of the same seed of the same
// program, is replaced.
func mergePresets(have, others []PresetFigure) []PresetFigure {
	for _, o := range others {
		at := slices.IndexFunc(have, func(f PresetFigure) bool {
			return f.Name == o.Name && f.Program == o.Program && f.Metric == o.Metric && f.Seed == o.Seed
		})
		if at < 0 {
			have = append(have, o)
			continue
		}
		have[at] = o
	}
	return have
}

// presetRow is a figure of a preset over all seeds.
type presetRow struct {
	Name, Program, Title, Metric       string
	Value, Spread, Expected, Target    string
	Source, Seeds, Minutes, Met, Notes string
}

// presetRows are the figures, one row for each metric of a preset, in their order. Those of other programs follow
// those of this one.
func presetRows(figures []PresetFigure) []presetRow {
	type key struct{ name, metric, program string }
	byKey := map[key][]PresetFigure{}
	var order []key
	for _, f := range figures {
		k := key{f.Name, f.Metric, f.Program}
		if byKey[k] == nil {
			order = append(order, k)
		}
		byKey[k] = append(byKey[k], f)
	}
	names := map[string]int{}
	for _, k := range order {
		if _, has := names[k.name]; !has {
			names[k.name] = len(names)
		}
	}
	slices.SortStableFunc(order, func(a, b key) int {
		return cmp.Or(cmp.Compare(names[a.name], names[b.name]), strings.Compare(a.program, b.program))
	})
	var rows []presetRow
	for _, k := range order {
		rows = append(rows, presetRowOf(byKey[k]))
	}
	return rows
}

func presetRowOf(figures []PresetFigure) presetRow {
	first := figures[0]
	r := presetRow{
		Name: first.Name, Program: first.Program, Title: first.Title, Metric: first.Metric, Source: first.Source,
		Expected: shown(first.Expected, reached), Target: shown(first.Target, reached), Spread: unknown, Met: unknown,
	}
	var values, seeds, notes []string
	var sum, seconds float64
	met := 0
	lo, hi := first.Value, first.Value
	for _, f := range figures {
		sum, seconds, lo, hi = sum+f.Value, seconds+f.Seconds, min(lo, f.Value), max(hi, f.Value)
		values, seeds = append(values, reached(f.Value)), append(seeds, strconv.FormatUint(f.Seed, 10))
		if f.Met {
			met++
		}
		for _, n := range f.Notes {
			if !slices.Contains(notes, n) {
				notes = append(notes, n)
			}
		}
	}
	n := float64(len(figures))
	r.Value, r.Seeds, r.Notes = reached(sum/n), strings.Join(seeds, ", "), strings.Join(notes, "; ")
	r.Minutes = significant(seconds/n/60, 2)
	if len(values) > 1 {
		r.Spread = reached(lo) + " to " + reached(hi)
	}
	if _, has := first.Target.Get(); has {
		r.Met = fmt.Sprintf("%d of %d", met, len(figures))
	}
	return r
}

// reached formats a figure of a preset.
func reached(v float64) string { return significant(v, 4) }

// presetTable writes the figures for people to read in a terminal.
func presetTable(w io.Writer, figures []PresetFigure) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "preset\tfigure\treached\tover seeds\tpublished\ttarget\tmet\tminutes")
	for _, r := range presetRows(figures) {
		name := r.Name
		if r.Program != "" {
			name += " by " + r.Program
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, r.Metric, r.Value, r.Spread, r.Expected, r.Target, r.Met, r.Minutes)
	}
	return t.Flush()
}

// presetPanel is the pictures of one preset.
type presetPanel struct {
	Name     string
	Pictures []shownPicture
}

type shownPicture struct {
	Title string
	URI   template.URL
}

// presetPanels groups pictures by preset. Those of the first seed are shown.
func presetPanels(pictures []PresetPicture) []presetPanel {
	var panels []presetPanel
	seed := map[string]uint64{}
	for _, p := range pictures {
		if len(panels) == 0 || panels[len(panels)-1].Name != p.Name {
			panels = append(panels, presetPanel{Name: p.Name})
			seed[p.Name] = p.Seed
		}
		if seed[p.Name] == p.Seed {
			at := &panels[len(panels)-1]
			at.Pictures = append(at.Pictures, shownPicture{p.Title, template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(p.PNG))})
		}
	}
	return panels
}
