package train

import "github.com/stheno-ml/stheno/data"

// ownBatches are the batches of an evaluation that one rank runs, and the numbers of all.
type ownBatches struct {
	ranks   *ranks
	set     data.Set // the samples of this rank's batches; nil if it has none
	size    int
	samples int // of all ranks
	numbers []float64
	names   int // in each batch
}

// choose gives each rank every so many batches of a set.
func (r *ranks) choose(set data.Set, size int) (*ownBatches, error) {
	o := &ownBatches{ranks: r, size: min(size, set.Len()), samples: set.Len()}
	var indices []int
	for b := r.Rank(); b*o.size < o.samples; b += r.Size() {
		for i := b * o.size; i < min((b+1)*o.size, o.samples); i++ {
			indices = append(indices, i)
		}
	}
	if len(indices) == 0 {
		return o, nil
	}
	var err error
	o.set, err = data.Pick(set, indices)
	return o, err
}

// place is where a sample of this rank's stands in the whole set.
func (o *ownBatches) place(first int) int {
	return (first/o.size*o.ranks.Size() + o.ranks.Rank()) * o.size
}

// take keeps the numbers of a batch.
func (o *ownBatches) take(r run, values []float64) {
	o.room(len(values))
	copy(o.numbers[r.first/o.size*o.names:], values)
}

func (o *ownBatches) room(names int) {
	if o.numbers == nil {
		o.names = names
		o.numbers = make([]float64, (o.samples+o.size-1)/o.size*names)
	}
}

// means returns the means over the batches of all ranks, added in their order.
func (o *ownBatches) means(steps map[int]*fedStep) (map[string]float64, error) {
	s := steps[o.size]
	o.room(len(s.Names()))
	if err := o.ranks.Sum64(o.numbers); err != nil {
		return nil, err
	}
	var m means
	for first := 0; first < o.samples; first += o.size {
		at := first / o.size * o.names
		m.add(run{step: s.Step, n: min(o.size, o.samples-first)}, o.numbers[at:at+o.names])
	}
	return m.byName(), nil
}
