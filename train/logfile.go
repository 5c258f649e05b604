package train

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno/internal/atomicfile"
)

// logFile is a file to which lines are added. A line that cannot be written is a
// warning.
type logFile struct {
	path   string
	f      *os.File
	size   int64 // of the whole lines
	failed bool  // the latest line was not written
}

// begin begins a file, or goes on with the lines that keep reports true for.
func (l *logFile) begin(r *Run, path string, keep func(line []byte) bool) error {
	if path == "" {
		return errors.New("the log has no file: set Path")
	}
	if err := atomicfile.Clean(path); err != nil {
		return err
	}
	l.path = path
	if r.DryRun() {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	var lines []byte
	if r.Steps > 0 {
		content, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for line := range bytes.Lines(content) {
			// A killed process may leave a part of a line.
			if bytes.HasSuffix(line, []byte("\n")) && keep(line) {
				lines = append(lines, line...)
			}
		}
	}
	return l.replace(lines)
}

// replace replaces the file's content.
func (l *logFile) replace(content []byte) error {
	if err := l.close(); err != nil {
		return err
	}
	err := atomicfile.Write(l.path, func(w io.Writer) error { _, err := w.Write(content); return err })
	if err != nil {
		return err
	}
	l.f, err = os.OpenFile(l.path, os.O_RDWR, 0)
	l.size = int64(len(content))
	return err
}

// content returns the whole lines.
func (l *logFile) content() ([]byte, error) {
	if l.f == nil {
		return nil, os.ErrClosed
	}
	all := make([]byte, l.size)
	_, err := l.f.ReadAt(all, 0)
	return all, err
}

// write adds a line. If only a part of it could be written, the next line replaces it.
func (l *logFile) write(r *Run, line []byte) {
	if r.DryRun() {
		return
	}
	if l.f == nil {
		l.report(r, os.ErrClosed)
		return
	}
	_, err := l.f.WriteAt(line, l.size)
	if err == nil {
		l.size += int64(len(line))
	} else {
		_ = l.f.Truncate(l.size)
	}
	l.report(r, err)
}

// report warns of the first of several errors.
func (l *logFile) report(r *Run, err error) {
	if err != nil && !l.failed {
		r.Warn("the log %s misses lines: %v: training goes on", l.path, err)
	}
	l.failed = err != nil
}

func (l *logFile) close() error {
	f := l.f
	l.f = nil
	if f == nil {
		return nil
	}
	return f.Close()
}
