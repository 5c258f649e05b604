// Package report saves and shows what a benchmark measured: as a JSON file for
// programs, a table for the terminal, and a self-contained HTML page.
//
// Results is the content of results.json. Its layout is versioned and stable.
// Report adds what only the page shows: loss curves, pictures and notes. A
// figure that was not measured is an unknown Opt: null in JSON, a dash to
// readers, and never 0.
package report
