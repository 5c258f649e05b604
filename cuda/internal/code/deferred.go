package code

import "slices"

// memoryRange is n elements of a space from an address on.
type memoryRange struct {
	at Ref
	n  int
}

func (s memoryRange) contains(r Ref) bool {
	return r.Space == s.at.Space && r.Index == s.at.Index && s.at.Off <= r.Off && r.Off < s.at.Off+s.n
}

// deferred is a part that runs later. It only combines the partial results that
// several blocks left in scratch memory. Launching a kernel takes longer than such a
// part computes, so it is deferred until something reads one of its results, to run
// together with similar parts of later steps.
type deferred struct {
	*part
	writes []memoryRange // arrays that it writes to
}

// readsOf reports whether the part reads an array that another one writes.
func (w deferred) readsOf(o deferred) bool {
	return slices.ContainsFunc(w.params, func(q param) bool {
		return !q.written && slices.ContainsFunc(o.writes, func(s memoryRange) bool { return s.contains(q.ref) })
	})
}

// deferPart defers a part, if that is possible.
func (m *maker) deferPart(p *part) bool {
	w := deferred{part: p}
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
	for i, parts := range m.deferredWaves {
		if slices.ContainsFunc(parts, w.readsOf) {
			wave = i + 1
		}
	}
	if wave == len(m.deferredWaves) {
		m.deferredWaves = append(m.deferredWaves, nil)
	}
	m.deferredWaves[wave] = append(m.deferredWaves[wave], w)
	return true
}

// arrayAt returns the array that contains an address: allocated scratch memory, or a
// result of the current step.
func (m *maker) arrayAt(r Ref) (memoryRange, bool) {
	all := m.allocated
	if m.step < len(m.plan.Steps) && r.Space != Scratch {
		all = nil
		for _, v := range m.plan.Steps[m.step].Out {
			all = append(all, memoryRange{RefOf(m.plan.Values[v]), m.plan.Func.Shape(v).Size()})
		}
	}
	i := slices.IndexFunc(all, func(s memoryRange) bool { return s.contains(r) })
	if i < 0 {
		return memoryRange{}, false
	}
	return all[i], true
}

// dependsOnDeferred reports whether a call reads or writes an array that a deferred
// part writes.
func (m *maker) dependsOnDeferred(c Call) bool {
	refs := c.Args
	if c.Product != nil {
		refs = []Ref{c.Product.A, c.Product.B, c.Product.C}
	}
	for _, w := range slices.Concat(m.deferredWaves...) {
		for _, s := range w.writes {
			if slices.ContainsFunc(refs, func(r Ref) bool { return s.contains(r) || m.aliases(s.at, r) }) {
				return true
			}
		}
	}
	return false
}

// flush runs the deferred parts, wave by wave. Each wave may read what earlier waves
// wrote.
func (m *maker) flush() {
	waves := m.deferredWaves
	m.deferredWaves, m.flushing = nil, true
	for _, wave := range waves {
		parts := make([]*part, len(wave))
		for i, w := range wave {
			parts[i] = w.part
		}
		m.start(parts...)
	}
	m.flushing = false
}

// begin begins a step, or the calls after the last step. It frees scratch memory,
// except for what deferred parts read or write.
func (m *maker) begin(step int) {
	m.step = step
	all := slices.Concat(m.deferredWaves...)
	m.allocated = slices.DeleteFunc(m.allocated, func(s memoryRange) bool {
		return !slices.ContainsFunc(all, func(w deferred) bool {
			return slices.ContainsFunc(w.params, func(q param) bool { return s.contains(q.ref) })
		})
	})
}

// allocScratch returns the address of n elements of scratch memory for the step: the
// first that are free.
func (m *maker) allocScratch(n int) Ref {
	n = max(1, (n+31)/32) * 32
	at, i := 0, 0
	for ; i < len(m.allocated) && m.allocated[i].at.Off-at < n; i++ {
		at = m.allocated[i].at.Off + m.allocated[i].n
	}
	r := Ref{Space: Scratch, Off: at}
	m.allocated = slices.Insert(m.allocated, i, memoryRange{r, n})
	m.program.Scratch = max(m.program.Scratch, at+n)
	return r
}
