package train

import (
	"fmt"

	"github.com/stheno-ml/stheno/collective"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// sums are the gradients of a turn, and the states that its runs change, as they are added
// up over pieces.
type sums interface {
	begin()
	restore() error                         // the states before the step
	take(m vm.Machine, share float64) error // what a run of a piece computed
	reduce(g collective.Group) error        // the sum over all pieces
	give(update vm.Machine) error
}

func newSums(update, gradients *graph.Program, o Options) sums {
	var names []string
	var sizes []int
	for _, in := range update.Inputs() {
		if _, has := gradients.Output(in.Name); has && !in.Optional {
			names, sizes = append(names, in.Name), append(sizes, in.Shape.Size())
		}
	}
	var states []*graph.Param
	for _, u := range gradients.Updates() {
		states, sizes = append(states, u.Param), append(sizes, u.Param.Shape().Size())
	}
	l := spans{names: names, states: states}
	for _, n := range sizes {
		l.at = append(l.at, [2]int{l.total, l.total + n})
		l.total += n
	}
	if o.Params.Dtype() == graph.Float64 {
		return &flat[float64]{spans: l, exact: o.Exact > 0, read: func(m vm.Machine, name string, to []float64) error {
			x, err := m.Floats(name)
			copy(to, x)
			return err
		}, feed: vm.Machine.SetFloats, add: collective.Group.Sum64}
	}
	return &flat[float32]{spans: l, exact: o.Exact > 0, read: vm.Machine.Read, feed: vm.Machine.Feed, add: collective.Group.Sum32}
}

// spans are the places of arrays in a flat one: the gradients, then the states.
type spans struct {
	names  []string
	states []*graph.Param
	at     [][2]int
	total  int
}

// flat are sums of one element type.
type flat[T float32 | float64] struct {
	spans
	exact  bool
	read   func(m vm.Machine, name string, to []T) error
	feed   func(m vm.Machine, name string, x []T) error
	add    func(g collective.Group, x []T) error
	before [][]float64 // the states
	taken  int         // pieces of this step
	pieces [][]T       // room for them
	sum    []T
}

func (f *flat[T]) begin() {
	f.taken, f.before = 0, f.before[:0]
	for _, s := range f.states {
		f.before = append(f.before, s.Floats())
	}
}

func (f *flat[T]) restore() error {
	if f.taken == 0 {
		return nil
	}
	for i, s := range f.states {
		if err := s.SetFloats(f.before[i]); err != nil {
			return err
		}
	}
	return nil
}

func (f *flat[T]) take(m vm.Machine, share float64) error {
	if f.taken == len(f.pieces) {
		f.pieces = append(f.pieces, make([]T, f.total))
	}
	x := f.pieces[f.taken]
	f.taken++
	for i, name := range f.names {
		if err := f.read(m, name, x[f.at[i][0]:f.at[i][1]]); err != nil {
			return err
		}
	}
	for i, s := range f.states {
		at := f.at[len(f.names)+i]
		for k, v := range s.Floats() {
			x[at[0]+k] = T(share * v)
		}
	}
	return nil
}

// reduce adds the pieces up. If it is exact, they are added in their order over all
// ranks: a rank takes the sum of those before, adds its own, and hands it on.
func (f *flat[T]) reduce(g collective.Group) error {
	if f.sum == nil {
		f.sum = make([]T, f.total)
	}
	clear(f.sum)
	if !f.exact {
		for _, x := range f.pieces[:f.taken] {
			copy(f.sum, x)
		}
		return f.add(g, f.sum)
	}
	const block = 1 << 16 // elements that a rank hands on at a time, while the next adds
	for from := 0; from < f.total; from += block {
		sum := f.sum[from:min(from+block, f.total)]
		if g.Rank() > 0 {
			if err := g.Receive(g.Rank()-1, collective.Bytes(sum)); err != nil {
				return err
			}
		}
		for _, x := range f.pieces[:f.taken] {
			for i := range sum {
				sum[i] += x[from+i]
			}
		}
		if g.Rank()+1 < g.Size() {
			if err := g.Send(g.Rank()+1, collective.Bytes(sum)); err != nil {
				return err
			}
		}
	}
	return g.Broadcast(g.Size()-1, collective.Bytes(f.sum))
}

func (f *flat[T]) give(update vm.Machine) error {
	for i, name := range f.names {
		if err := f.feed(update, name, f.sum[f.at[i][0]:f.at[i][1]]); err != nil {
			return fmt.Errorf("the gradient %q: %w", name, err)
		}
	}
	for i, s := range f.states {
		at := f.at[len(f.names)+i]
		x := make([]float64, at[1]-at[0])
		for k := range x {
			x[k] = float64(f.sum[at[0]+k])
		}
		if err := s.SetFloats(x); err != nil {
			return err
		}
	}
	return nil
}
