package train

import (
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Names of numbers that mean the same in every net.
const (
	Loss = "loss"          // the first task's loss
	MSE  = graph.MetricMSE // mean squared error between reconstruction and input, in the evaluation of nets that reconstruct
)

// task is a task with the metrics to report, under unique names.
type task struct {
	graph.Task
	metrics []graph.Metric
}

// tasksOf checks the tasks of a net. A loss has the name of its task. A metric has
// its own name. If that is taken, the task's name goes before it, as in
// "critic/accuracy".
func tasksOf(net graph.Net) ([]task, error) {
	if len(net.Tasks) == 0 {
		return nil, errors.New("it has no task: list what to minimise in graph.Net.Tasks")
	}
	named := map[string]*graph.Node{}
	for i, t := range net.Tasks {
		switch {
		case t.Name == "":
			return nil, fmt.Errorf("task %d has no name", i+1)
		case t.Loss == nil:
			return nil, fmt.Errorf("task %q has no loss: set it to the scalar to minimise", t.Name)
		case len(t.Loss.Shape()) > 0:
			return nil, fmt.Errorf("the loss of task %q has shape %v, want a scalar, such as a mean over the batch", t.Name, graph.Shape(t.Loss.Shape()))
		case named[t.Name] != nil:
			return nil, fmt.Errorf("two tasks are called %q", t.Name)
		case t.Name == Loss && i > 0:
			return nil, fmt.Errorf("task %d cannot be called %q, which is the name of the first task's loss", i+1, Loss)
		}
		named[t.Name] = t.Loss
	}
	var out []task
	for _, t := range net.Tasks {
		checked := task{Task: t}
		for _, m := range t.Metrics {
			switch {
			case m.Name == "" || m.Node == nil:
				return nil, fmt.Errorf("metric %q of task %q has no name or no node", m.Name, t.Name)
			case len(m.Node.Shape()) > 0:
				return nil, fmt.Errorf("metric %q of task %q has shape %v, want a scalar", m.Name, t.Name, graph.Shape(m.Node.Shape()))
			}
			if named[m.Name] == m.Node {
				continue // it is already reported
			}
			if named[m.Name] != nil || m.Name == Loss {
				m.Name = t.Name + "/" + m.Name
			}
			if named[m.Name] != nil {
				return nil, fmt.Errorf("two metrics of task %q are called %q", t.Name, m.Name)
			}
			named[m.Name] = m.Node
			checked.metrics = append(checked.metrics, m)
		}
		out = append(out, checked)
	}
	return out, nil
}

// addOutputs makes the loss and the metrics outputs of the program that a machine
// runs.
func (t task) addOutputs(b *graph.Builder, turn int) (out []scalar) {
	b.Output(t.Name, t.Loss)
	out = append(out, scalar{turn: turn, name: t.Name, loss: true})
	for _, m := range t.metrics {
		b.Output(m.Name, m.Node)
		out = append(out, scalar{turn: turn, name: m.Name})
	}
	return out
}
