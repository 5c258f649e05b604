package data

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// epochOf reads and checks batches up to the end of the epoch, and returns the samples' indices.
func epochOf(t *testing.T, b *Batches, epoch, first int) (order []int) {
	t.Helper()
	for {
		batch, err := b.Next(t.Context())
		if err == io.EOF {
			return order
		}
		require.NoError(t, err)
		require.Equal(t, epoch, batch.Epoch)
		require.Equal(t, first, batch.First)
		require.Positive(t, batch.N)
		x, labels := batch.Field("x"), batch.Field("label")
		require.Len(t, x, 2*batch.N)
		require.Len(t, labels, batch.N)
		for k := range batch.N {
			i := int(x[2*k])
			require.Equal(t, -x[2*k], x[2*k+1])
			require.Equal(t, float32(i%3), labels[k])
			if batch.Index != nil {
				require.Equal(t, i, batch.Index[k])
			}
			order = append(order, i)
		}
		first += batch.N
	}
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// everyWay runs a claim on batches prepared in step, one ahead and many ahead.
func everyWay(t *testing.T, claim func(t *testing.T, prefetch int)) {
	for _, prefetch := range []int{-1, 1, 0, 20} {
		t.Run(fmt.Sprintf("prefetch %d", prefetch), func(t *testing.T) { claim(t, prefetch) })
	}
}

func TestBatchesGiveEverySampleOncePerEpoch(t *testing.T) {
	everyWay(t, func(t *testing.T, prefetch int) {
		for _, c := range []struct {
			n, size, perEpoch, given int
			shuffle, dropLast        bool
		}{
			{10, 3, 4, 10, false, false},
			{10, 3, 3, 9, false, true},
			{10, 3, 4, 10, true, false},
			{10, 3, 3, 9, true, true},
			{12, 4, 3, 12, true, false},
			{12, 4, 3, 12, true, true},
			{1, 1, 1, 1, true, true},
			{5, 100, 1, 5, true, false},
			{300, 0, 3, 300, true, false},
		} {
			b, err := NewBatches(pattern(t, c.n), BatchOptions{Size: c.size, Shuffle: c.shuffle, DropLast: c.dropLast, Prefetch: prefetch})
			require.NoError(t, err)
			require.Equal(t, c.perEpoch, b.PerEpoch(), "%+v", c)
			for epoch := range 3 {
				order := epochOf(t, b, epoch, 0)
				require.Len(t, order, c.given, "%+v", c)
				if !c.shuffle {
					require.Equal(t, upTo(c.given), order)
				}
				slices.Sort(order)
				require.Len(t, slices.Compact(order), c.given, "%+v: a sample came twice", c)
			}
			require.NoError(t, b.Close())
		}
	})
}

func TestOrderDependsOnSeedAndEpochOnly(t *testing.T) {
	orders := func(seed uint64, size, prefetch int) (all [2][]int) {
		b, err := NewBatches(pattern(t, 50), BatchOptions{Size: size, Seed: seed, Shuffle: true, Prefetch: prefetch})
		require.NoError(t, err)
		defer b.Close()
		return [2][]int{epochOf(t, b, 0, 0), epochOf(t, b, 1, 0)}
	}
	one := orders(1, 7, 0)
	require.Equal(t, one, orders(1, 7, 0))
	require.Equal(t, one, orders(1, 16, -1))
	require.NotEqual(t, one[0], one[1])
	two := orders(2, 7, 0)
	require.NotEqual(t, one[0], two[0])
	require.NotEqual(t, one[1], two[0], "epoch 1 of seed 1 is epoch 0 of seed 2")
}

func TestOrderIsTheSameOnEveryPlatform(t *testing.T) {
	for _, c := range []struct {
		path []int
		want []int
	}{
		{[]int{0}, []int{9, 8, 11, 6, 1, 4, 10, 7, 0, 2, 3, 5}},
		{[]int{1}, []int{7, 6, 1, 9, 5, 4, 3, 8, 0, 10, 11, 2}},
		{[]int{1, 2}, []int{11, 6, 4, 1, 2, 5, 3, 10, 0, 8, 9, 7}},
	} {
		order := make([]int, 12)
		permute(order, 1, c.path...)
		require.Equal(t, c.want, order, "path %v", c.path)
	}
}

func TestEveryOrderIsAsLikely(t *testing.T) {
	seen := map[[3]int]int{}
	const n = 6000
	for epoch := range n {
		var order [3]int
		permute(order[:], 7, epoch)
		seen[order]++
	}
	require.Len(t, seen, 6)
	for order, count := range seen {
		require.InDelta(t, n/6, count, 150, "%v", order) // five deviations of a binomial count
	}
}

func TestPositionGoesThroughJSONAndGivesTheSameRest(t *testing.T) {
	everyWay(t, func(t *testing.T, prefetch int) {
		opts := BatchOptions{Size: 4, Seed: 3, Shuffle: true, Prefetch: prefetch}
		for steps := range 9 { // an epoch is three batches and its end
			b, err := NewBatches(pattern(t, 11), opts)
			require.NoError(t, err)
			for range steps {
				_, err := b.Next(t.Context())
				require.True(t, err == nil || err == io.EOF)
			}
			saved, err := json.Marshal(b.Position())
			require.NoError(t, err)
			var p Position
			require.NoError(t, json.Unmarshal(saved, &p))
			require.Equal(t, b.Position(), p)
			rest := epochOf(t, b, p.Epoch, p.Next)
			next := epochOf(t, b, p.Epoch+1, 0)

			again, err := NewBatches(pattern(t, 11), opts)
			require.NoError(t, err)
			for _, b := range []*Batches{again, b} { // a new one, and one that goes back
				require.NoError(t, b.Seek(p))
				require.Equal(t, p, b.Position())
				require.Equal(t, rest, epochOf(t, b, p.Epoch, p.Next))
				require.Equal(t, next, epochOf(t, b, p.Epoch+1, 0))
				require.NoError(t, b.Close())
			}
		}
	})
}

func TestSeekRefusesAnotherOrder(t *testing.T) {
	b, err := NewBatches(pattern(t, 10), BatchOptions{Size: 4, Seed: 3, Shuffle: true})
	require.NoError(t, err)
	defer b.Close()
	whole := epochOf(t, b, 0, 0)
	require.NoError(t, b.Seek(Position{}))
	_, err = b.Next(t.Context())
	require.NoError(t, err)

	for _, c := range []struct {
		p    Position
		want string
	}{
		{Position{Of: "10 samples shuffled with seed 4"}, "the position belongs to 10 samples shuffled with seed 4, but here are 10 samples shuffled with seed 3"},
		{Position{Of: "10 samples in order"}, "the position belongs to 10 samples in order"},
		{Position{Next: 11}, "no sample 11 in a set of 10"},
		{Position{Next: -1}, "no sample -1 in epoch 0"},
		{Position{Epoch: -1}, "no sample 0 in epoch -1"},
	} {
		require.ErrorContains(t, b.Seek(c.p), c.want)
	}
	require.Equal(t, whole[4:], epochOf(t, b, 0, 4), "a refused position moves nothing")
}

func TestNewBatchesRefusesWhatGivesNoBatch(t *testing.T) {
	for _, c := range []struct {
		name string
		set  Set
		opts BatchOptions
		want string
	}{
		{"empty", pattern(t, 0), BatchOptions{}, "the set has no samples"},
		{"no full batch", pattern(t, 3), BatchOptions{Size: 4, DropLast: true}, "a set of 3 samples has no full batch of 4"},
		{"a negative size", pattern(t, 3), BatchOptions{Size: -1}, "the size -1 is below 1"},
		{"too many ahead", pattern(t, 3), BatchOptions{Prefetch: 1 << 40}, "want at most 1073741824 values in all"},
		{"too large to shuffle", NewDigits(1, 1<<40), BatchOptions{Shuffle: true}, "cannot be shuffled"},
		{"no set", nil, BatchOptions{}, "no set: give one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := NewBatches(c.set, c.opts)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestABatchMayBeLargerThanItsSet(t *testing.T) {
	b, err := NewBatches(pattern(t, 3), BatchOptions{Size: 1 << 40})
	require.NoError(t, err)
	defer b.Close()
	require.Equal(t, 1, b.PerEpoch())
	got, err := b.Next(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, got.N)
	_, err = NewStreamBatches(FromSet(pattern(t, 3)), BatchOptions{Size: 1 << 40})
	require.ErrorContains(t, err, "want at most")
}

// failing is a set whose sample bad cannot be read.
type failing struct {
	Set
	bad int
	err error
}

func (s failing) Read(i int, to [][]float32) error {
	if i == s.bad {
		return s.err
	}
	return s.Set.Read(i, to)
}

func TestReadErrorNamesItsSampleAfterTheBatchesBefore(t *testing.T) {
	broken := errors.New("the disk is on fire")
	everyWay(t, func(t *testing.T, prefetch int) {
		b, err := NewBatches(failing{pattern(t, 10), 7, broken}, BatchOptions{Size: 3, Prefetch: prefetch})
		require.NoError(t, err)
		defer b.Close()
		for range 2 {
			_, err := b.Next(t.Context())
			require.NoError(t, err)
		}
		for range 3 { // the error stays
			_, err = b.Next(t.Context())
			require.ErrorIs(t, err, broken)
			require.ErrorContains(t, err, "sample 7 in epoch 0")
		}
		require.Equal(t, 6, b.Position().Next)
		require.NoError(t, b.Seek(Position{Next: 8}))
		require.Equal(t, []int{8, 9}, epochOf(t, b, 0, 8))
	})
}

func TestAnEOFFromTheSetIsNotTheEndOfTheEpoch(t *testing.T) {
	b, err := NewBatches(failing{pattern(t, 10), 7, fmt.Errorf("file cut short: %w", io.EOF)}, BatchOptions{Size: 10})
	require.NoError(t, err)
	defer b.Close()
	_, err = b.Next(t.Context())
	require.ErrorContains(t, err, "sample 7 in epoch 0: file cut short: EOF")
	require.NotErrorIs(t, err, io.EOF)
}

// slow is a set that waits for permission before every read.
type slow struct {
	Set
	leave chan struct{}
	reads *atomic.Int64
}

func (s slow) Read(i int, to [][]float32) error {
	<-s.leave
	s.reads.Add(1)
	return s.Set.Read(i, to)
}

func TestNextEndsWithItsContextAndLosesNothing(t *testing.T) {
	set := slow{pattern(t, 4), make(chan struct{}), new(atomic.Int64)}
	b, err := NewBatches(set, BatchOptions{Size: 2})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = b.Next(ctx)
	require.ErrorIs(t, err, context.Canceled)

	ctx, cancel = context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	_, err = b.Next(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	close(set.leave)
	require.Equal(t, upTo(4), epochOf(t, b, 0, 0))
	require.NoError(t, b.Close())
}

func TestPreparingAheadIsBounded(t *testing.T) {
	set := slow{pattern(t, 1000), make(chan struct{}), new(atomic.Int64)}
	close(set.leave)
	b, err := NewBatches(set, BatchOptions{Size: 10, Prefetch: 3})
	require.NoError(t, err)
	defer b.Close()
	_, err = b.Next(t.Context())
	require.NoError(t, err)
	// One batch is in use, three are ready, and there is no buffer for another: the reads stop at 40.
	require.Eventually(t, func() bool { return set.reads.Load() == 40 }, 5*time.Second, time.Millisecond)
	time.Sleep(5 * time.Millisecond)
	require.Equal(t, int64(40), set.reads.Load())
}

func TestCloseEndsTheGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for steps := range 20 {
		b, err := NewBatches(pattern(t, 10), BatchOptions{Size: 3})
		require.NoError(t, err)
		for range steps {
			_, err := b.Next(t.Context())
			require.True(t, err == nil || err == io.EOF)
		}
		require.NoError(t, b.Close())
		require.NoError(t, b.Close())
		_, err = b.Next(t.Context())
		require.EqualError(t, err, "the batches are closed")
		require.EqualError(t, b.Seek(Position{}), "the batches are closed")
	}
	for range 1000 { // a goroutine that reports its end may take a moment to exit
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

func TestNextAllocatesNothingWithinAnEpoch(t *testing.T) {
	everyWay(t, func(t *testing.T, prefetch int) {
		b, err := NewBatches(pattern(t, 10000), BatchOptions{Size: 10, Shuffle: true, Prefetch: prefetch})
		require.NoError(t, err)
		defer b.Close()
		next := func() {
			if _, err := b.Next(context.Background()); err != nil {
				t.Error(err)
			}
		}
		next()
		require.Less(t, testing.AllocsPerRun(500, next), 1.)
	})
}

func TestBatchesOfIndicesReadNothing(t *testing.T) {
	everyWay(t, func(t *testing.T, prefetch int) {
		set := pattern(t, 10)
		whole, err := NewBatches(set, BatchOptions{Size: 4, Shuffle: true, Seed: 3, Prefetch: -1})
		require.NoError(t, err)
		defer whole.Close()
		b, err := NewBatches(unreadable{set}, BatchOptions{Size: 4, Shuffle: true, Seed: 3, Prefetch: prefetch, IndicesOnly: true})
		require.NoError(t, err)
		defer b.Close()
		require.Empty(t, b.Fields())
		require.Equal(t, 3, b.PerEpoch())
		require.NoError(t, whole.Seek(Position{Epoch: 2, Of: whole.Position().Of}))
		require.NoError(t, b.Seek(whole.Position())) // the two are in the same order
		for {
			want, end := whole.Next(t.Context())
			got, err := b.Next(t.Context())
			require.Equal(t, end, err)
			if err != nil {
				break
			}
			require.Equal(t, want.Index, got.Index)
			require.Equal(t, []int{want.N, want.Epoch, want.First}, []int{got.N, got.Epoch, got.First})
			require.Nil(t, got.Field("x"))
		}
		require.Equal(t, whole.Position(), b.Position())
	})
	_, err := NewBatches(pattern(t, 4), BatchOptions{IndicesOnly: true, Augment: []Augmentation{Warp{}}})
	require.ErrorContains(t, err, "IndicesOnly excludes Augment")
	_, err = NewStreamBatches(FromSet(pattern(t, 4)), BatchOptions{IndicesOnly: true})
	require.ErrorContains(t, err, "have no indices")
}

// unreadable is a set whose samples cannot be read.
type unreadable struct{ Set }

func (unreadable) Read(int, [][]float32) error { return errors.New("nobody may read this") }
