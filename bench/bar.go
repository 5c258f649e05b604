package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// bar shows the progress of timing if the log is a terminal.
type bar struct{ p *progressbar.ProgressBar }

func newBar(w io.Writer, name string, n int) bar {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return bar{}
	}
	return bar{progressbar.NewOptions(n,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(name),
		progressbar.OptionSetWidth(24),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)}
}

func (b bar) tick() {
	if b.p != nil {
		_ = b.p.Add(1) // an error in drawing the bar must not end the run
	}
}

func (b bar) done() {
	if b.p != nil {
		_ = b.p.Finish()
	}
}
