// The table for the terminal.

package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// WriteTable writes the results for people to read in a terminal: the machine
// and the data, a table of speed, and a table of sizes and losses. An unknown
// figure is "-"; a run's error is in a line below its first row.
func WriteTable(w io.Writer, r Results) error {
	r = r.finite()
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, machineLine(r.Machine))
	if len(r.Runs) > 0 || len(r.Presets) == 0 {
		fmt.Fprintln(out, dataLine(r))
	}
	if len(r.Presets) > 0 {
		fmt.Fprintln(out)
		if err := presetTable(out, r.Presets); err != nil {
			return fmt.Errorf("write table: %w", err)
		}
	}
	all := rows(r.Runs)
	table(out, all, speedColumns, true)
	table(out, slices.DeleteFunc(slices.Clone(all), func(r row) bool { return blank(r, learningColumns) }), learningColumns, false)
	versions(out, r.Runs)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// emulatedWords says what the times of an emulated run mean.
const emulatedWords = "emulated: its times say nothing of a GPU"

// versions writes, after an empty line, a line for each backend that is another
// program or emulated.
func versions(w io.Writer, runs []Run) {
	var lines []string
	add := func(r Run, text string) {
		if line := r.Backend + ": " + text; !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	for _, r := range runs {
		if version, known := r.Version.Get(); known {
			add(r, version)
		}
		if r.Emulated {
			add(r, emulatedWords)
		}
	}
	if len(lines) > 0 {
		fmt.Fprintln(w)
	}
	for _, line := range lines {
		fmt.Fprintln(w, line)
	}
}

// machineLine describes the machine in one line.
func machineLine(m Machine) string {
	parts := []string{m.CPU, some(m.Cores, "core")}
	if gpu := gpuText(m); gpu != unknown {
		parts = append(parts, gpu)
	}
	parts = append(parts, m.Go)
	if peak := peakText(m.FMAPeak); peak != unknown {
		parts = append(parts, "FMA peak "+peak)
	}
	return strings.Join(parts, ", ")
}

// gpuText describes the GPU as far as it is known.
func gpuText(m Machine) string {
	g, known := m.Device.Get()
	if !known {
		return shown(m.GPU, words)
	}
	parts := []string{"compute capability " + g.Capability, some(g.Multiprocessors, "multiprocessor"), bytesOf(g.MemoryBytes)}
	if peak, known := g.PeakGFLOPS.Get(); known {
		parts = append(parts, "peak "+three(peak/1e3)+" TFLOP/s")
	}
	if bandwidth, known := g.BandwidthGBS.Get(); known {
		parts = append(parts, three(bandwidth)+" GB/s")
	}
	parts = append(parts, "driver for CUDA "+g.Driver)
	if g.Toolkit != "" {
		parts = append(parts, g.Toolkit)
	}
	return g.Name + " (" + strings.Join(parts, ", ") + ")"
}

// peakText describes the peak: 117 GFLOP/s on one thread, 234 on all.
func peakText(p FMAPeak) string {
	one, all := shown(p.One, three), shown(p.All, three)
	switch {
	case one == unknown && all == unknown:
		return unknown
	case all == unknown:
		return one + " GFLOP/s on one thread"
	case one == unknown:
		return all + " GFLOP/s on all threads"
	default:
		return one + " GFLOP/s on one thread, " + all + " on all"
	}
}

// dataLine describes data and seed in one line.
func dataLine(r Results) string {
	return fmt.Sprintf("data %s: %s to train, %s to test; seed %d", r.Data.Name, count(r.Data.Train), count(r.Data.Test), r.Seed)
}

// blank reports whether the row has nothing to show in the columns.
func blank(r row, columns []column) bool {
	return !slices.ContainsFunc(columns, func(c column) bool { return c.Text(r) != unknown })
}

// table writes, after an empty line, the rows under their headings, numbers
// aligned right. It writes nothing if there are no rows.
func table(w io.Writer, rows []row, columns []column, errors bool) {
	if len(rows) == 0 {
		return
	}
	columns = columnsOf(columns, rows)
	lines := make([][]string, len(rows)+1)
	lines[0] = []string{"model", "backend"}
	for _, c := range columns {
		lines[0] = append(lines[0], c.Head)
	}
	for i, r := range rows {
		lines[i+1] = []string{r.Model, r.Backend}
		for _, c := range columns {
			lines[i+1] = append(lines[i+1], c.Text(r))
		}
	}
	widths := make([]int, len(lines[0]))
	for _, cells := range lines {
		for i, text := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	fmt.Fprintln(w)
	for i, cells := range lines {
		padded := make([]string, len(cells))
		for j, text := range cells {
			width := widths[j]
			if j < 2 {
				width = -width
			}
			padded[j] = fmt.Sprintf("%*s", width, text)
		}
		fmt.Fprintln(w, strings.TrimRight(strings.Join(padded, "  "), " "))
		if errors && i > 0 && rows[i-1].Error != "" {
			fmt.Fprintf(w, "  ! %s\n", oneLine(rows[i-1].Error))
		}
	}
}

// oneLine puts a text of several lines into one.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
