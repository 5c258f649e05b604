package cpu

// alike says that a kernel walks two buffers in the same steps.
func (b *regionBuilder) alike(x, y *imageBuffer) { b.alikes = append(b.alikes, [2]*imageBuffer{x, y}) }

// sameHalos makes halos larger where others are.
func (b *regionBuilder) sameHalos() {
	for again := true; again; {
		again = false
		for _, p := range b.alikes {
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
