package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno/cuda"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// writeKernels writes the CUDA C of each net's training step into the folder
// o.kernels, as conv-128.cu for batches of 128. It needs no GPU.
func writeKernels(ctx context.Context, o options, stdout io.Writer) error {
	if err := os.MkdirAll(o.kernels, 0o755); err != nil {
		return err
	}
	var failed []error
	for _, n := range o.nets() {
		if err := ctx.Err(); err != nil {
			return err
		}
		path := filepath.Join(o.kernels, fmt.Sprintf("%s-%d.cu", n.name, n.batch))
		source, err := kernelsOf(n, o.seed)
		if err == nil {
			err = os.WriteFile(path, []byte(source), 0o644)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("kernels of %s, batch %d: %w", n.name, n.batch, err))
			continue
		}
		fmt.Fprintf(stdout, "wrote %s, %d bytes\n", path, len(source))
	}
	return errors.Join(failed...)
}

// kernelsOf is the CUDA C of a net's training step.
func kernelsOf(n net, seed uint64) (source string, err error) {
	written := errors.New("written")
	_, err = train.NewTrainStep(n.model, graph.NewParams(graph.Float32, seed), n.batch, seed, optim.Adam{}, func(b *graph.Builder) (graph.VM, error) {
		if source, err = cuda.Source(b); err != nil {
			return nil, err
		}
		return nil, written // there is no machine to make
	})
	if errors.Is(err, written) {
		err = nil
	}
	return source, err
}
