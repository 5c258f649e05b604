// Build puts the emulator's stand-ins for libcuda, libnvrtc and libcublas into a
// folder:
//
//	eval "$(scripts/cuda-env)"
//	lib=$(go run ./cuda/internal/emu/build out/emulator)
//	CGO_LDFLAGS=-L$lib LD_LIBRARY_PATH=$lib go test -tags gpu ./cuda/...
//
// It prints the folder's full path.
package main

import (
	"fmt"
	"os"

	"github.com/stheno-ml/stheno/cuda/internal/emu"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: build FOLDER")
		os.Exit(2)
	}
	lib, err := emu.Build(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(lib)
}
