package code

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// From wideLoop elements on, each thread of a loop computes perThread elements, to
// have several loads in flight. Smaller loops need the threads.
const (
	wideLoop  = 1 << 19
	perThread = 4
)

// each writes the part that computes results element by element.
func (m *maker) each(t task) (*part, error) {
	axes := axesOf(t.shape, t.arrays())
	n := t.shape.Size()
	p := newPart(t.label("map"), ceil(n, threads))
	p.n = n
	if n >= wideLoop && t.computedOperand == nil {
		p.blocks = ceil(n, perThread*threads)
		return p, m.eachUnrolled(p, t, axes)
	}
	p.line("const unsigned i = block * %du + threadIdx.x;", threads)
	p.line("if (i >= n) return;")
	at := coordinates(&p.text, axes, "i", needsCoordinates(axes, 0, len(t.arrays())))
	where := func(array int) string { return position(array, axes, at, "i") }
	_, err := m.elements(p, t, m.loading(p, t, where), where)
	return p, err
}

// eachUnrolled writes a loop in which a thread reads all operands of several elements
// before it computes them.
func (m *maker) eachUnrolled(p *part, t task, axes []axis) error {
	p.line("const unsigned from = block * %du + threadIdx.x;", perThread*threads)
	names := make([]string, len(t.in))
	var loads []int
	for arg, x := range t.in {
		if !t.readsArg(arg) {
			continue
		}
		if uniform(arg, axes) {
			names[arg] = fmt.Sprintf("x%d", arg)
			p.line("const real %s = %s[0];", names[arg], p.read(x.ref))
			continue
		}
		names[arg] = fmt.Sprintf("x%d[u]", arg)
		p.line("real x%d[%d];", arg, perThread)
		loads = append(loads, arg)
	}
	begin := func(from, to int) func(array int) string {
		p.line("#pragma unroll")
		p.open("for (unsigned u = 0; u < %d; u++)", perThread)
		p.line("const unsigned i = from + u * %du;", threads)
		p.open("if (i < n)")
		at := coordinates(&p.text, axes, "i", needsCoordinates(axes, from, to))
		return func(array int) string { return position(array, axes, at, "i") }
	}
	end := func() {
		p.close()
		p.close()
	}
	if len(loads) > 0 {
		where := begin(0, len(t.in))
		for _, arg := range loads {
			p.line("%s = %s[%s];", names[arg], p.read(t.in[arg].ref), where(arg))
		}
		end()
	}
	where := begin(len(t.in), len(t.arrays()))
	_, err := m.elements(p, t, func(arg int) string { return names[arg] }, where)
	end()
	return err
}

// uniform reports whether an array is one number for the whole space.
func uniform(array int, axes []axis) bool {
	return !slices.ContainsFunc(axes, func(x axis) bool { return x.strides[array] != 0 })
}

func (t task) readsArg(arg int) bool {
	return slices.ContainsFunc(t.exprs(), func(e lower.Expr) bool { return e.Valid() && e.Reads(arg) })
}

// loading loads each argument when it is first needed. where gives the index of
// the element in an array, by the array's number.
func (m *maker) loading(p *part, t task, where func(array int) string) func(arg int) string {
	return func(arg int) string {
		if arg == 0 && t.computedOperand != nil {
			at := make([]string, len(t.computedOperand.arrays))
			for i := range at {
				at[i] = where(len(t.in) + len(t.plain) + len(t.ends) + i)
			}
			return t.computedOperand.write(p, at)
		}
		p.line("const real x%d = %s[%s];", arg, p.read(t.in[arg].ref), where(arg))
		return fmt.Sprintf("x%d", arg)
	}
}

// elements writes the code that computes one element of each of a task's
// expressions, and stores the plain results. It returns the values of the ends,
// in C. operand returns the name of an argument.
func (m *maker) elements(p *part, t task, operand func(arg int) string, where func(array int) string) (ends []string, err error) {
	values, err := m.compute(&p.text, t.exprs(), operand)
	if err != nil {
		return nil, err
	}
	for k, r := range t.plain {
		p.line("%s[%s] = %s;", p.write(r.out.ref), where(len(t.in)+k), values[k])
	}
	return values[len(t.plain):], nil
}
