package train

import (
	"fmt"
	"io"
	"os"
	"path"
	"sort"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows training on a writer: a bar for the epoch in progress if the writer
// is a terminal, and a line for each completed epoch.
type progress struct {
	Base
	w     io.Writer
	tty   bool
	bar   *progressbar.ProgressBar
	start time.Time
	first int // steps before this process
}

func newProgress(w io.Writer) *progress {
	p := &progress{w: w}
	if f, ok := w.(*os.File); ok {
		p.tty = term.IsTerminal(int(f.Fd()))
	}
	return p
}

// Start notes the time.
func (p *progress) Start(r *Run) error {
	p.start, p.first = time.Now(), r.Steps
	if r.Steps > 0 {
		p.warn(strings.TrimSpace(fmt.Sprintf("%s going on after step %d", r.Name(), r.Steps)))
	}
	return nil
}

// Step counts one step of an epoch.
func (p *progress) Step(r *Run) error {
	if !p.tty {
		return nil
	}
	if p.bar == nil {
		steps := r.PerEpoch()
		if steps == 0 {
			steps = -1 // not known: the bar shows that it is alive
		}
		p.bar = progressbar.NewOptions(steps,
			progressbar.OptionSetWriter(p.w),
			progressbar.OptionShowCount(),
			progressbar.OptionShowIts(),
			progressbar.OptionSetItsString("step"),
			progressbar.OptionSetWidth(24),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
		_ = p.bar.Add(r.Epoch.Steps - 1)
	}
	p.bar.Describe(fmt.Sprintf("%s epoch %s loss %.4f", r.Name(), epochOf(r), r.Loss()))
	_ = p.bar.Add(1) // an error in drawing the bar must not end the run
	return nil
}

// Epoch prints the line of a completed epoch.
func (p *progress) Epoch(r *Run) error {
	e := r.Epoch
	line := fmt.Sprintf("%s epoch %s  %.1fs  loss %.5f", r.Name(), epochOf(r), e.Took.Seconds(), e.Loss)
	names := make([]string, 0, len(e.Validation))
	for name := range e.Validation {
		if path.Base(name) != Loss { // it is also there under the task's name
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		line += fmt.Sprintf("  validation %s %.5f", name, e.Validation[name])
	}
	if took := e.Took.Seconds(); took > 0 {
		line += fmt.Sprintf("  %.0f steps/s", float64(e.Steps)/took)
	}
	if done := r.Steps - p.first; r.Total > r.Steps && done > 0 {
		left := time.Since(p.start) / time.Duration(done) * time.Duration(r.Total-r.Steps)
		line += fmt.Sprintf("  %v left", left.Round(time.Second))
	}
	p.warn(strings.TrimSpace(line))
	return nil
}

// End removes the bar.
func (p *progress) End(*Run, error) error {
	p.close()
	return nil
}

// epochOf is the number of the current epoch, and of all if it is known.
func epochOf(r *Run) string {
	if r.Epochs() == 0 {
		return fmt.Sprint(r.Epoch.Epoch)
	}
	return fmt.Sprintf("%d/%d", r.Epoch.Epoch, r.f.firstEpoch+r.Epochs())
}

// warn prints a line above the bar.
func (p *progress) warn(line string) {
	p.close()
	fmt.Fprintln(p.w, line)
}

// close removes the bar.
func (p *progress) close() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
