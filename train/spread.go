package train

import (
	"slices"

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
	for turn, more := 0, true; more; turn++ {
		update := graph.New(o.Params, graph.Config{Training: true, Seed: o.Seed})
		for i, n := range sizes {
			var b *graph.Builder
			var tasks []task
			if b, tasks, more, err = o.buildTurn(m, n, turn); err != nil {
				return nil, nil, err
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
	}
	return pieces, scalars, nil
}

// spread runs the pieces of this rank, adds their gradients up with those of the others,
// and moves the weights, turn by turn.
type spread struct {
	ranks   *ranks
	turns   []spreadTurn
	numbers []float64 // of each piece: its scalars; with room for the wishes of the ranks
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
}

// spreadOver plans the runs of a step's machines over the group.
func (s *Step) spreadOver(pieces []piece, o Options) error {
	p := &spread{ranks: o.ranks, all: o.pieces(), numbers: make([]float64, o.pieces()*len(s.scalars), o.pieces()*len(s.scalars)+2)}
	from, to := o.ownSamples(s.batch)
	p.first, p.samples = from, to-from
	s.max, s.spread = 1, p
	s.parts = &parts{means: make([]float64, len(s.scalars))}
	bySize := map[int]vm.Machine{}
	for i, c := range pieces {
		if !c.last {
			bySize[c.samples] = s.machines[i]
			if err := setShare(s.machines[i], s.share(c.samples)); err != nil {
				return err
			}
			s.parts.hold(s.machines[i].Program())
			continue
		}
		t := spreadTurn{update: s.machines[i], sums: newSums(c.program, s.machines[i-1].Program(), o)}
		from, to := o.ownPieces()
		for k := from; k < to; k++ {
			first := pieceStart(s.batch, p.all, k)
			n := pieceStart(s.batch, p.all, k+1) - first
			if n > 0 {
				t.runs = append(t.runs, spreadRun{part{bySize[n], c.turn, first, n}, k})
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
		if err := s.runMachine(r.part, epoch, first); err != nil {
			return err
		}
		own := s.spread.numbers[r.piece*len(s.scalars):]
		if err := s.numbersOf(r.part, func(i int, x float64) { own[i] = x }); err != nil {
			return err
		}
		if err := t.sums.take(r.machine, s.share(r.samples)); err != nil {
			return err
		}
	}
	if err := t.sums.reduce(s.spread.ranks); err != nil {
		return err
	}
	if err := t.sums.give(t.update); err != nil {
		return err
	}
	return vm.Run(t.update)
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
