package train

import (
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows training on a writer: a bar for the epoch in progress if the writer
// is a terminal, and a line for each completed epoch.
type progress struct {
	w      io.Writer
	name   string
	epochs int
	steps  int
	tty    bool
	bar    *progressbar.ProgressBar
}

func newProgress(w io.Writer, name string, epochs, steps int) *progress {
	p := &progress{w: w, name: name, epochs: epochs, steps: steps}
	if f, ok := w.(*os.File); ok {
		p.tty = term.IsTerminal(int(f.Fd()))
	}
	return p
}

// step counts one step of an epoch.
func (p *progress) step(epoch int, loss float64) {
	if !p.tty {
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions(p.steps,
			progressbar.OptionSetWriter(p.w),
			progressbar.OptionShowCount(),
			progressbar.OptionShowIts(),
			progressbar.OptionSetItsString("step"),
			progressbar.OptionSetWidth(24),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
	}
	p.bar.Describe(fmt.Sprintf("%s epoch %d/%d loss %.4f", p.name, epoch+1, p.epochs, loss))
	_ = p.bar.Add(1) // an error in drawing the bar must not end the run
}

// epoch prints the line of a completed epoch.
func (p *progress) epoch(e Epoch) {
	p.close()
	if p.w == nil {
		return
	}
	line := fmt.Sprintf("%s epoch %d/%d  %.1fs  loss %.5f", p.name, e.Epoch, p.epochs, e.Took.Seconds(), e.Loss)
	names := make([]string, 0, len(e.Validation))
	for name := range e.Validation {
		if name != Loss { // it is also there under the task's name
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		line += fmt.Sprintf("  validation %s %.5f", name, e.Validation[name])
	}
	fmt.Fprintln(p.w, strings.TrimSpace(line))
}

// close removes the bar.
func (p *progress) close() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
