package data

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// forwards is a source of n samples of two values that can be read forwards only, as pattern gives them.
func forwards(n int) Stream {
	return FromFunc([]int{2}, 3, func(int) (func([]float32) (int, error), error) {
		i := 0
		return func(x []float32) (int, error) {
			if i == n {
				return -1, io.EOF
			}
			x[0], x[1] = float32(i), -float32(i)
			i++
			return (i - 1) % 3, nil
		}, nil
	})
}

// rest reads a stream to the end of its epoch.
func rest(t *testing.T, s Stream) (order []int) {
	t.Helper()
	x := make([]float32, 2)
	for {
		label, err := s.Next(x)
		if err == io.EOF {
			return order
		}
		require.NoError(t, err)
		require.Equal(t, int(x[0])%3, label)
		require.Equal(t, -x[0], x[1])
		order = append(order, int(x[0]))
	}
}

// everyStream are streams of the same n samples.
func everyStream(t *testing.T, n int) map[string]func() Stream {
	return map[string]func() Stream{
		"of a set":                 func() Stream { return FromSet(pattern(t, n)) },
		"of a function":            func() Stream { return forwards(n) },
		"shuffled, small buffer":   func() Stream { return Shuffle(forwards(n), 3, 5) },
		"shuffled, whole buffers":  func() Stream { return Shuffle(FromSet(pattern(t, n)), n, 5) },
		"shuffled, half and half":  func() Stream { return Shuffle(FromSet(pattern(t, n)), max(n/2, 1), 5) },
		"shuffled, large buffer":   func() Stream { return Shuffle(forwards(n), 100, 5) },
		"shuffled, buffer of none": func() Stream { return Shuffle(forwards(n), 0, 5) },
		"shuffled twice":           func() Stream { return Shuffle(Shuffle(forwards(n), 4, 5), 3, 6) },
	}
}

func TestEveryStreamGivesEverySampleOncePerEpoch(t *testing.T) {
	for _, n := range []int{0, 1, 2, 10} {
		for name, stream := range everyStream(t, n) {
			t.Run(fmt.Sprintf("%d %s", n, name), func(t *testing.T) {
				s := stream()
				require.Equal(t, []int{2}, s.Shape())
				for epoch := range 3 {
					require.Equal(t, epoch, s.Position().Epoch)
					order := rest(t, s)
					slices.Sort(order)
					require.Equal(t, upTo(n), append([]int{}, order...))
				}
			})
		}
	}
}

func TestEveryStreamGoesOnFromAPosition(t *testing.T) {
	for name, stream := range everyStream(t, 10) {
		t.Run(name, func(t *testing.T) {
			x := make([]float32, 2)
			for steps := range 24 { // ten samples and the end of the epoch, twice and a bit
				s := stream()
				for range steps {
					_, err := s.Next(x)
					require.True(t, err == nil || err == io.EOF)
				}
				p := s.Position()
				now, next := rest(t, s), rest(t, s)
				for _, s := range []Stream{stream(), s} { // a fresh one, and one that goes back
					require.NoError(t, s.Seek(p))
					require.Equal(t, p, s.Position())
					require.Equal(t, now, rest(t, s))
					require.Equal(t, next, rest(t, s))
				}
			}
		})
	}
}

func TestEveryStreamRefusesAWrongPosition(t *testing.T) {
	for name, stream := range everyStream(t, 10) {
		t.Run(name, func(t *testing.T) {
			s := stream()
			x := make([]float32, 2)
			whole := rest(t, stream())
			for range 4 {
				_, err := s.Next(x)
				require.NoError(t, err)
			}
			for _, p := range []Position{{Next: 11}, {Next: -1}, {Epoch: -1}, {Of: "something else"}} {
				require.ErrorContains(t, s.Seek(p), "seek: ")
			}
			require.Equal(t, whole[4:], rest(t, s), "a refused position moves nothing")
			_, err := s.Next(x[:1])
			require.ErrorContains(t, err, "a buffer of 1 values for a sample of shape [2]")
		})
	}
}

func TestShuffleDependsOnSeedAndEpochAndKeepsToItsBuffer(t *testing.T) {
	shuffled := func(size int, seed uint64) [2][]int {
		s := Shuffle(forwards(60), size, seed)
		return [2][]int{rest(t, s), rest(t, s)}
	}
	one := shuffled(20, 1)
	require.Equal(t, one, shuffled(20, 1))
	require.NotEqual(t, one[0], one[1])
	require.NotEqual(t, one, shuffled(20, 2))
	for place, i := range one[0] {
		require.Equal(t, place/20, i/20, "sample %d came at place %d", i, place)
	}
	require.Equal(t, upTo(60), shuffled(1, 1)[0])
}

