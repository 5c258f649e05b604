package code

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// loopEpilogue is a loop as a product's epilogue. From each item it computes an
// element of a result, or adds to sums over the block.
type loopEpilogue struct {
	loop  loopOver
	in    []form // of the operands; the first are the elements of an item
	out   []form // of the results that are written element by element; empty for others
	over  []bound
	split int // elements of a result from one part of the depth to the next
	ends  []*blockSum
}

// epilogueOf is the loop as the epilogue of a product. place is the place of the
// product's elements in the loop's shape: a form for the position along each axis.
func epilogueOf(l loopOver, e *extents, place []form, ends []*blockSum) *loopEpilogue {
	f := &loopEpilogue{loop: l, ends: ends}
	for _, x := range l.in {
		var at form
		if x.strides != nil {
			at = through(place, x.strides)
		}
		f.in = append(f.in, at)
	}
	for i, r := range l.results {
		var at form
		if l.along[i] == nil {
			at = through(place, r.out.strides)
		}
		f.out = append(f.out, at)
	}
	for a := range place {
		f.over = append(f.over, bound{through(place[a:a+1], []int{1}), l.shape[a]})
	}
	f.over = needed(f.over, e)
	return f
}

// through is the form of an array's element, from the forms of its positions
// and the array's strides.
func through(place []form, strides []int) form {
	var f form
	for a, p := range place {
		f.plus += p.plus * strides[a]
		for r := range p.of {
			for i, x := range p.of[r] {
				for len(f.of[r]) <= i {
					f.of[r] = append(f.of[r], 0)
				}
				f.of[r][i] += x * strides[a]
			}
		}
	}
	return f
}

func (f *loopEpilogue) forms() []*form {
	var out []*form
	for i := range f.in {
		out = append(out, &f.in[i])
	}
	for i := range f.out {
		out = append(out, &f.out[i])
	}
	for i := range f.over {
		out = append(out, &f.over[i].form)
	}
	return out
}

func (f *loopEpilogue) sums() []*blockSum { return f.ends }

func (f *loopEpilogue) item(m *maker, p *part, e *extents, c []string) error {
	inside := ""
	for i := range f.over {
		inside = and(inside, f.over[i].text(e))
	}
	if inside != "" {
		p.open("if (%s)", inside)
		defer p.close()
	}
	exprs := make([]lower.Expr, len(f.loop.results))
	for i, r := range f.loop.results {
		exprs[i] = r.expr
	}
	values, err := m.compute(&p.text, exprs, func(arg int) string {
		if arg < len(c) {
			return c[arg]
		}
		p.line("const real x%d = %s[%s];", arg, p.read(f.loop.in[arg].ref), f.in[arg].text(e))
		return fmt.Sprintf("x%d", arg)
	})
	if err != nil {
		return err
	}
	end := 0
	for i, r := range f.loop.results {
		if f.loop.along[i] != nil {
			f.ends[end].more(&p.text, values[i])
			end++
			continue
		}
		at := f.out[i].text(e)
		if f.split > 0 {
			at = fmt.Sprintf("split * %d + %s", f.split, at)
		}
		p.line("%s[%s] = %s;", p.write(r.out.ref), at, values[i])
	}
	return nil
}

// blockSums returns the sums of a loop as sums over the blocks of a product; ok
// is false if they are over a part of one of the product's indices.
func (l *loopOver) blockSums(e *extents, place []form) (sums []*blockSum, ok bool) {
	for i, along := range l.along {
		if along == nil {
			continue
		}
		s := &blockSum{kind: l.results[i].kind}
		var whole [roles]bool
		for r := range e {
			all, none := true, true
			for a, p := range place {
				if !p.reads(role(r)) || l.shape[a] == 1 {
					continue
				}
				if slices.Contains(along, a) {
					none = false
				} else {
					all = false
				}
			}
			if !all && !none {
				return nil, false
			}
			whole[r] = !none
		}
		s.rows, s.columns = whole[rows], whole[columns]
		if e.size(batch) > 1 && !whole[batch] || !s.rows && !s.columns {
			return nil, false
		}
		sums = append(sums, s)
	}
	return sums, true
}
