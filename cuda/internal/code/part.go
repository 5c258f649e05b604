package code

import (
	"fmt"
	"strings"
)

const (
	// threads is how many a block has, unless the part says otherwise.
	threads = 256
	// mostPointers bounds the arguments of a kernel, which have 4 KB.
	maxPointers = 400
)

// part is the work of some blocks: a whole kernel, or one of several parts that
// a kernel runs side by side. Its text can use
//
//	block     the number of the block among the part's own
//	n         the part's n
//	a0, ...   what it reads, in the order of read
//	y0, ...   what it writes, in the order of write
//	shared    shared memory for a wide per thread, if usesShared
//
// and threadIdx.x.
type part struct {
	text
	label      string // what it does, in one word, for the name of the kernel
	blocks     int
	threads    int // of a block
	n          int // a number that may differ between parts with the same text
	usesShared bool
	mayAlias   bool // it may read through one pointer what it writes through another

	params       []param
	reads, wrote int
}

// param is an address that a part is given.
type param struct {
	ref     Ref
	name    string
	written bool
}

func newPart(label string, blocks int) *part {
	return &part{text: text{depth: 1}, label: label, blocks: blocks, threads: threads}
}

// read returns the name of a pointer to what the part reads at an address.
func (p *part) read(r Ref) string {
	for _, q := range p.params {
		if q.ref == r && !q.written {
			return q.name
		}
	}
	p.reads++
	return p.param(r, fmt.Sprintf("a%d", p.reads-1), false)
}

// write returns the name of a pointer to what the part writes at an address.
func (p *part) write(r Ref) string {
	p.wrote++
	return p.param(r, fmt.Sprintf("y%d", p.wrote-1), true)
}

func (p *part) param(r Ref, name string, written bool) string {
	p.params = append(p.params, param{r, name, written})
	return name
}

// declare returns the declaration of a parameter, with restrict if nothing else
// reaches its memory.
func (m *maker) declare(p *part, i int, name string) string {
	q, restrict := p.params[i], !p.mayAlias
	for k, o := range p.params {
		if k != i && (o.written || q.written) && m.aliases(o.ref, q.ref) {
			restrict = false
		}
	}
	s := "real*"
	if !q.written {
		s = "const real*"
	}
	if restrict {
		s += " __restrict__"
	}
	return s + " " + name
}

// launch runs parts that do not depend on each other. It defers those that can wait.
func (m *maker) launch(parts ...*part) {
	var immediate []*part
	for _, p := range parts {
		if !m.deferPart(p) {
			immediate = append(immediate, p)
		}
	}
	m.start(immediate...)
}

// start adds the calls that run the parts: one call, unless they have more arguments
// than a kernel can have.
func (m *maker) start(parts ...*part) {
	for len(parts) > 0 {
		var refs []Ref
		seen := map[param]bool{}
		n := 0
		for _, p := range parts {
			more := 0
			for _, q := range p.params {
				if q.name = ""; !seen[q] {
					more++
				}
			}
			if n > 0 && (len(seen)+more > maxPointers || p.threads != parts[0].threads) {
				break
			}
			for _, q := range p.params {
				if q.name = ""; !seen[q] {
					seen[q] = true
					refs = append(refs, q.ref)
				}
			}
			n++
		}
		if n == 1 {
			m.emitKernel(parts[0])
		} else {
			m.emitFused(parts[:n], refs)
		}
		parts = parts[n:]
	}
}

// emitKernel makes a kernel of one part.
func (m *maker) emitKernel(p *part) {
	var t text
	t.depth = 1
	t.line("const unsigned block = blockIdx.x;")
	if p.n > 0 {
		t.line("const unsigned n = %d;", p.n)
	}
	if p.usesShared {
		t.line("__shared__ wide shared[%d];", p.threads)
	}
	decls := make([]string, len(p.params))
	refs := make([]Ref, len(p.params))
	for i, q := range p.params {
		decls[i], refs[i] = m.declare(p, i, q.name), q.ref
	}
	name := m.kernels.kernel(p.label, p.threads, decls, t.String()+p.String(), m.step, m.what())
	m.call(Call{Kernel: name, Grid: p.blocks, Block: p.threads, Args: refs})
}

// emitFused makes a kernel of several parts. Each part becomes a device function.
func (m *maker) emitFused(parts []*part, refs []Ref) {
	var t text
	t.depth = 1
	t.line("const unsigned block = blockIdx.x;")
	names := map[param]string{}
	var decls []string
	usesShared := false
	first := 0
	var calls text
	calls.depth = 1
	for _, p := range parts {
		args := []string{fmt.Sprintf("block - %d", first), fmt.Sprint(p.n)}
		if first == 0 {
			args[0] = "block"
		}
		of := []string{"const unsigned block", "const unsigned n"}
		if p.usesShared {
			usesShared = true
			of, args = append(of, "wide* shared"), append(args, "shared")
		}
		for i, q := range p.params {
			of = append(of, m.declare(p, i, q.name))
			key := param{ref: q.ref, written: q.written}
			if names[key] == "" {
				names[key] = fmt.Sprintf("p%d", len(names))
				kind := "const real*"
				if q.written {
					kind = "real*"
				}
				decls = append(decls, kind+" "+names[key])
			}
			args = append(args, names[key])
		}
		name := m.kernels.function(p.label, of, p.String())
		calls.line("if (block < %d) return %s(%s);", first+p.blocks, name, strings.Join(args, ", "))
		first += p.blocks
	}
	if usesShared {
		t.line("__shared__ wide shared[%d];", parts[0].threads)
	}
	name := m.kernels.kernel("group", parts[0].threads, decls, t.String()+calls.String(), m.step, m.what())
	m.call(Call{Kernel: name, Grid: first, Block: parts[0].threads, Args: refs})
}
