package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/stheno-ml/stheno/cuda"
	"github.com/stheno-ml/stheno/train"
)

// writeKernels writes the CUDA C of each net's training step to the folder o.kernels,
// as conv-128.cu for batches of 128. It needs no GPU.
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

// kernelsOf returns the CUDA C of a net's training step.
func kernelsOf(n net, seed uint64) (string, error) {
	programs, err := train.TrainPrograms(n.model, n.batch, train.Options{Seed: seed})
	if err != nil {
		return "", err
	}
	var sources []string
	for _, p := range programs {
		source, err := cuda.Source(p)
		if err != nil {
			return "", err
		}
		sources = append(sources, source)
	}
	return strings.Join(sources, "\n"), nil
}
