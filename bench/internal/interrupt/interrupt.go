// Package interrupt lets a run that takes minutes be ended without loss: what
// was asked to end finishes the step under way and saves what it has.
package interrupt

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Context is cancelled by the first interrupt or SIGTERM, which log gets a line
// about, after the name of the program; a second one ends the process. Writing to
// a pipe that nobody reads any more is an error from now on and ends nothing.
func Context(name string, log io.Writer) context.Context {
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop()
		fmt.Fprintf(log, "%s: finishing the step under way; a second signal ends at once\n", name)
	})
	return ctx
}
