// Progress of a download: a bar on a terminal, two lines anywhere else.

package data

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// A meter shows the progress of the download of one data set.
type meter struct {
	w        io.Writer
	terminal bool
	set      string // name of the data set
	bytes    int64  // to fetch in all
	begun    bool   // the first line is written
	bar      *progressbar.ProgressBar
	label    string // of the bar
	size     int64  // of the bar's file
}

func newMeter(w io.Writer, terminal bool, set string) *meter {
	return &meter{w: w, terminal: terminal, set: set}
}

// isTerminal tells whether w is a terminal, as opposed to a file, a pipe or a buffer.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// total sets the number of bytes to fetch.
func (m *meter) total(bytes int64) { m.bytes = bytes }

// file is called before each attempt at a file, the i-th of n.
func (m *meter) file(i, n int, f original) {
	m.label = fmt.Sprintf("%s %d/%d", m.set, i, n)
	m.size = f.size
}

// from is called when a file begins to arrive from a host. Nothing is shown before that, so a machine without a network
// shows nothing about downloads.
func (m *meter) from(host string) {
	if !m.begun {
		m.begun = true
		fmt.Fprintf(m.w, "data: downloading %s (%s) from %s\n", m.set, megabytes(m.bytes), host)
	}
	if m.terminal {
		m.bar = progressbar.NewOptions64(m.size,
			progressbar.OptionSetWriter(m.w),
			progressbar.OptionSetDescription(m.label),
			progressbar.OptionShowBytes(true),
			progressbar.OptionSetWidth(30),
			progressbar.OptionSetRenderBlankState(true),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
	}
}

// add counts n more bytes of the file.
func (m *meter) add(n int) {
	if m.bar != nil {
		_ = m.bar.Add(n) // an error concerns only the display: its writer, or a file longer than it should be
	}
}

// end is called after each attempt, whether it succeeded or not.
func (m *meter) end() {
	if m.bar != nil {
		_ = m.bar.Clear()
		m.bar = nil
	}
}

// done says that all files are in the folder.
func (m *meter) done(dir string) {
	fmt.Fprintf(m.w, "data: %s is in %s\n", m.set, dir)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
