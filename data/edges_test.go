package data

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
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
		numbers, err := InMemory(Array{Name: "x", Shape: []int{2}, Values: make([]float32, 6)}, Labels([]int{0, 1, 2}))
		if err != nil {
			panic(err)
		}
		next := func(to [][]float32) error { return io.EOF }
		fields := []Field{{Name: "x", Shape: []int{2}}}
		source := FromFunc(fields, func(int) (func([][]float32) error, error) { return next, nil })
		mapped, err := Map(numbers, fields, 1, func(int, *rand.Rand, [][]float32, [][]float32) error { return nil })
		if err != nil {
			panic(err)
		}
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
		frame, err := csvOf(pets, CSVOptions{Label: "good"})
		if err != nil {
			panic(err)
		}
		sound := &WAV{Rate: 8, Channels: 2, Values: make([]float32, 6)}
		windows, err := sound.Windows(2, 1)
		if err != nil {
			panic(err)
		}
		offline := Options{Dir: dir, Offline: true, Log: io.Discard}
		return []any{
				digits, images, numbers, Limit(numbers, 2), Limit(digits, 1<<40), FromSet(digits), Shuffle(FromSet(digits), 3, 1), source,
				batches, still, &Batches{}, &Batch{}, &FormatError{}, &NPZ{}, &MAT{}, &DiskSet{}, &ImageFolder{}, frame, &Frame{}, &frame.Schema, &Schema{}, sound, &WAV{}, windows, NewVocabulary([][]string{{"a"}}, 0), &Vocabulary{}, short, whole, IDXType(9), Position{}, Field{}, Array{}, mapped, &relabelled{numbers, mapped.(*derived).layout}, LeaveOneOut{}, LeaveOneOut{Least: 2, Back: 1 << 40},
			}, map[string]any{
				"NewBatches": NewBatches, "NewStreamBatches": NewStreamBatches, "InMemory": InMemory, "Limit": Limit, "Subset": Subset,
				"NewImages": NewImages, "NewDigits": NewDigits, "FromFunc": FromFunc, "FromSet": FromSet, "Shuffle": Shuffle,
				"NewSample": NewSample, "FieldOf": FieldOf, "ArrayOf": ArrayOf, "Labels": Labels, "Select": Select, "Rename": Rename, "Reshape": Reshape,
				"With": With, "OpenNPZ": OpenNPZ, "Table": Table, "Map": Map, "OneHot": OneHot, "OfClasses": OfClasses,
				"OpenDisk": OpenDisk, "OpenDiskNPY": OpenDiskNPY, "OpenImageFolder": OpenImageFolder,
				"OpenNPY": OpenNPY, "ReadNPY": ReadNPY, "WriteNPY": WriteNPY, "WriteNPZ": WriteNPZ, "OpenMAT": OpenMAT, "ReadMAT": ReadMAT,
				"OpenWAV": OpenWAV, "ReadWAV": ReadWAV, "WriteWAV": WriteWAV, "OpenCSV": OpenCSV, "ReadCSV": ReadCSV, "OpenARFF": OpenARFF, "ReadARFF": ReadARFF,
				"NewRatings": func(o RatingsOptions, i int) {
					if s, err := NewRatings(o); err == nil {
						s.Read(i, NewSample(s))
					}
				},
				"OpenRatings": OpenRatings, "ReadRatings": ReadRatings,
				"ReadCSV, run": func(o CSVOptions, i int) {
					if f, err := csvOf(pets, o); err == nil {
						f.Read(i, NewSample(f))
					}
				},
				"ReadIDX": ReadIDX, "OpenIDX": OpenIDX,
				"Text": Text, "NewVocabulary": NewVocabulary, "Characters": Characters, "Words": Words, "OpenLines": OpenLines, "ReadLines": ReadLines,
				"OpenPianoRolls": OpenPianoRolls, "ReadPianoRolls": ReadPianoRolls, "OpenMusic": OpenMusic, "ReadMusic": ReadMusic, "ReadPiece": ReadPiece,
				"OpenMusicFolder": OpenMusicFolder, "PianoRoll": PianoRoll, "PieceOf": PieceOf, "OpenTextColumn": OpenTextColumn, "ReadTextColumn": ReadTextColumn,
				"Open": func(ctx context.Context, name string, o Options) {
					o.Offline, o.Log = true, io.Discard
					Open(ctx, name, o)
				},
				"Open then Batches": func(s Set, o BatchOptions, ctx context.Context) { nextOf(NewBatches(s, o))(ctx) },
				"Stream to Batches": func(s Stream, o BatchOptions, ctx context.Context) { nextOf(NewStreamBatches(s, o))(ctx) },
				"FromFunc, run": func(fields []Field, start func(int) (func([][]float32) error, error), to [][]float32) {
					FromFunc(fields, start).Next(to)
				},
				"FromSet, run": func(s Set, to [][]float32) { FromSet(s).Next(to) },
				"Shuffle, run": func(s Stream, size int, to [][]float32) { Shuffle(s, size, 1).Next(to) },
				"Images, run": func(images, labels *IDX, classes int, i int, to [][]float32) {
					if s, err := NewImages(images, labels, classes); err == nil {
						s.Read(i, to)
					}
				},
				"Map, run": func(s Set, made []Field, f MapFunc, i int) {
					if m, err := Map(s, made, 1, f); err == nil {
						m.Read(i, NewSample(m))
					}
				},
				"Standardize": func(s Set, field string, by Set) { Standardize(s, field, Limit(by, 5)) },
				"Select, run": func(s Set, i int) {
					if m, err := Select(s, "x"); err == nil {
						m.Read(i, NewSample(m))
					}
				},
			}, []any{
				frame, sound, &WAV{Rate: 1 << 40, Channels: 2}, &WAV{Channels: -1, Rate: 1, Values: make([]float32, 2)}, io.Writer(io.Discard), NPYFloat64, NPYInt64,
				CSVOptions{Schema: &frame.Schema}, CSVOptions{Schema: &Schema{}}, CSVOptions{Comma: -1}, CSVOptions{MaxCategories: -1, Label: "good"},
				ARFFOptions{Schema: &frame.Schema}, io.Reader(bytes.NewReader([]byte(pets))), io.Reader(bytes.NewReader([]byte(petsARFF))),
				RatingsOptions{Users: 3, Items: 20}, RatingsOptions{Items: 1 << 40}, []Rating{{User: "a", Item: "x"}, {User: "a", Item: "y"}},
				digits, NewDigits(1, 1<<40), images, numbers, FromSet(numbers), source, short, whole, labels,
				&IDX{Dims: []int{1 << 31, 1 << 31, 1 << 31}}, &IDX{Dims: []int{5, -2, -2}, Data: make([]byte, 20)}, &IDX{Dims: []int{5}}, &IDX{Dims: []int{5}, Data: make([]byte, 9)},
				&IDX{Type: 7, Dims: []int{5}, Data: make([]byte, 9)}, &IDX{Type: Float64, Dims: []int{5, 2, 2}, Data: make([]byte, 20)},
				&IDX{Type: Float64, Dims: []int{5}, Data: make([]byte, 40)}, &IDX{Type: Int32, Dims: []int{5, 2}, Data: make([]byte, 40)},
				&IDX{Type: Int16, Dims: []int{5, 2, 2, 5}, Data: make([]byte, 200)}, &IDX{Dims: []int{5, 2, 2, 2}, Data: make([]byte, 40)},
				[]int{2}, make([]float32, 2), make([]float32, 4), make([]float32, 784), []int{1, 2}, []string{"x"}, "x", "label",
				fields, []Field{{}}, []Field{{Name: "x", Shape: []int{-1}}}, []Field{{Name: "y", Classes: -1}}, []Field{{Name: "y", Shape: []int{1 << 30}}},
				Array{Name: "y", Shape: []int{2}, Values: make([]float32, 3)}, Array{Name: "y", Shape: []int{-2}, Values: []float32{1}}, Array{Values: []float32{1e30, -1}},
				[]Array{{}}, []Array{{Name: "x", Shape: []int{1 << 31, 1 << 31}}}, []Array{{Name: "x", Classes: 3, Values: []float32{-1}}},
				pair(), NewSample(digits), [][]float32{{0, 0}}, io.Reader(bytes.NewReader(nil)),
				BatchOptions{Size: 1 << 40}, BatchOptions{Size: 2, Prefetch: -1}, BatchOptions{Prefetch: 1 << 40}, BatchOptions{Size: -1, Shuffle: true},
				BatchOptions{Shuffle: true, DropLast: true, Size: 2}, Position{Epoch: -1, Next: -1}, Position{Next: 1 << 62}, Position{Next: 4},
				func(int) (func([][]float32) error, error) { return nil, nil },
				func(int) (func([][]float32) error, error) { return next, nil },
				MapFunc(func(int, *rand.Rand, [][]float32, [][]float32) error { return nil }), []Set{numbers}, []Set{nil},
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
