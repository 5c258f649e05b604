// Package interrupt ends a run of minutes without loss: on a signal, the
// program finishes the current step and saves its results.
package interrupt

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Context is cancelled by the first interrupt or SIGTERM, and log gets a line
// about it that begins with the program's name; a second signal ends the
// process. From now on, writing to a pipe without a reader is an error and does
// not end the process.
func Context(name string, log io.Writer) context.Context {
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop()
		fmt.Fprintf(log, "%s: finishing the current step; a second signal ends at once\n", name)
	})
	return ctx
}
