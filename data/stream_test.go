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
	fields := []Field{{Name: "x", Shape: []int{2}}, {Name: "label", Classes: 3}}
	return FromFunc(fields, func(int) (func([][]float32) error, error) {
		i := 0
		return func(to [][]float32) error {
			if i == n {
				return io.EOF
			}
			to[0][0], to[0][1], to[1][0] = float32(i), -float32(i), float32(i%3)
			i++
			return nil
		}, nil
	})
}

// rest reads a stream to the end of its epoch.
func rest(t *testing.T, s Stream) (order []int) {
	t.Helper()
	to := pair()
	for {
		err := s.Next(to)
		if err == io.EOF {
			return order
		}
		require.NoError(t, err)
		i := int(to[0][0])
		require.Equal(t, [][]float32{{float32(i), -float32(i)}, {float32(i % 3)}}, to)
		order = append(order, i)
	}
}

// pair is memory for a sample of forwards and pattern.
func pair() [][]float32 { return [][]float32{make([]float32, 2), make([]float32, 1)} }

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
				require.Equal(t, []int{2}, s.Fields()[0].Shape)
				require.Equal(t, "label", s.Fields()[1].Name)
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
			to := pair()
			for steps := range 24 { // ten samples and the end of the epoch, twice and a bit
				s := stream()
				for range steps {
					err := s.Next(to)
					require.True(t, err == nil || err == io.EOF)
				}
				p := s.Position()
				now, next := rest(t, s), rest(t, s)
				for _, s := range []Stream{stream(), s} { // a new one, and one that goes back
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
			to := pair()
			whole := rest(t, stream())
			for range 4 {
				err := s.Next(to)
				require.NoError(t, err)
			}
			for _, p := range []Position{{Next: 11}, {Next: -1}, {Epoch: -1}, {Of: "something else"}} {
				require.ErrorContains(t, s.Seek(p), "seek: ")
			}
			require.Equal(t, whole[4:], rest(t, s), "a refused position moves nothing")
			to[0] = to[0][:1]
			require.ErrorContains(t, s.Next(to), "a slice of 1 values for field x [2], which has 2")
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
	source := FromFunc([]Field{{Name: "x"}}, func(epoch int) (func([][]float32) error, error) {
		if epoch == 1 {
			return nil, fmt.Errorf("no such file: %w", io.EOF)
		}
		i := 0
		return func(to [][]float32) error {
			switch {
			case i == 2 && down && short:
				return fmt.Errorf("cut short: %w", io.EOF)
			case i == 2 && down:
				return broken
			case i == 4:
				return io.EOF
			}
			to[0][0] = float32(i)
			i++
			return nil
		}, nil
	})
	to := [][]float32{{0}}
	for range 2 {
		err := source.Next(to)
		require.NoError(t, err)
	}
	err := source.Next(to)
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "sample 2 in epoch 0: the line is down")
	short = true
	err = source.Next(to)
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
	err = source.Next(to)
	require.NoError(t, err)
	require.Equal(t, float32(2), to[0][0])
	err = source.Next(to)
	require.NoError(t, err)
	err = source.Next(to)
	require.Equal(t, io.EOF, err)
	err = source.Next(to)
	require.ErrorContains(t, err, "start of epoch 1: no such file")
	require.NotErrorIs(t, err, io.EOF)
}

func TestAStreamOfWhatIsWrongSaysSo(t *testing.T) {
	for want, stream := range map[string]Stream{
		"stream: no set: give one":                        FromSet(nil),
		"stream: there are no fields":                     FromFunc(nil, nil),
		`stream: field "x": shape [0] has a size below 1`: FromFunc([]Field{{Name: "x", Shape: []int{0}}}, nil),
		"shuffle: no stream: give one":                    Shuffle(nil, 3, 1),
		"stream: no function to start an epoch":           FromFunc([]Field{{Name: "x"}}, nil),
	} {
		require.ErrorContains(t, stream.Next([][]float32{{0}}), want)
		for _, s := range []Stream{stream, Shuffle(stream, 2, 1)} {
			b, err := NewStreamBatches(s, BatchOptions{})
			if err == nil {
				_, err = b.Next(t.Context())
				require.NoError(t, b.Close())
			}
			require.ErrorContains(t, err, want)
		}
	}
}
