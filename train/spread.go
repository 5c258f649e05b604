package train

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/collective"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// A batch is spread over the ranks of a group in pieces, each a range of its samples:
// Options.Exact pieces, or one for each rank. A rank computes the gradients of its pieces;
// their sum over all pieces then moves the weights on each rank.

// pieceStart is the first sample of a piece of a batch.
func pieceStart(batch, pieces, i int) int { return i * batch / pieces }

// pieces is into how many pieces batches are cut.
func (o Options) pieces() int {
	if o.Exact > 0 {
		return o.Exact
	}
	return o.Group.Size()
}

// ownPieces are the pieces of this rank, from the first to before the end.
func (o Options) ownPieces() (first, end int) {
	return o.Group.Rank() * o.pieces() / o.Group.Size(), (o.Group.Rank() + 1) * o.pieces() / o.Group.Size()
}

// ownSamples is the range of a batch that this rank reads: at least one sample.
func (o Options) ownSamples(batch int) (first, end int) {
	from, to := o.ownPieces()
	first, end = pieceStart(batch, o.pieces(), from), pieceStart(batch, o.pieces(), to)
	if first == end {
		first = min(first, batch-1)
		end = first + 1
	}
	return first, end
}

// spreadTraining builds the programs of a training step of a group: for each turn those
// for the pieces' gradients, one for each size, and the one that moves the weights.
func (o Options) spreadTraining(m Model, k stepKey) (pieces []piece, scalars []scalar, err error) {
	first, end := o.ownPieces()
	var sizes []int
	for i := first; i < end; i++ {
		if n := pieceStart(k.batch, o.pieces(), i+1) - pieceStart(k.batch, o.pieces(), i); n > 0 && !slices.Contains(sizes, n) {
			sizes = append(sizes, n)
		}
	}
	if len(sizes) == 0 {
		sizes = []int{1} // for the names of what it computes
	}
	for turn := 0; ; turn++ {
		alternate, turns := false, 0
		update := graph.New(o.Params, graph.Config{Training: true, Seed: o.Seed})
		for i, n := range sizes {
			b, net, tasks, err := o.build(m, n, true)
			if err != nil {
				return nil, nil, err
			}
			if alternate, turns = net.Alternate, len(net.Tasks); alternate {
				tasks = tasks[min(turn, len(tasks)-1):][:1]
			}
			for _, t := range tasks {
				outputs := t.addOutputs(b, turn)
				t.Trains = o.trains(t.Trains, k.phase)
				weights := optim.Gradients(b, t.Task)
				if i == 0 && b.Err() == nil {
					scalars = append(scalars, outputs...)
					optim.MinimizeGiven(update, o.Optimizer, t.Task, weights)
				}
			}
			p, err := b.Program()
			if err != nil {
				return nil, nil, err
			}
			pieces = append(pieces, piece{program: p, turn: turn, samples: n})
		}
		p, err := update.Program()
		if err != nil {
			return nil, nil, err
		}
		scalars = append(scalars, outputsOf(p, turn, scalars)...)
		pieces = append(pieces, piece{program: p, turn: turn, last: true})
		if !alternate || turn+1 >= turns {
			return pieces, scalars, nil
		}
	}
}

// spread runs the pieces of this rank, adds their gradients up with those of the others,
// and moves the weights, turn by turn.
type spread struct {
	ranks   *ranks
	turns   []spreadTurn
	numbers []float64 // of each piece: its scalars
	all     int       // pieces of the batch
	first   int       // the first sample of this rank
	samples int       // that this rank is fed
}

type spreadTurn struct {
	runs   []spreadRun
	update vm.Machine
	sums   sums
}

// spreadRun is a run of a piece.
type spreadRun struct {
	part
	piece int
	share float64
}

