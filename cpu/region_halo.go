package cpu

// sameHalo says that a kernel walks two buffers in the same steps.
func (b *regionBuilder) sameHalo(x, y *imageBuffer) {
	b.haloPairs = append(b.haloPairs, [2]*imageBuffer{x, y})
}

// matchHalos makes halos larger where others are.
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

// haloOp makes the halo of images zero.
type haloOp struct{ x *imageBuffer }

func (o *haloOp) run(w *regionWorker, _, _ int) { o.x.ClearHalo(w.at(o.x)) }
