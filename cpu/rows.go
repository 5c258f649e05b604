package cpu

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// rowsGrain is the approximate number of elements of an array in one part of a
// rowsStep: few enough that all arrays of a part stay in the second-level cache.
const rowsGrain = 1 << 14

// rowsStep runs a plan.Rows on the team. A part is some rows. Arrays that only the
// step itself reads exist for one part at a time, in the worker's memory.
type rowsStep[T lower.Float] struct {
	vector  *kernel.Vector[T]
	count   int
	rows    int              // per part
	full    []*rowsPart[T]   // by worker: for parts of that many rows
	last    []*rowsPart[T]   // by worker: for the last part, if it has fewer rows
	sums    [][]T            // by result: the sums over the rows of each part, one after the other; nil for other results
	in, out []lower.Array[T] // of the current run
}

// rows plans a step by rows.
func (m *maker[T]) rows(p plan.Rows) (*rowsStep[T], error) {
	widest := 1
	for v := range p.Body.Values() {
		widest = max(widest, p.Body.Shape(lower.Value(v))[1])
	}
	s := &rowsStep[T]{vector: m.vector, count: p.Count, rows: min(max(1, rowsGrain/widest), p.Count)}
	for range m.workers {
		full, err := m.rowsPart(p, s.rows)
		if err != nil {
			return nil, err
		}
		s.full = append(s.full, full)
		if n := p.Count % s.rows; n > 0 {
			last, err := m.rowsPart(p, n)
			if err != nil {
				return nil, err
			}
			s.last = append(s.last, last)
		}
	}
	for _, v := range p.Body.Results() {
		var sums []T
		if shape := p.Body.Shape(v); shape[0] == 1 {
			sums = make([]T, s.parts()*shape[1])
		}
		s.sums = append(s.sums, sums)
	}
	return s, nil
}

func (s *rowsStep[T]) parts() int { return (s.count + s.rows - 1) / s.rows }

func (s *rowsStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in, s.out = in, out
	t.Run(s, s.parts())
	for i, sums := range s.sums {
		if sums == nil {
			continue
		}
		o := out[i]
		n := len(sums) / s.parts()
		to := o.Data[o.Off : o.Off+n]
		if n == 1 {
			to[0] = s.vector.Sum(sums)
			continue
		}
		clear(to)
		s.vector.AddRows(to, sums, s.parts(), n)
	}
	return nil
}

// Do runs one part.
func (s *rowsStep[T]) Do(part, worker int) {
	p := s.full[worker]
	if from := part * s.rows; from+s.rows > s.count {
		p = s.last[worker]
	}
	p.run(part*s.rows, part, worker, s)
}

// rowsPart runs the steps for some rows.
type rowsPart[T lower.Float] struct{ stages []rowsStage[T] }

// rowsStage is one step of a part.
type rowsStage[T lower.Float] struct {
	runner  rowsRunner[T]
	in, out []lower.Array[T]
	from    []rowsSource // of in
	to      []rowsSource // of out
}

// rowsRunner is a step that a single worker runs as a whole.
type rowsRunner[T lower.Float] interface {
	runWhole(worker int, in, out []lower.Array[T])
}

// rowsSource says in which memory an array of a stage is.
type rowsSource struct {
	place rowsPlace
	index int // of the operand or of the result
	off   int // of a view
	row   int // elements from one row to the next; 0 if all rows share the array
}

type rowsPlace uint8

const (
	rowsLocal   rowsPlace = iota // the part's own memory, bound once
	rowsOperand                  // an operand of the step
	rowsResult                   // a result of the step
	rowsSum                      // the part's own row of a result that is a sum over the rows
)

