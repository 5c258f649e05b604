// Command stheno trains autoencoders and uses them, from the command line:
//
//	stheno train --data mnist --model vae -o runs/vae   train a model
//	stheno resume runs/vae                              go on with what was interrupted
//	stheno generate runs/vae -n 64 -o samples.png       use it
//	stheno help                                         all commands
//
// Each command is a few lines over package recipe; docs/command.md describes them.
package main

import (
	"os"

	"github.com/stheno-ml/stheno/internal/interrupt"
)

func main() {
	os.Exit(run(interrupt.Context("stheno", os.Stderr), os.Args[1:], os.Stdout, os.Stderr))
}
