package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// table prints a line for each test that creates a machine. It returns the number of
// failures: tests that are not pinned and fail on one of our machines. A pinned test may
// pass, because some depend on rounding.
func table(w io.Writer, runs []run, pinned map[string]string, verbose bool) (bad int) {
	var names []string
	for _, r := range runs {
		for _, t := range r.tests {
			if t.makes && !slices.Contains(names, t.name) {
				names = append(names, t.name)
			}
		}
	}
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprint(tab, "test")
	for _, r := range runs {
		fmt.Fprintf(tab, "\t%s\t", r.machine)
	}
	fmt.Fprintln(tab)
	passed := make([]int, len(runs))
	met := map[string]bool{}
	var notes []string
	for _, name := range names {
		fmt.Fprint(tab, name)
		for i, r := range runs {
			t := r.test(name)
			what := "pass"
			for _, part := range t.faults() {
				met[part] = met[part] || r.machine != "tape"
				switch {
				case r.machine == "tape" || pinned[part] == "":
					what = "FAIL"
				case what == "pass":
					what = "pinned"
				}
			}
			if len(t.failed) == 0 {
				passed[i]++
			}
			if what == "FAIL" && r.machine != "tape" {
				bad++
				notes = append(notes, fmt.Sprintf("%s fails on %s: %s", name, r.machine, strings.Join(t.faults(), ", ")))
				if verbose {
					notes = append(notes, t.output.String())
				}
			}
			fmt.Fprintf(tab, "\t%s\t%.2fs", what, t.took.Seconds())
		}
		fmt.Fprintln(tab)
	}
	fmt.Fprintf(tab, "%d tests", len(names))
	for i, r := range runs {
		fmt.Fprintf(tab, "\t%d\t%.2fs", passed[i], r.machines().Seconds())
	}
	fmt.Fprintln(tab)
	tab.Flush()
	for _, r := range runs {
		fmt.Fprintf(w, "%s: %.1f s for all %d tests of the suite, %.2f s for those that create a machine\n", r.machine, r.took.Seconds(), len(r.tests), r.machines().Seconds())
	}
	for _, part := range slices.Sorted(maps.Keys(pinned)) {
		top, _, _ := strings.Cut(part, "/")
		switch {
		case met[part]:
			fmt.Fprintf(w, "pinned %s: %s\n", part, pinned[part])
		case slices.Contains(names, top):
			notes = append(notes, fmt.Sprintf("%s is on the list of faults, but passes", part))
		}
	}
	for _, n := range notes {
		fmt.Fprintln(w, n)
	}
	return bad
}

// machines returns the time of the tests that create a machine.
func (r run) machines() (sum time.Duration) {
	for _, t := range r.tests {
		if t.makes {
			sum += t.took
		}
	}
	return sum
}