func TestStreamBatchesGiveTheStreamsSamples(t *testing.T) {
	everyWay(t, func(t *testing.T, prefetch int) {
		for name, stream := range everyStream(t, 10) {
			for _, dropLast := range []bool{false, true} {
				for _, size := range []int{1, 4, 5, 10, 11} {
					want := rest(t, stream())
					if dropLast {
						want = want[:10/size*size]
					}
					b, err := NewStreamBatches(stream(), BatchOptions{Size: size, DropLast: dropLast, Prefetch: prefetch})
					require.NoError(t, err)
					require.Zero(t, b.PerEpoch())
					require.Equal(t, append([]int(nil), want...), append([]int(nil), epochOf(t, b, 0, 0)...), "%s by %d", name, size)
					require.Len(t, epochOf(t, b, 1, 0), len(want))
					require.NoError(t, b.Close())
				}
			}
		}
	})
}

func TestStreamBatchesGoOnFromAPosition(t *testing.T) {
	everyWay(t, func(t *testing.T, prefetch int) {
		for name, stream := range everyStream(t, 10) {
			opts := BatchOptions{Size: 4, Prefetch: prefetch}
			for steps := range 9 {
				b, err := NewStreamBatches(stream(), opts)
				require.NoError(t, err)
				for range steps {
					_, err := b.Next(t.Context())
					require.True(t, err == nil || err == io.EOF)
				}
				p := b.Position()
				now, next := epochOf(t, b, p.Epoch, p.Next), epochOf(t, b, p.Epoch+1, 0)
				again, err := NewStreamBatches(stream(), opts)
				require.NoError(t, err)
				for _, b := range []*Batches{again, b} {
					require.NoError(t, b.Seek(p), name)
					require.Equal(t, now, epochOf(t, b, p.Epoch, p.Next), name)
					require.Equal(t, next, epochOf(t, b, p.Epoch+1, 0), name)
					require.NoError(t, b.Close())
				}
			}
		}
	})
}

func TestStreamBatchesAreNotShuffledBySeed(t *testing.T) {
	_, err := NewStreamBatches(forwards(3), BatchOptions{Shuffle: true})
	require.ErrorContains(t, err, "a stream is shuffled by the function Shuffle")
}

func TestSourceErrorsNameTheirSampleAndCanBeTriedAgain(t *testing.T) {
	broken := errors.New("the line is down")
	down, short := true, false
	source := FromFunc([]int{1}, 0, func(epoch int) (func([]float32) (int, error), error) {
		if epoch == 1 {
			return nil, fmt.Errorf("no such file: %w", io.EOF)
		}
		i := 0
		return func(x []float32) (int, error) {
			switch {
			case i == 2 && down && short:
				return -1, fmt.Errorf("cut short: %w", io.EOF)
			case i == 2 && down:
				return -1, broken
			case i == 4:
				return -1, io.EOF
			}
			x[0] = float32(i)
			i++
			return -1, nil
		}, nil
	})
	x := make([]float32, 1)
	for range 2 {
		_, err := source.Next(x)
		require.NoError(t, err)
	}
	_, err := source.Next(x)
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "sample 2 in epoch 0: the line is down")
	short = true
	_, err = source.Next(x)
	require.NotErrorIs(t, err, io.EOF)
	require.ErrorContains(t, err, "sample 2 in epoch 0: cut short")
	require.ErrorContains(t, source.Seek(Position{Next: 3}), "seek: sample 2 in epoch 0: cut short")

	b, err := NewStreamBatches(source, BatchOptions{Size: 3})
	require.NoError(t, err)
	_, err = b.Next(t.Context())
	require.ErrorContains(t, err, "sample 2 in epoch 0: cut short")
	require.Equal(t, 2, b.Position().Next)
	require.NoError(t, b.Close())

	down = false
	require.NoError(t, source.Seek(Position{Next: 2}))
	_, err = source.Next(x)
	require.NoError(t, err)
	require.Equal(t, float32(2), x[0])
	_, err = source.Next(x)
	require.NoError(t, err)
	_, err = source.Next(x)
	require.Equal(t, io.EOF, err)
	_, err = source.Next(x)
	require.ErrorContains(t, err, "start of epoch 1: no such file")
	require.NotErrorIs(t, err, io.EOF)
}
