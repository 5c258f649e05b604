package main

import (
	"io"
	"os"
	"sync"
)

// shared returns a writer that several programs may write to at once, like a
// file.
func shared(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok {
		return f
	}
	return &turns{w: w}
}

// turns allows one write at a time.
type turns struct {
	mu sync.Mutex
	w  io.Writer
}

func (t *turns) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.w.Write(p)
}
