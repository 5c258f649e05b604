package data

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/stheno-ml/stheno/internal/edges"
)

func TestNoArgumentMakesASetOrAStreamPanic(t *testing.T) {
	dir := t.TempDir()
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		digits := NewDigits(1, 5)
		short := &IDX{Name: "short", Dims: []int{5, 2, 2}, Data: make([]byte, 3)}
		whole := &IDX{Name: "whole", Dims: []int{5, 2, 2}, Data: make([]byte, 20)}
		labels := &IDX{Name: "labels", Dims: []int{5}, Data: make([]byte, 5)}
		images, err := NewImages(whole, labels, 10)
		if err != nil {
			panic(err)
		}
		numbers, err := InMemory(make([]float32, 6), nil, 2)
		if err != nil {
			panic(err)
		}
		next := func(x []float32) (int, error) { return -1, io.EOF }
		source := FromFunc([]int{2}, 0, func(int) (func([]float32) (int, error), error) { return next, nil })
		batches, err := NewBatches(digits, BatchOptions{})
		if err != nil {
			panic(err)
		}
		if err := batches.Close(); err != nil {
			panic(err)
		}
		still, err := NewBatches(digits, BatchOptions{Size: 2, Prefetch: -1})
		if err != nil {
			panic(err)
		}
		offline := Options{Dir: dir, Offline: true, Log: io.Discard}
		return []any{
				digits, images, numbers, Limit(numbers, 2), Limit(digits, 1<<40), FromSet(digits), Shuffle(FromSet(digits), 3, 1), source,
				batches, still, &Batches{}, &FormatError{}, Position{},
			}, map[string]any{
				"NewBatches": NewBatches, "NewStreamBatches": NewStreamBatches, "InMemory": InMemory, "Limit": Limit, "Subset": Subset,
				"NewImages": NewImages, "NewDigits": NewDigits, "FromFunc": FromFunc, "FromSet": FromSet, "Shuffle": Shuffle,
				"ReadIDX": ReadIDX, "OpenIDX": OpenIDX,
				"Open": func(ctx context.Context, name string, o Options) {
					o.Offline, o.Log = true, io.Discard
					Open(ctx, name, o)
				},
				"Open then Batches": func(s Set, o BatchOptions, ctx context.Context) { nextOf(NewBatches(s, o))(ctx) },
				"Stream to Batches": func(s Stream, o BatchOptions, ctx context.Context) { nextOf(NewStreamBatches(s, o))(ctx) },
				"FromFunc, run": func(shape []int, classes int, start func(int) (func([]float32) (int, error), error), x []float32) {
					FromFunc(shape, classes, start).Next(x)
				},
				"FromSet, run": func(s Set, x []float32) { FromSet(s).Next(x) },
				"Shuffle, run": func(s Stream, size int, x []float32) { Shuffle(s, size, 1).Next(x) },
				"Images, run": func(images, labels *IDX, classes int, i int, x []float32) {
					if s, err := NewImages(images, labels, classes); err == nil {
						s.Read(i, x)
					}
				},
			}, []any{
				digits, NewDigits(1, 1<<40), images, numbers, FromSet(numbers), source, short, whole, labels,
				&IDX{Dims: []int{1 << 31, 1 << 31, 1 << 31}}, &IDX{Dims: []int{5, -2, -2}, Data: make([]byte, 20)}, &IDX{Dims: []int{5}}, &IDX{Dims: []int{5}, Data: make([]byte, 9)},
				[]int{2}, make([]float32, 2), make([]float32, 4), make([]float32, 784), []int{1, 2}, io.Reader(bytes.NewReader(nil)),
				BatchOptions{Size: 1 << 40}, BatchOptions{Size: 2, Prefetch: -1}, BatchOptions{Prefetch: 1 << 40}, BatchOptions{Size: -1, Shuffle: true},
				BatchOptions{Shuffle: true, DropLast: true, Size: 2}, Position{Epoch: -1, Next: -1}, Position{Next: 1 << 62}, Position{Next: 4},
				func(int) (func([]float32) (int, error), error) { return nil, nil },
				func(int) (func([]float32) (int, error), error) { return next, nil },
				offline, Options{Getenv: func(string) string { return "" }, CacheDir: dir, Offline: true, Log: io.Discard, Train: 3, Test: 2},
			}
	})
}

// nextOf takes the first batch and closes them.
func nextOf(b *Batches, err error) func(context.Context) {
	return func(ctx context.Context) {
		if err == nil {
			b.Next(ctx)
			b.Close()
		}
	}
}