// spreadOver plans the runs of a step's machines over the group.
func (s *Step) spreadOver(pieces []piece, o Options) error {
	p := &spread{ranks: o.ranks, all: o.pieces(), numbers: make([]float64, o.pieces()*len(s.scalars))}
	from, to := o.ownSamples(s.batch)
	p.first, p.samples = from, to-from
	s.max, s.spread = 1, p
	s.parts = &parts{means: make([]float64, len(s.scalars))}
	bySize := map[int]vm.Machine{}
	for i, c := range pieces {
		if !c.last {
			bySize[c.samples] = s.machines[i]
			s.parts.hold(s.machines[i].Program())
			continue
		}
		t := spreadTurn{update: s.machines[i], sums: newSums(c.program, s.machines[i-1].Program(), o)}
		from, to := o.ownPieces()
		for k := from; k < to; k++ {
			first := pieceStart(s.batch, p.all, k)
			n := pieceStart(s.batch, p.all, k+1) - first
			if n > 0 {
				t.runs = append(t.runs, spreadRun{part{bySize[n], c.turn, first, n}, k, float64(n) / float64(s.batch)})
			}
		}
		p.turns = append(p.turns, t)
		clear(bySize)
	}
	return nil
}

// runSpread runs a step on this rank's part of a batch, whose first sample is given. If it
// fails, the weights are those before the step.
func (s *Step) runSpread(epoch, first int) error {
	p := s.spread
	clear(s.parts.means)
	clear(p.numbers)
	for _, t := range p.turns {
		if err := s.runTurn(t, epoch, first-p.first); err != nil {
			return err
		}
	}
	return s.addNumbers()
}

func (s *Step) runTurn(t spreadTurn, epoch, first int) error {
	t.sums.begin()
	for _, r := range t.runs {
		if err := t.sums.restore(); err != nil {
			return err
		}
		if err := setShare(r.machine, r.share); err != nil {
			return err
		}
		if err := s.runMachine(r.part, epoch, first); err != nil {
			return err
		}
		if err := s.takeNumbers(r); err != nil {
			return err
		}
		if err := t.sums.take(r.machine, r.share); err != nil {
			return err
		}
	}
	if err := t.sums.reduce(s.spread.ranks, len(t.runs)); err != nil {
		return err
	}
	if err := t.sums.give(t.update); err != nil {
		return err
	}
	return vm.Run(t.update)
}

// takeNumbers keeps the numbers of a piece, weighted by its share.
func (s *Step) takeNumbers(r spreadRun) error {
	for i, v := range s.scalars {
		if _, has := r.machine.Program().Output(v.name); !has || v.turn != r.turn {
			continue
		}
		x, err := r.machine.Number(v.name)
		if err != nil {
			return err
		}
		s.spread.numbers[r.piece*len(s.scalars)+i] = x * r.share
	}
	return nil
}

// addNumbers adds the numbers of all pieces in their order, with what the ranks wish.
func (s *Step) addNumbers() error {
	p := s.spread
	interrupted, late := p.ranks.wishes()
	all := append(p.numbers, interrupted, late)
	if err := p.ranks.Sum64(all); err != nil {
		return err
	}
	for k := range p.all {
		for i := range s.scalars {
			s.parts.means[i] += all[k*len(s.scalars)+i]
		}
	}
	for i, v := range s.scalars {
		update := p.turns[v.turn].update
		if _, has := update.Program().Output(v.name); !has {
			continue
		}
		var err error
		if s.parts.means[i], err = update.Number(v.name); err != nil {
			return err
		}
	}
	p.ranks.agree(all[len(all)-2], all[len(all)-1])
	return nil
}

// sums are the gradients of a turn, and the states that its runs change, as they are added
// up over pieces.
type sums interface {
	begin()
	restore() error                           // the states before the step
	take(m vm.Machine, share float64) error   // what a run of a piece computed
	reduce(g collective.Group, own int) error // the sum over all pieces
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
	taken  int
	pieces [][]T
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
func (f *flat[T]) reduce(g collective.Group, own int) error {
	if f.sum == nil {
		f.sum = make([]T, f.total)
	}
	clear(f.sum)
	if !f.exact {
		for _, x := range f.pieces[:own] {
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
		for _, x := range f.pieces[:own] {
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
