// Command gomlx runs GoMLX on its pure Go backend and takes the orders of
// bench/peers (see its package talk). It is a separate module, so that nothing
// else depends on GoMLX.
//
//	gomlx THREADS < orders
package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/stheno-ml/stheno/bench/peers/internal/talk"
)

func main() {
	if err := serve(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gomlx:", err)
		os.Exit(1)
	}
}

func serve(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: gomlx THREADS")
	}
	threads, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	answers := os.Stdout
	os.Stdout = os.Stderr // the backend prints its settings
	p, err := newPeer(threads)
	if err != nil {
		return err
	}
	return talk.Serve(os.Stdin, answers, p)
}
