package code

import (
	"fmt"
	"slices"
)

// fullOccupancy is how many threads keep a GPU busy.
const fullOccupancy = 1 << 18

// sweep is how the threads of some blocks go over a space of outputs, each of
// which combines length elements. Several threads, the lanes of an output,
// share its elements; if that is not enough threads, several blocks do, each
// taking a chunk. All of it depends only on extents and strides.
type sweep struct {
	kept, reduced   []axis
	outputs, length int
	lanes           int // threads that share an output, a power of 2
	step            int // from one lane to the next; unless it is 1, neighbouring threads have neighbouring outputs
	chunk, chunks   int // elements of an output that a block takes, and how many such blocks
}

// sweepOf arranges a space. The axes along which the array mark has stride 0
// are combined.
func sweepOf(axes []axis, mark int) sweep {
	var s sweep
	for _, x := range axes {
		if x.strides[mark] == 0 {
			s.reduced = append(s.reduced, x)
		} else {
			s.kept = append(s.kept, x)
		}
	}
	s.kept, s.reduced = join(s.kept), join(s.reduced)
	s.outputs, s.length = size(s.kept), size(s.reduced)
	inner := axes[len(axes)-1]
	if inner.strides[mark] == 0 {
		s.alongRows()
	} else {
		s.acrossColumns(inner.extent)
	}
	s.chunk, s.chunks = s.length, 1
	return s
}

// alongRows is for outputs whose elements lie side by side: neighbouring
// threads are lanes of one output.
func (s *sweep) alongRows() {
	s.step, s.lanes = 1, 1
	for s.lanes < min(32, s.length) {
		s.lanes *= 2
	}
	for s.lanes < threads && (s.each() > 16 || s.each() > 2 && s.outputs*s.lanes < fullOccupancy) {
		s.lanes *= 2
	}
}

// acrossColumns is for outputs that lie side by side, inner of them:
// neighbouring threads have neighbouring outputs.
func (s *sweep) acrossColumns(inner int) {
	s.step = 1
	for s.step < min(32, inner) {
		s.step *= 2
	}
	for s.lanes = threads / s.step; s.lanes > 1 && (s.lanes > s.length || s.each() < 4 && s.outputs*s.lanes >= 2*fullOccupancy); s.lanes /= 2 {
		s.step *= 2
	}
}

// each is how many elements a thread combines.
func (s *sweep) each() int { return ceil(s.length, s.lanes) }

// split shares outputs among blocks if there are few threads and each has much
// to do. A lane then has least elements or more.
func (s *sweep) split(least int) {
	if s.each() <= 32 || s.outputs*s.lanes >= fullOccupancy {
		return
	}
	s.chunks = min(ceil(fullOccupancy, s.outputs*s.lanes), ceil(s.length, least*s.lanes))
	s.chunk = ceil(ceil(s.length, s.chunks), s.lanes) * s.lanes
	s.chunks = ceil(s.length, s.chunk)
}

// perBlock is how many outputs a block has.
func (s *sweep) perBlock() int { return threads / s.lanes }

// blocks is how many blocks there are, for all chunks.
func (s *sweep) blocks() int { return ceil(s.outputs, s.perBlock()) * s.chunks }

// begin writes the work of a thread: its lane, the number o of its output, and
// the elements from first to below end that the lanes share. It returns the
// output's coordinates.
func (s *sweep) begin(p *part) []string {
	lane, o := "threadIdx.x", ""
	switch {
	case s.lanes == 1:
		lane, o = "0", "threadIdx.x"
	case s.lanes < threads && s.step == 1:
		lane, o = fmt.Sprintf("threadIdx.x %% %du", s.lanes), fmt.Sprintf("threadIdx.x / %du", s.lanes)
	case s.lanes < threads:
		lane, o = fmt.Sprintf("threadIdx.x / %du", s.step), fmt.Sprintf("threadIdx.x %% %du", s.step)
	}
	p.line("const unsigned lane = %s;", lane)
	block, blocks := "block", ceil(s.outputs, s.perBlock())
	if s.chunks > 1 {
		p.line("const unsigned chunk = block / %du; // of %d", blocks, s.chunks)
		block = fmt.Sprintf("block %% %du", blocks)
	}
	switch {
	case blocks == 1 && o == "":
		o = "0"
	case o == "":
		o = block
	case blocks > 1:
		o = fmt.Sprintf("%s * %du + %s", block, s.perBlock(), o)
	}
	p.line("const unsigned o = %s; // of %d", o, s.outputs)

	first, end := "lane", fmt.Sprintf("%du", s.length)
	if s.chunks > 1 {
		first = fmt.Sprintf("chunk * %du + lane", s.chunk)
		if s.length%s.chunk == 0 {
			end = fmt.Sprintf("(chunk + 1) * %du", s.chunk)
		} else {
			end = fmt.Sprintf("min((chunk + 1) * %du, %du)", s.chunk, s.length)
		}
	}
	if s.ragged() {
		end = fmt.Sprintf("o < %du ? %s : 0", s.outputs, end)
	}
	p.line("const unsigned first = %s, end = %s;", first, end)
	return coordinates(&p.text, s.kept, "o", all)
}

// ragged reports whether the last block has threads without an output. They
// have no elements, but still reach the barriers.
func (s *sweep) ragged() bool { return s.outputs%s.perBlock() != 0 }

// over writes a loop over the thread's elements; body is given the axes of the
// space and the element's coordinates.
func (s *sweep) over(p *part, o []string, body func(axes []axis, at []string)) {
	if s.chunk >= 8*s.lanes {
		p.line("#pragma unroll 4")
	}
	p.open("for (unsigned k = first; k < end; k += %du)", s.lanes)
	k := coordinates(&p.text, s.reduced, "k", all)
	body(slices.Concat(s.kept, s.reduced), slices.Concat(o, k))
	p.close()
}

// gather writes the code that combines a variable over the lanes of each
// output.
func (s *sweep) gather(p *part, name, both string) {
	p.line("%[1]s = across<%[2]s>(%[1]s, %[3]d, %[4]d, shared);", name, both, s.lanes, s.step)
}

// once opens the code that one lane of each output runs.
func (s *sweep) once(p *part) {
	if s.ragged() {
		p.open("if (lane == 0 && o < %du)", s.outputs)
	} else {
		p.open("if (lane == 0)")
	}
}
