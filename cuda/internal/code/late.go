package code

import "slices"

// stretch is n elements of a space from an address on.
type stretch struct {
	at Ref
	n  int
}

func (s stretch) holds(r Ref) bool {
	return r.Space == s.at.Space && r.Index == s.at.Index && s.at.Off <= r.Off && r.Off < s.at.Off+s.n
}

// waiting is a deferred part: it only combines what several blocks left in
// scratch memory. Launching a kernel takes longer than such a part computes, so
// it waits for similar parts of later steps, until something reads one of their
// results.
type waiting struct {
	*part
	writes []stretch // arrays that it writes to
}

// readsOf reports whether the part reads an array that another one writes.
func (w waiting) readsOf(o waiting) bool {
	return slices.ContainsFunc(w.params, func(q param) bool {
		return !q.written && slices.ContainsFunc(o.writes, func(s stretch) bool { return s.holds(q.ref) })
	})
}

// delay defers a part, if that is possible.
func (m *maker) delay(p *part) bool {
	w := waiting{part: p}
	for _, q := range p.params {
		if !q.written {
			if q.ref.Space != Scratch {
				return false
			}
			continue
		}
		s, ok := m.arrayAt(q.ref)
		if !ok {
			return false
		}
		w.writes = append(w.writes, s)
	}
	wave := 0
	for i, parts := range m.late {
		if slices.ContainsFunc(parts, w.readsOf) {
			wave = i + 1
		}
	}
	if wave == len(m.late) {
		m.late = append(m.late, nil)
	}
	m.late[wave] = append(m.late[wave], w)
	return true
}

// arrayAt returns the array that contains an address: scratch memory that was
// taken, or a result of the current step.
func (m *maker) arrayAt(r Ref) (stretch, bool) {
	all := m.taken
	if m.step < len(m.plan.Steps) && r.Space != Scratch {
		all = nil
		for _, v := range m.plan.Steps[m.step].Out {
			all = append(all, stretch{RefOf(m.plan.Values[v]), m.plan.Func.Shape(v).Size()})
		}
	}
	i := slices.IndexFunc(all, func(s stretch) bool { return s.holds(r) })
	if i < 0 {
		return stretch{}, false
	}
	return all[i], true
}

// awaits reports whether a call reads or writes an array that a waiting part
// writes.
func (m *maker) awaits(c Call) bool {
	refs := c.Args
	if c.Product != nil {
		refs = []Ref{c.Product.A, c.Product.B, c.Product.C}
	}
	for _, w := range slices.Concat(m.late...) {
		for _, s := range w.writes {
			if slices.ContainsFunc(refs, func(r Ref) bool { return s.holds(r) || m.aliases(s.at, r) }) {
				return true
			}
		}
	}
	return false
}

// flush runs the waiting parts, wave by wave: each wave may read what those
// before it wrote.
func (m *maker) flush() {
	waves := m.late
	m.late, m.flushing = nil, true
	for _, wave := range waves {
		parts := make([]*part, len(wave))
		for i, w := range wave {
			parts[i] = w.part
		}
		m.start(parts...)
	}
	m.flushing = false
}

// begin begins a step, or what follows the last. It frees scratch memory,
// except for what waiting parts read or write.
func (m *maker) begin(step int) {
	m.step = step
	all := slices.Concat(m.late...)
	m.taken = slices.DeleteFunc(m.taken, func(s stretch) bool {
		return !slices.ContainsFunc(all, func(w waiting) bool {
			return slices.ContainsFunc(w.params, func(q param) bool { return s.holds(q.ref) })
		})
	})
}

// take returns the address of n elements of scratch memory for the step: the
// first that are free.
func (m *maker) take(n int) Ref {
	n = max(1, (n+31)/32) * 32
	at, i := 0, 0
	for ; i < len(m.taken) && m.taken[i].at.Off-at < n; i++ {
		at = m.taken[i].at.Off + m.taken[i].n
	}
	r := Ref{Space: Scratch, Off: at}
	m.taken = slices.Insert(m.taken, i, stretch{r, n})
	m.program.Scratch = max(m.program.Scratch, at+n)
	return r
}
