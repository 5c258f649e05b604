package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/bench/peers/internal/talk"
)

const (
	own          = "cpu"  // the backend that the others are checked against
	ownGPU       = "cuda" // ours on a GPU
	channelsLast = "torch-channels-last"
)

// onCPU and onGPU list the programs in the order of the table. Those on a GPU
// run only if they are named.
var (
	onCPU = []string{own, "torch-eager", channelsLast, "torch-compile", "gomlx"}
	onGPU = []string{ownGPU, "torch-cuda", "torch-cuda-compile", "torch-cuda-graphs", "torch-cuda-compile-graphs"}
)

// known splits a list of backends.
func known(list string) ([]string, error) {
	names := strings.Split(list, ",")
	all := slices.Concat(onCPU, onGPU)
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("unknown backend %q: choose from %s", name, strings.Join(all, ", "))
		}
	}
	if !slices.Contains(names, own) {
		names = append([]string{own}, names...)
	}
	return names, nil
}

// command returns the command that starts a backend's program, or an error that
// says why it cannot be started.
func command(o options, backend string) ([]string, error) {
	threads := strconv.Itoa(o.threads)
	switch {
	case backend == own:
		self, err := os.Executable()
		return []string{self, "-serve"}, err
	case backend == ownGPU:
		self, err := os.Executable()
		return []string{self, "-serve", "-machine", ownGPU}, err
	case backend == "gomlx" && o.gomlx == "":
		return nil, fmt.Errorf("the program in bench/peers/gomlx is not built: its modules could not be downloaded")
	case backend == "gomlx":
		return []string{o.gomlx, threads}, nil
	case isTorch(backend) && o.python == "":
		return nil, fmt.Errorf("there is no PyTorch: it could not be installed")
	}
	return []string{o.python, filepath.Join(o.folder, "peer.py"), backend, threads}, nil
}

// isTorch reports whether a backend is one of PyTorch's.
func isTorch(backend string) bool { return strings.HasPrefix(backend, report.Rival+"-") }

// start starts a backend's program with its number of threads.
func start(ctx context.Context, o options, backend string, log io.Writer) (*talk.Program, error) {
	line, err := command(o, backend)
	if err != nil {
		return nil, err
	}
	threads := strconv.Itoa(o.threads)
	env := append(os.Environ(), "GOMAXPROCS="+threads, "OMP_NUM_THREADS="+threads, "MKL_NUM_THREADS="+threads)
	return talk.Start(ctx, log, env, backend, line...)
}
