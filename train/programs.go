package train

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
)

// TrainPrograms builds the training step of a model for a batch size: one program, or
// one per task if the net sets Alternate. With MicroBatch, each has a program before it
// that adds up gradients. The programs' outputs are the losses, under the tasks' names,
// and the metrics. Of the options it uses Optimizer, Params, Seed, MicroBatch and Freeze.
func TrainPrograms(m Model, batch int, o Options) ([]*graph.Program, error) {
	o, err := o.complete(m)
	if err != nil {
		return nil, named(err)
	}
	pieces, _, err := o.training(m, stepKey{training: true, batch: batch})
	programs := make([]*graph.Program, len(pieces))
	for i, p := range pieces {
		programs[i] = p.program
	}
	return programs, named(err)
}

// piece is a program of a step, which runs on a part of the batch.
type piece struct {
	program *graph.Program
	turn    int // of the task that alternates with others, from 0
	samples int
	last    bool // it updates the weights
}

// training builds the programs of a training step, in the order of their runs: for each
// turn the one for the last piece of the batch, after the one for the pieces before it
// if there are any.
func (o Options) training(m Model, k stepKey) (pieces []piece, scalars []scalar, err error) {
	if o.Group != nil {
		return o.spreadTraining(m, k)
	}
	sizes := []int{k.batch}
	if o.MicroBatch > 0 && o.MicroBatch < k.batch {
		sizes = []int{o.MicroBatch, (k.batch-1)%o.MicroBatch + 1}
	}
	for turn, more := 0, true; more; turn++ {
		for i, n := range sizes {
			var b *graph.Builder
			var tasks []task
			if b, tasks, more, err = o.buildTurn(m, n, turn); err != nil {
				return nil, nil, err
			}
			last := i == len(sizes)-1
			for _, t := range tasks {
				outputs := t.addOutputs(b, turn)
				t.Trains = o.trains(t.Trains, k.phase)
				switch {
				case !last:
					optim.Accumulate(b, t.Task)
					continue
				case i > 0:
					optim.MinimizeAccumulated(b, o.Optimizer, t.Task)
				default:
					optim.Minimize(b, o.Optimizer, t.Task)
				}
				scalars = append(scalars, outputs...)
			}
			p, err := b.Program()
			if err != nil {
				return nil, nil, err
			}
			if last {
				scalars = append(scalars, outputsOf(p, turn, scalars)...)
			}
			pieces = append(pieces, piece{p, turn, n, last})
		}
	}
	return pieces, scalars, nil
}

// buildTurn builds a model's net for training, with the tasks of a turn: all of them, or
// one if the net sets Alternate. more says that another turn follows.
func (o Options) buildTurn(m Model, batch, turn int) (b *graph.Builder, tasks []task, more bool, err error) {
	b, net, tasks, err := o.build(m, batch, true)
	if err != nil || !net.Alternate {
		return b, tasks, false, err
	}
	return b, tasks[min(turn, len(tasks)-1):][:1], turn+1 < len(tasks), nil
}

// outputsOf returns the scalar outputs of a program that optimisers added, such as the
// norm of the gradients.
func outputsOf(p *graph.Program, turn int, known []scalar) (out []scalar) {
	for _, o := range p.Outputs() {
		if len(o.Shape) == 0 && !slices.ContainsFunc(known, func(s scalar) bool { return s.turn == turn && s.name == o.Name }) {
			out = append(out, scalar{turn: turn, name: o.Name, once: true})
		}
	}
	return out
}

// build builds a model's net and checks its tasks.
func (o Options) build(m Model, batch int, training bool) (*graph.Builder, graph.Net, []task, error) {
	if batch < 1 {
		return nil, graph.Net{}, nil, fmt.Errorf("a batch of %d samples: want at least 1", batch)
	}
	b := graph.New(o.Params, graph.Config{Training: training, Seed: o.Seed})
	net := m.Build(b, batch)
	if err := b.Err(); err != nil {
		return nil, net, nil, err
	}
	tasks, err := tasksOf(net)
	if err != nil {
		return nil, net, nil, fmt.Errorf("the net of %T: %w", m, err)
	}
	return b, net, tasks, nil
}
