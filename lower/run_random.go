package lower

// runRandom draws p's numbers at the clock into out, a row-major array.
func runRandom[T Float](p Random, clock, out Array[T]) error {
	epoch, first, err := ReadClock(clock.Elements())
	if err != nil {
		return err
	}
	row := p.Shape[1:].Size()
	blocks := (row + 3) / 4 // of four numbers, in a row
	parallel(p.Shape[0]*blocks, 1024, func(lo, hi int) {
		r, k := lo/blocks, lo%blocks
		for range hi - lo {
			s := first + uint64(r)
			words := Philox4x32([4]uint32{uint32(k), uint32(s), epoch, uint32(s >> 32)}, p.Key)
			to := out.Data[r*row+4*k : r*row+min(4*k+4, row)]
			if p.Kind == RandomNormal {
				for i := range to {
					to[i] = T(NormalOf(words[i]))
				}
			} else {
				for i := range to {
					to[i] = T(UniformOf(words[i]))
				}
			}
			if k++; k == blocks {
				r, k = r+1, 0
			}
		}
	})
	return nil
}
