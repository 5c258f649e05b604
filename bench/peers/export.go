package main

// The one file that all programs start from: our weights, the batches, and the
// noise for the check.

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/stheno-ml/stheno/bench/peers/internal/talk"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

const (
	seed    = 1 // of weights, order, noise and generated images
	batches = 8 // different batches, used in turn
	checked = 5 // most steps between the first and the last loss compared
)

// export writes the file of a net.
func export(ctx context.Context, path string, n talk.Net, set data.Set) error {
	p := graph.NewParams(graph.Float32, seed)
	b := graph.New(p, graph.Config{Training: true})
	if n.Encode {
		encoder(b, n)
	} else {
		m, err := modelOf(n)
		if err != nil {
			return err
		}
		m.Build(b, n.Batch)
	}
	if err := b.Err(); err != nil {
		return fmt.Errorf("net %s: %w", n.Name, err)
	}
	var names []string
	tensors := map[string]talk.Tensor{}
	add := func(name string, data []float32, shape ...int) {
		names = append(names, name)
		tensors[name] = talk.Tensor{Shape: shape, Data: data}
	}
	for _, w := range p.Trainable() {
		add("w/"+w.Name(), w.Value().Data().([]float32), w.Shape()...)
	}
	x, err := images(ctx, n, set)
	if err != nil {
		return err
	}
	add("x", x, batches*n.Batch, sample(n))
	if k := kinds[n.Kind]; k.noise != "" {
		width := n.Code * max(k.draws, 1)
		add("eps", noise(n, k.noise, width), (checked+1)*n.Batch, width)
	}
	return talk.Save(path, names, tensors)
}

// images are the batches: images of the data set if the net takes such images,
// else uniform numbers in [0,1).
func images(ctx context.Context, n talk.Net, set data.Set) ([]float32, error) {
	size := sample(n)
	x := make([]float32, 0, batches*n.Batch*size)
	field, err := data.FieldOf(set, "x")
	if err != nil {
		return nil, err
	}
	if field.Size() != size {
		draw := lower.Random{Kind: lower.RandomUniform, Key: lower.RandomKey(seed, "images"), Shape: lower.Shape{batches * n.Batch, size}}
		for i := range cap(x) {
			x = append(x, draw.At(0, uint64(i/size), i%size))
		}
		return x, nil
	}
	b, err := data.NewBatches(set, data.BatchOptions{Size: n.Batch, Seed: seed, Shuffle: true, DropLast: true})
	if err != nil {
		return nil, err
	}
	defer b.Close()
	for len(x) < cap(x) {
		batch, err := b.Next(ctx)
		if errors.Is(err, io.EOF) && len(x) > 0 {
			continue // next epoch: the same images in another order
		}
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("net %s: the data has %d samples, want a batch of %d", n.Name, set.Len(), n.Batch)
		}
		if err != nil {
			return nil, err
		}
		x = append(x, batch.Field("x")...)
	}
	return x, nil
}

// noise is the noise that our net draws in the first steps under a name, in the given
// width for each sample.
func noise(n talk.Net, name string, width int) []float32 {
	draw := lower.Random{Kind: lower.RandomNormal, Key: lower.RandomKey(seed, name), Shape: lower.Shape{n.Batch, width}}
	eps := make([]float32, (checked+1)*n.Batch*width)
	for i := range eps {
		eps[i] = draw.At(0, uint64(i/width), i%width)
	}
	return eps
}
