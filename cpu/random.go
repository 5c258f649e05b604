package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// randomStep draws random numbers in blocks of four.
type randomStep[T lower.Float] struct {
	prim    lower.Random
	row     int // elements of a sample
	normal  func(dst []float32, words []uint32)
	isa     kernel.ISA
	key     uint64
	counter [][2][]uint32 // by worker: each block's number within its sample, and its sample
	words   [][]uint32    // by worker
	numbers [][]float32   // by worker
	epoch   uint32
	first   uint64
	out     []T
}

// randomGrain is the number of blocks in one part.
const randomGrain = 128

func newRandomStep[T lower.Float](p lower.Random, isa kernel.ISA, workers int) *randomStep[T] {
	s := &randomStep[T]{prim: p, row: p.Shape[1:].Size(), normal: kernel.NormalFor(isa), isa: isa, key: p.Key}
	for range workers {
		s.counter = append(s.counter, [2][]uint32{make([]uint32, randomGrain), make([]uint32, randomGrain)})
		s.words = append(s.words, make([]uint32, 4*randomGrain))
		s.numbers = append(s.numbers, make([]float32, 4*randomGrain))
	}
	return s
}

// blocks is the number of blocks per sample.
func (s *randomStep[T]) blocks() int { return (s.row + 3) / 4 }

func (s *randomStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	var clock [4]T
	in[0].CopyRange(clock[:], 0)
	var err error
	if s.epoch, s.first, err = lower.ReadClock(clock[:]); err != nil {
		return err
	}
	s.out = out[0].Data[out[0].Off:]
	t.Run(s, (s.prim.Shape[0]*s.blocks()+randomGrain-1)/randomGrain)
	return nil
}

// Do draws the numbers of some blocks, as lower.Random defines them.
func (s *randomStep[T]) Do(part, worker int) {
	blocks := s.blocks()
	first := part * randomGrain
	count := min(randomGrain, s.prim.Shape[0]*blocks-first)
	words, numbers := s.words[worker][:4*count], s.numbers[worker][:4*count]
	s.draw(words, s.counter[worker], first)
	if s.prim.Kind == lower.RandomNormal {
		s.normal(numbers, words)
	} else {
		for i, w := range words {
			numbers[i] = lower.UniformOf(w)
		}
	}
	r, k := first/blocks, first%blocks
	for b := range count {
		to := s.out[r*s.row+4*k : r*s.row+min(4*k+4, s.row)]
		for i := range to {
			to[i] = T(numbers[4*b+i])
		}
		if k++; k == blocks {
			r, k = r+1, 0
		}
	}
}

// draw draws the words of the blocks from first on. One call of the kernel has one
// high word of the sample, so it takes two calls to cross a multiple of 2^32 samples.
func (s *randomStep[T]) draw(words []uint32, counter [2][]uint32, first int) {
	blocks := s.blocks()
	r, k := first/blocks, first%blocks
	high := uint32((s.first + uint64(r)) >> 32)
	n := 0
	flush := func() {
		kernel.Philox(s.isa, words[:4*n], counter[0][:n], counter[1][:n], s.epoch, high, s.key)
		words, n = words[4*n:], 0
	}
	for range len(words) / 4 {
		sample := s.first + uint64(r)
		if h := uint32(sample >> 32); h != high {
			flush()
			high = h
		}
		counter[0][n], counter[1][n] = uint32(k), uint32(sample)
		n++
		if k++; k == blocks {
			r, k = r+1, 0
		}
	}
	flush()
}
