// The page: one file of HTML with everything in it.

package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
)

//go:embed page.gohtml
var pageSource string

//go:embed style.css
var style string

// page is what the template shows.
type page struct {
	Style       template.CSS
	Subtitle    string
	Facts       []fact
	Notes       []string
	Bars        []barPanel
	HasBaseline bool // a bar has a speed relative to the Baseline
	Baseline    string
	Curves      []curvePanel
	Grids       []gridPanel
	Presets     []presetRow
	Drawn       []presetPanel
	Tables      []htmlTable
	Errors      []problem
	Command     string
	Runs        int
}

// fact is one entry of the page's head.
type fact struct{ Name, Text string }

// htmlTable is a table with a title.
type htmlTable struct {
	Title   string
	Columns []column
	Rows    []htmlRow
}

// htmlRow is one run in a table.
type htmlRow struct {
	Model, Backend, Device, Class string
	Failed                        bool
	Cells                         []cell
}

// cell is a figure under the heading Head.
type cell struct{ Head, Text string }

// problem is a run that failed, in whole or in part.
type problem struct{ Model, Backend, Reason string }

// WriteHTML writes the report as one page of HTML that needs no network and no
// scripts: machine and data, bars of step times, loss curves, pictures, tables,
// and the runs with errors. It returns an error if images do not fit the size
// of their grid.
func WriteHTML(w io.Writer, r Report) error {
	p, err := newPage(r)
	if err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	t, err := template.New("page").Funcs(template.FuncMap{"unknown": func() string { return unknown }}).Parse(pageSource)
	if err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	if err := t.Execute(w, p); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// newPage computes everything that the page shows.
func newPage(r Report) (page, error) {
	res := r.Results.finite()
	all := rows(res.Runs)
	colours := newPalette(r)
	grids, err := gridPanels(r.Images)
	if err != nil {
		return page{}, err
	}
	p := page{
		Style:    template.CSS(style),
		Subtitle: subtitle(res),
		Facts:    facts(r, res),
		Notes:    r.Notes,
		Bars:     barPanels(all, colours),
		Baseline: Baseline,
		Curves:   curvePanels(r.Curves, colours),
		Grids:    grids,
		Presets:  presetRows(res.Presets),
		Drawn:    presetPanels(r.Pictures),
		Command:  r.Command,
		Runs:     len(all),
	}
	for _, b := range p.Bars {
		for _, x := range b.Bars {
			p.HasBaseline = p.HasBaseline || x.Speedup != ""
		}
	}
	if len(all) > 0 {
		p.Tables = append(p.Tables, tableOf("Speed", all, speedColumns, colours))
	}
	var sized []row
	for _, r := range all {
		if !blank(r, learningColumns) {
			sized = append(sized, r)
		}
		if r.Error != "" {
			p.Errors = append(p.Errors, problem{r.Model, r.Backend, r.Error})
		}
	}
	if len(sized) > 0 {
		p.Tables = append(p.Tables, tableOf("Size and learning", sized, learningColumns, colours))
	}
	return p, nil
}

// tableOf fills a table.
func tableOf(title string, rows []row, columns []column, colours palette) htmlTable {
	columns = columnsOf(columns, rows)
	t := htmlTable{Title: title, Columns: columns}
	for _, r := range rows {
		h := htmlRow{Model: r.Model, Backend: r.Backend, Device: r.where(), Class: colours[r.Backend], Failed: r.Error != ""}
		for _, c := range columns {
			h.Cells = append(h.Cells, cell{c.Head, c.Text(r)})
		}
		t.Rows = append(t.Rows, h)
	}
	return t
}

// where says what the run ran on, and in which version of the program.
func (r Run) where() string {
	parts := []string{shown(r.Version, words), r.Device}
	if r.Emulated {
		parts = append(parts, emulatedWords)
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" || s == unknown }), "; ")
}

// subtitle says in one line what was compared.
func subtitle(r Results) string {
	if len(r.Runs) == 0 && len(r.Presets) > 0 {
		return some(len(distinct(r.Presets, func(f PresetFigure) string { return f.Name })), "preset")
	}
	if len(r.Runs) == 0 {
		return "no runs"
	}
	models := distinct(r.Runs, func(r Run) string { return r.Model })
	backends := distinct(r.Runs, func(r Run) string { return r.Backend })
	return fmt.Sprintf("%s on %s: %s", some(len(models), "model"), some(len(backends), "backend"), strings.Join(backends, ", "))
}

// facts lists the known facts for the page's head.
func facts(r Report, res Results) []fact {
	m := res.Machine
	set, seed := fmt.Sprintf("%s: %s to train, %s to test", res.Data.Name, count(res.Data.Train), count(res.Data.Test)), fmt.Sprint(res.Seed)
	if len(res.Runs) == 0 && len(res.Presets) > 0 { // each figure has its own
		set, seed = unknown, unknown
	}
	list := []fact{
		{"Data", set},
		{"Seed", seed},
		{"Processor", m.CPU + ", " + some(m.Cores, "core")},
		{"FMA peak", peakText(m.FMAPeak)},
		{"GPU", gpuText(m)},
		{"Platform", strings.TrimPrefix(r.Platform+", "+m.Go, ", ")},
		{"Date", unknown},
	}
	if !r.Date.IsZero() {
		list[len(list)-1].Text = r.Date.Format("2 January 2006, 15:04 MST")
	}
	return slices.DeleteFunc(list, func(f fact) bool { return f.Text == unknown })
}
