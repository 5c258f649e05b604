package code

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// combiners are the start value and the combining function of each kind of
// reduction, in C.
var combiners = [...]struct{ start, both string }{
	lower.ReduceSum: {"0", "sum_of"},
	lower.ReduceMax: {"-infinity()", "max_of"},
}

// reduce writes the part that does a task with ends. If blocks share outputs,
// fold is the part that combines their chunks afterwards.
func (m *maker) reduce(t task) (p, fold *part, err error) {
	mark := len(t.in) + len(t.plain)
	axes := axesOf(t.shape, t.arrays())
	if len(t.plain) == 0 {
		axes = byMemory(axes)
	}
	s := sweepOf(axes, mark)
	s.split(t.computedOperand.least())

	p = newPart(t.label("reduce"), s.blocks())
	p.usesShared = true
	o := s.begin(p)
	for k, r := range t.ends {
		p.line("wide s%d = %s;", k, combiners[r.kind].start)
	}
	s.over(p, o, func(axes []axis, at []string) {
		var ends []string
		where := func(array int) string { return index(array, axes, at) }
		ends, err = m.elements(p, t, m.loading(p, t, where), where)
		for k, value := range ends {
			p.line("s%d = %s(s%d, %s);", k, combiners[t.ends[k].kind].both, k, value)
		}
	})
	if err != nil {
		return nil, nil, err
	}
	for k, r := range t.ends {
		s.gather(p, fmt.Sprintf("s%d", k), combiners[r.kind].both)
	}
	s.once(p)
	defer p.close()
	if s.chunks == 1 {
		for k, r := range t.ends {
			p.line("%s[%s] = s%d;", p.write(r.out.ref), index(mark, s.kept, o), k)
		}
		return p, nil, nil
	}
	rest := m.chunked(t, s, mark)
	for k := range t.ends {
		p.line("%s[chunk * %du + o] = s%d;", p.write(rest.in[k].ref), s.outputs, k)
	}
	fold, _, err = m.reduce(rest)
	return p, fold, err
}

// chunked is the task that combines the chunks of a sweep. It reads them from
// scratch memory, where they lie as [chunks, outputs].
func (m *maker) chunked(t task, s sweep, mark int) task {
	shape := lower.Shape{s.chunks}
	steps := []int{0}
	for _, x := range s.kept {
		shape = append(shape, x.extent)
		steps = append(steps, x.strides[mark])
	}
	rest := task{shape: shape}
	for k, r := range t.ends {
		rest.in = append(rest.in, array{m.allocScratch(shape.Size()), shape.Strides()})
		rest.ends = append(rest.ends, result{lower.Arg(k), r.kind, array{r.out.ref, slices.Clone(steps)}})
	}
	return rest
}
