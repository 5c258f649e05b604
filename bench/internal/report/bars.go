// Bars of step times: a panel for each model and batch, a bar for each run.

package report

import "fmt"

// barPanel is the chart of one model at one batch size.
type barPanel struct {
	Model string
	Bars  []bar
	Ticks []tick
}

// bar is one run: the median as a bar, the range from shortest to longest as a
// whisker.
type bar struct {
	Name, Class string
	Value       string // the median in ms
	Speedup     string // relative to the Baseline, or ""
	Width       string // of the bar, in percent of the track
	Whisker     bool
	From, Over  string // the whisker's start and width, in percent
	Hint        string
}

// tick is a labelled place on an axis.
type tick struct {
	At   string // in percent
	Text string
	End  string // "first" or "last" if the label would extend beyond the edge
}

// barPanels makes the charts of all models that have a step time, in the order
// of the runs. Emulated runs have no bar.
func barPanels(all []row, colours palette) []barPanel {
	var panels []barPanel
	titles := titlesOf(distinct(all, row.subject))
	for _, of := range distinct(all, row.subject) {
		var timed []row
		longest := 0.0
		for _, r := range all {
			median, known := r.StepMS.Median.Get()
			if r.subject() != of || !known || r.Emulated {
				continue
			}
			timed = append(timed, r)
			high, _ := r.StepMS.Max.Get()
			longest = max(longest, median, high)
		}
		if len(timed) == 0 {
			continue
		}
		scale := outerAxis(0, longest, 4)
		p := barPanel{Model: titles[of], Ticks: ticksOf(scale)}
		for _, r := range timed {
			p.Bars = append(p.Bars, barOf(r, timed, scale, colours))
		}
		panels = append(panels, p)
	}
	return panels
}

func (r row) subject() subject { return subject{r.Model, r.Batch} }

// barOf makes the bar of one run among those of its model.
func barOf(r row, peers []row, scale axis, colours palette) bar {
	median, _ := r.StepMS.Median.Get()
	b := bar{
		Name:  nameAmong(r, peers),
		Class: colours[r.Backend],
		Value: three(median) + " ms",
		Width: percentage(scale.at(median)),
		Hint:  fmt.Sprintf("%s %s: median %s ms", r.Model, r.Backend, three(median)),
	}
	if s, known := r.Speedup.Get(); known && len(peers) > 1 {
		b.Speedup = times(s)
	}
	low, hasLow := r.StepMS.Min.Get()
	high, hasHigh := r.StepMS.Max.Get()
	if hasLow && hasHigh && high >= low {
		b.Whisker = true
		b.From, b.Over = percentage(scale.at(low)), percentage(scale.at(high)-scale.at(low))
		b.Hint += fmt.Sprintf(", from %s to %s ms", three(low), three(high))
	}
	return b
}

// nameAmong names a run by its backend, and by its threads if other runs of its
// panel have the same backend.
func nameAmong(r row, peers []row) string {
	same := 0
	for _, p := range peers {
		if p.Backend == r.Backend {
			same++
		}
	}
	if same < 2 {
		return r.Backend
	}
	return fmt.Sprintf("%s, %s", r.Backend, some(r.Threads, "thread"))
}

// ticksOf returns the labelled places of an axis.
func ticksOf(a axis) []tick {
	var ticks []tick
	for _, v := range a.ticks {
		t := tick{At: percentage(a.at(v)), Text: a.label(v)}
		switch at := a.at(v); {
		case at < 0.02:
			t.End = "first"
		case at > 0.98:
			t.End = "last"
		}
		ticks = append(ticks, t)
	}
	return ticks
}

// percentage writes a place from 0 to 1 for a style sheet.
func percentage(at float64) string { return fmt.Sprintf("%.2f%%", 100*at) }
