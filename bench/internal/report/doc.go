// Package report keeps what a benchmark measured and shows it to people: a JSON
// file for programs, a table for the terminal, and a page of HTML that stands
// alone in one file.
//
// Results is what results.json holds. Its layout is versioned and stable. Report
// adds what only the page shows: loss curves, pictures and notes. A figure that
// was not measured is an Opt that is not known: null in JSON, a dash to readers,
// and never 0.
package report
