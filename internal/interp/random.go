package interp

import "github.com/stheno-ml/stheno/lower"

// runRandom draws p's numbers for the clock into out, a row-major array.
func runRandom[T lower.Float](p lower.Random, clock, out lower.Array[T]) error {
	epoch, first, err := lower.ReadClock(clock.Elements())
	if err != nil {
		return err
	}
	row := p.Shape[1:].Size()
	blocks := (row + 3) / 4 // of four numbers, in a row
	parallel(p.Shape[0]*blocks, 1024, func(lo, hi int) {
		r, k := lo/blocks, lo%blocks
		for range hi - lo {
			s := first + uint64(r)
			words := lower.Philox4x32([4]uint32{uint32(k), uint32(s), epoch, uint32(s >> 32)}, p.Key)
			to := out.Data[r*row+4*k : r*row+min(4*k+4, row)]
			if p.Kind == lower.RandomNormal {
				for i := range to {
					to[i] = T(lower.NormalOf(words[i]))
				}
			} else {
				for i := range to {
					to[i] = T(lower.UniformOf(words[i]))
				}
			}
			if k++; k == blocks {
				r, k = r+1, 0
			}
		}
	})
	return nil
}
