package train_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// far is a backend whose tables are on the host, and counts what goes there.
type far struct {
	cpu.Config
	room  int   // elements of all tables; 0: any number
	fault error // of each Write
	used  *traffic
}

// traffic is what was sent to a backend.
type traffic struct{ tables, open, elements, fed, gathered int }

func (f far) Compile(p *graph.Program) (vm.Machine, error) {
	m, err := f.Config.Compile(p)
	return farMachine{m, f.used}, err
}

func (f far) Hold(_ graph.Dtype, rows, size int) (vm.Table, error) {
	if f.used.elements += rows * size; f.room > 0 && f.used.elements > f.room {
		return nil, fmt.Errorf("%w: %d elements", vm.ErrNoRoom, rows*size)
	}
	f.used.tables++
	f.used.open++
	return &farTable{x: make([]float32, rows*size), size: size, from: f}, nil
}

type farTable struct {
	x    []float32
	size int
	from far
}

func (t *farTable) Write(first int, x []float32) error {
	copy(t.x[first*t.size:], x)
	return t.from.fault
}
func (t *farTable) Read(int, []float64) error         { return nil }
func (t *farTable) Has(graph.Dtype, int, []int) error { return nil }
func (t *farTable) Close() error {
	t.from.used.open--
	return nil
}

type farMachine struct {
	vm.Machine
	used *traffic
}

func (m farMachine) Feed(input string, x []float32) error {
	m.used.fed++
	return m.Machine.Feed(input, x)
}

func (m farMachine) Gather(input string, from vm.Table, index []int) error {
	m.used.gathered++
	t := from.(*farTable)
	var x []float32
	for _, i := range index {
		x = append(x, t.x[i*t.size:(i+1)*t.size]...)
	}
	return m.Machine.Feed(input, x)
}

// fitFar trains three epochs of 12 batches, the last of 5 samples, and evaluates.
func fitFar(t *testing.T, on vm.Backend, change func(*train.Options)) (*train.Result, error) {
	o := resumable(t.TempDir())
	o.Backend = on
	if change != nil {
		change(&o)
	}
	return train.Fit(context.Background(), narrow{}, points{n: 181}, o)
}

func TestHeldSamplesGiveTheSameBits(t *testing.T) {
	want, err := fitFar(t, cpu.Config{}, nil)
	require.NoError(t, err)
	used := &traffic{}
	got, err := fitFar(t, far{used: used}, nil)
	require.NoError(t, err)
	require.Equal(t, len(want.Epochs), len(got.Epochs))
	for i, e := range want.Epochs {
		require.Equal(t, e.Losses, got.Epochs[i].Losses)
		require.Equal(t, e.Validation, got.Epochs[i].Validation)
	}
	require.Empty(t, got.Warnings)
	require.Equal(t, traffic{tables: 2, elements: (181 + 21) * 12, gathered: 3 * (12 + 2)}, *used)
}

// What cannot be held, or is read only once, is sent.
func TestSamplesAreSentWhereTablesAreOfNoUse(t *testing.T) {
	for name, change := range map[string]func(*train.Options){
		"one epoch": func(o *train.Options) { o.Epochs = 1 },
		"few steps": func(o *train.Options) { o.Steps = 5 },
		"augmented": func(o *train.Options) {
			o.Augment = []data.Augmentation{data.AugmentFunc(func(*rand.Rand, [][]float32) error { return nil })}
		},
		"in pieces": func(o *train.Options) { o.MicroBatch = 8 },
	} {
		t.Run(name, func(t *testing.T) {
			used := &traffic{}
			_, err := fitFar(t, far{used: used}, change)
			require.NoError(t, err)
			require.Zero(t, used.tables)
			require.Zero(t, used.gathered)
			require.Positive(t, used.fed)
		})
	}
}

func TestWithoutRoomSamplesAreSentWithAWarning(t *testing.T) {
	want, err := fitFar(t, cpu.Config{}, nil)
	require.NoError(t, err)
	for room, warns := range map[int]string{100: "training", 2200: "validation"} {
		used := &traffic{}
		got, err := fitFar(t, far{used: used, room: room}, nil)
		require.NoError(t, err)
		require.Equal(t, want.Epochs[2].Losses, got.Epochs[2].Losses)
		require.Equal(t, want.Epochs[2].Validation, got.Epochs[2].Validation)
		require.ErrorContains(t, errors.New(got.Warnings[0]), "each step sends its batch of the "+warns+" set")
		require.Zero(t, used.open)
	}
}

func TestAFaultWhileHoldingEndsTrainingAndFreesTheTables(t *testing.T) {
	used, fault := &traffic{}, errors.New("the device is gone")
	_, err := fitFar(t, far{used: used, fault: fault}, nil)
	require.ErrorIs(t, err, fault)
	require.ErrorContains(t, err, "train: the training set: the device is gone")
	require.Equal(t, 1, used.tables)
	require.Zero(t, used.open)
}

// A training that is stopped goes on to the same bits, whether its samples are held or not.
func TestATrainingGoesOnWithHeldSamples(t *testing.T) {
	want, err := fitFar(t, cpu.Config{}, nil)
	require.NoError(t, err)
	for _, first := range []vm.Backend{cpu.Config{}, far{used: &traffic{}}} {
		dir := t.TempDir()
		in := func(o *train.Options) { o.Checkpoints.Dir = dir }
		_, err := fitFar(t, first, func(o *train.Options) { in(o); o.Callbacks = []train.Callback{&stopper{after: 17}} })
		require.ErrorIs(t, err, errEnough)
		used := &traffic{}
		got, err := fitFar(t, far{used: used}, in)
		require.NoError(t, err)
		require.Equal(t, want.Epochs[2].Losses, got.Epochs[2].Losses)
		require.Positive(t, used.gathered)
	}
}

// stopper ends a training after a step.
type stopper struct {
	train.Base
	after int
}

var errEnough = errors.New("enough")

func (s *stopper) Step(r *train.Run) error {
	if r.Steps == s.after {
		return errEnough
	}
	return nil
}
