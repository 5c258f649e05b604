package cpu

import (
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// randomStep draws random numbers, some blocks of four at a time.
type randomStep[T lower.Float] struct {
	prim  lower.Random
	row   int // elements of a sample
	epoch uint32
	first uint64
	out   []T
}

// randomGrain is how many blocks of four numbers are one part.
const randomGrain = 64

func newRandomStep[T lower.Float](p lower.Random) *randomStep[T] {
	return &randomStep[T]{prim: p, row: p.Shape[1:].Size()}
}

// blocks is how many blocks a sample takes.
func (s *randomStep[T]) blocks() int { return (s.row + 3) / 4 }

func (s *randomStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	var clock [4]T
	gather(clock[:], &in[0], 0)
	var err error
	if s.epoch, s.first, err = lower.ReadClock(clock[:]); err != nil {
		return err
	}
	s.out = out[0].Data[out[0].Off:]
	t.Run(s, (s.prim.Shape[0]*s.blocks()+randomGrain-1)/randomGrain)
	return nil
}

// Do draws the numbers of some blocks, as lower.Random says.
func (s *randomStep[T]) Do(part, _ int) {
	blocks := s.blocks()
	end := min((part+1)*randomGrain, s.prim.Shape[0]*blocks)
	for b := part * randomGrain; b < end; b++ {
		r, k := b/blocks, b%blocks
		sample := s.first + uint64(r)
		words := lower.Philox4x32([4]uint32{uint32(k), uint32(sample), s.epoch, uint32(sample >> 32)}, s.prim.Key)
		to := s.out[r*s.row+4*k : r*s.row+min(4*k+4, s.row)]
		if s.prim.Kind == lower.RandomNormal {
			for i := range to {
				to[i] = T(lower.NormalOf(words[i]))
			}
			continue
		}
		for i := range to {
			to[i] = T(lower.UniformOf(words[i]))
		}
	}
}
