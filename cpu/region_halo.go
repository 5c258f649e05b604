package cpu

// sameHalo records that a kernel walks two buffers with the same strides.
func (b *regionBuilder) sameHalo(x, y *imageBuffer) {
	b.haloPairs = append(b.haloPairs, [2]*imageBuffer{x, y})
}

// matchHalos enlarges halos until both buffers of each pair have the same.
func (b *regionBuilder) matchHalos() {
	for again := true; again; {
		again = false
		for _, p := range b.haloPairs {
			x, y := p[0].root(), p[1].root()
			again = again || x.Halo != y.Halo
			x.need(y.Halo)
			y.need(x.Halo)
		}
	}
	for _, n := range b.ops {
		for _, x := range n.writes {
			x.Halo = x.root().Halo
		}
	}
}

// haloOp zeroes the halo of images.
type haloOp struct{ x *imageBuffer }

func (o *haloOp) run(w *regionWorker, _, _ int) { o.x.ClearHalo(w.at(o.x)) }