// rowsPart plans the steps for the given number of rows, on one worker.
func (m *maker[T]) rowsPart(p plan.Rows, rows int) (*rowsPart[T], error) {
	body := p.Of(rows)
	if err := body.Err(); err != nil {
		return nil, fmt.Errorf("rows: %w", err)
	}
	own := &plan.Plan{Dtype: m.plan.Dtype, Func: body, Values: plan.Layouts(body)}
	inner := *m
	inner.plan = own
	result := map[lower.Value]int{}
	for i, v := range body.Results() {
		result[v] = i
	}
	part := &rowsPart[T]{}
	memory := map[lower.Value][]T{} // of values that stay inside
	source := func(v lower.Value) (rowsSource, []T) {
		l := own.Values[v]
		shape := body.Shape(l.Root)
		at := rowsSource{off: l.Off, row: shape[1]}
		shared := p.Body.Shape(l.Root)[0] == 1 // by all rows, and not only one row, because the part has one
		if shared {
			at.row = 0
		}
		i, returned := result[l.Root]
		switch {
		case int(l.Root) < body.Inputs():
			at.place, at.index = rowsOperand, int(l.Root)
		case returned && shared:
			at.place, at.index, at.row = rowsSum, i, shape[1]
		case returned:
			at.place, at.index = rowsResult, i
		default:
			if memory[l.Root] == nil {
				memory[l.Root] = make([]T, shape.Size())
			}
			return at, memory[l.Root]
		}
		return at, nil
	}
	for _, s := range body.Steps() {
		if lower.IsView(s.Prim) {
			continue
		}
		runner, err := inner.rowsRunner(plan.Step{Prim: s.Prim, In: s.In, Out: s.Out})
		if err != nil {
			return nil, err
		}
		stage := rowsStage[T]{runner: runner}
		for _, v := range s.In {
			at, data := source(v)
			l := own.Values[v]
			stage.from = append(stage.from, at)
			stage.in = append(stage.in, lower.Array[T]{Shape: l.Shape, Strides: l.Strides, Off: l.Off, Data: data})
		}
		for _, v := range s.Out {
			at, data := source(v)
			l := own.Values[v]
			stage.to = append(stage.to, at)
			stage.out = append(stage.out, lower.Array[T]{Shape: l.Shape, Strides: l.Strides, Data: data})
		}
		part.stages = append(part.stages, stage)
	}
	return part, nil
}

// rowsRunner plans one step of the body.
func (m *maker[T]) rowsRunner(s plan.Step) (rowsRunner[T], error) {
	if p, ok := plan.LoopOf(s.Prim); ok {
		l := m.loop(s, p)
		l.chunks(1, true, true)
		return l, nil
	}
	if p, ok := s.Prim.(lower.Softmax); ok {
		return newSoftmaxStep(p, m.plan.Func.Shape(s.In[0]), m.vector, m.isa, m.registers), nil
	}
	return nil, fmt.Errorf("rows: %v does not run by rows", s.Prim)
}

// run computes the rows from first on.
func (p *rowsPart[T]) run(first, part, worker int, s *rowsStep[T]) {
	for k := range p.stages {
		stage := &p.stages[k]
		for i, at := range stage.from {
			s.bind(&stage.in[i], at, first, part)
		}
		for i, at := range stage.to {
			s.bind(&stage.out[i], at, first, part)
		}
		stage.runner.runWhole(worker, stage.in, stage.out)
	}
}

// bind points an array of a stage to the rows from first on.
func (s *rowsStep[T]) bind(a *lower.Array[T], at rowsSource, first, part int) {
	switch at.place {
	case rowsOperand:
		in := &s.in[at.index]
		a.Data, a.Off = in.Data, in.Off+at.off+first*at.row
	case rowsResult:
		out := &s.out[at.index]
		a.Data, a.Off = out.Data, out.Off+at.off+first*at.row
	case rowsSum:
		a.Data, a.Off = s.sums[at.index], part*at.row
	}
}

// runWhole runs the whole loop on one worker.
func (l *loop[T]) runWhole(worker int, in, out []lower.Array[T]) {
	l.start(in, out)
	l.whole(worker)
}
