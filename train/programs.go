package train

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
)

// TrainPrograms builds the training step of a model for a batch size: one program, or
// one per task if the net sets Alternate. The programs' outputs are the losses, under
// the tasks' names, and the metrics. Of the options it uses Optimizer, Params and
// Seed.
func TrainPrograms(m Model, batch int, o Options) ([]*graph.Program, error) {
	o, err := o.complete(m)
	if err != nil {
		return nil, named(err)
	}
	programs, _, err := o.training(m, stepKey{training: true, batch: batch})
	return programs, named(err)
}

// training builds the programs of a training step.
func (o Options) training(m Model, k stepKey) (programs []*graph.Program, scalars []scalar, err error) {
	for turn := 0; ; turn++ {
		b, net, tasks, err := o.build(m, k.batch, true)
		if err != nil {
			return nil, nil, err
		}
		if net.Alternate {
			tasks = tasks[min(turn, len(tasks)-1):][:1]
		}
		for _, t := range tasks {
			scalars = append(scalars, t.addOutputs(b, turn)...)
			t.Trains = o.trains(t.Trains, k.phase)
			optim.Minimize(b, o.Optimizer, t.Task)
		}
		p, err := b.Program()
		if err != nil {
			return nil, nil, err
		}
		programs = append(programs, p)
		if !net.Alternate || turn+1 >= len(net.Tasks) {
			return programs, scalars, nil
		}
	}
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
