package plan

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// verify checks that every operand is computed before it is read, that no step is
// dead, that results are in row-major order, and that arrays in the arena do not
// overlap.
func (p *Plan) verify() error {
	if err := p.Func.Err(); err != nil {
		return err
	}
	computed := make([]bool, p.Func.Values())
	for i := range p.Func.Inputs() {
		computed[i] = true
	}
	for i, s := range p.Steps {
		for _, v := range s.In {
			if !computed[p.Values[v].Root] {
				return fmt.Errorf("step %d, %v, reads %%%d before it is computed", i, s.Prim, v)
			}
		}
		for _, v := range s.Out {
			computed[v] = true
		}
	}
	if i := p.dead(); i >= 0 {
		return fmt.Errorf("nothing reads the results of step %d, %v", i, p.Steps[i].Prim)
	}
	for i, v := range p.Func.Results() {
		if !computed[p.Values[v].Root] || !p.Values[v].readable() {
			return fmt.Errorf("result %d is not computed in row-major order", i)
		}
	}
	return p.checkDisjoint()
}

// checkDisjoint checks that arrays lie within the arena, and that no two that are
// alive at the same time overlap.
func (p *Plan) checkDisjoint() error {
	var alive []span // in ascending order of place
	base := func(s span) int { return p.Values[s.root].Base }
	indexAt := func(at int) int {
		k, _ := slices.BinarySearchFunc(alive, at, func(s span, at int) int { return base(s) - at })
		return k
	}
	ends := make([][]span, len(p.Steps)+1) // by the last step that reads them
	step := 0
	for _, a := range p.spans() { // by first step
		at := base(a)
		if at < 0 || at%align != 0 || at+a.size > p.Arena {
			return fmt.Errorf("%%%d is at %d, outside of the arena", a.root, at)
		}
		for ; step < a.first; step++ {
			for _, old := range ends[step] {
				k := indexAt(base(old))
				alive = slices.Delete(alive, k, k+1)
			}
		}
		k := indexAt(at)
		for _, n := range []int{k - 1, k} {
			if n >= 0 && n < len(alive) && overlap(at, a.size, base(alive[n]), alive[n].size) {
				return fmt.Errorf("%%%d and %%%d share memory and time", a.root, alive[n].root)
			}
		}
		alive = slices.Insert(alive, k, a)
		ends[a.last] = append(ends[a.last], a)
	}
	return nil
}

// dead returns the index of a step whose results nothing reads, or -1.
func (p *Plan) dead() int {
	read := make([]bool, p.Func.Values())
	for _, s := range p.Steps {
		for _, v := range s.In {
			read[p.Values[v].Root] = true
		}
	}
	for _, v := range p.Func.Results() {
		read[p.Values[v].Root] = true
	}
	return slices.IndexFunc(p.Steps, func(s Step) bool {
		return !slices.ContainsFunc(s.Out, func(v lower.Value) bool { return read[v] })
	})
}

func overlap(a, an, b, bn int) bool { return a < b+bn && b < a+an }
