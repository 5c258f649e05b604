package code

import (
	"fmt"
	"slices"
)

// enough is how many threads keep a GPU busy.
const enough = 1 << 17

// sweep is how the threads of some blocks go over a space of outputs, for each
// of which a length of elements is combined. Several threads, the lanes of an
// output, share its elements; where that is not enough threads, several blocks
// do, each taking a chunk. All of it depends on extents and strides alone.
type sweep struct {
	kept, reduced   []axis
	outputs, length int
	lanes           int // threads that share an output; a power of 2
	step            int // from one lane to the next; neighbouring threads have neighbouring outputs if it is not 1
	chunk, chunks   int // elements of an output that a block takes, and how many such blocks
}

// sweepOf arranges a space, of which the axes are combined along which the array
// mark does not move.
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

// alongRows is for outputs whose elements lie side by side: so do the lanes.
func (s *sweep) alongRows() {
	s.step, s.lanes = 1, 1
	for s.lanes < min(32, s.length) {
		s.lanes *= 2
	}
	for s.lanes < threads && (s.each() > 16 || s.each() > 2 && s.outputs*s.lanes < enough) {
		s.lanes *= 2
	}
}

// acrossColumns is for outputs that lie side by side, inner of them: so do the
// threads that compute them.
func (s *sweep) acrossColumns(inner int) {
	s.step = 1
	for s.step < min(32, inner) {
		s.step *= 2
	}
	for s.lanes = threads / s.step; s.lanes > 1 && (s.lanes > s.length || s.each() < 4 && s.outputs*s.lanes >= 2*enough); s.lanes /= 2 {
		s.step *= 2
	}
}

// each is how many elements a thread combines.
func (s *sweep) each() int { return ceil(s.length, s.lanes) }

// split shares outputs among blocks where threads are few and have much to do.
func (s *sweep) split() {
	if s.each() <= 32 || s.outputs*s.lanes >= enough {
		return
	}
	s.chunks = min(ceil(enough, s.outputs*s.lanes), ceil(s.length, 8*s.lanes))
	s.chunk = ceil(ceil(s.length, s.chunks), s.lanes) * s.lanes
	s.chunks = ceil(s.length, s.chunk)
}

// perBlock is how many outputs a block has.
func (s *sweep) perBlock() int { return threads / s.lanes }

// blocks is how many blocks there are, for one chunk after the other.
func (s *sweep) blocks() int { return ceil(s.outputs, s.perBlock()) * s.chunks }

// begin writes what a thread is to do: lane, the number o of its output, which
// it has if mine, and the elements from lane to end. It returns the output's
// coordinates.
func (s *sweep) begin(p *part) []string {
	first := "block"
	if s.chunks > 1 {
		columns := ceil(s.outputs, s.perBlock())
		p.line("const unsigned part = block / %du;", columns)
		first = fmt.Sprintf("block %% %du", columns)
	}
	if s.step == 1 {
		p.line("const unsigned lane = threadIdx.x %% %du, o = %s * %du + threadIdx.x / %du;", s.lanes, first, s.perBlock(), s.lanes)
	} else {
		p.line("const unsigned lane = threadIdx.x / %du, o = %s * %du + threadIdx.x %% %du;", s.step, first, s.perBlock(), s.step)
	}
	p.line("const bool mine = o < %du;", s.outputs)
	from, end := "lane", fmt.Sprintf("%du", s.length)
	if s.chunks > 1 {
		from = fmt.Sprintf("part * %du + lane", s.chunk)
		p.line("const unsigned stop = (part + 1) * %du;", s.chunk)
		if s.length%s.chunk != 0 {
			end = "(stop < " + end + " ? stop : " + end + ")"
		} else {
			end = "stop"
		}
	}
	p.line("const unsigned first = %s, end = mine ? %s : 0;", from, end)
	return coordinates(&p.text, s.kept, "o", all)
}

// over writes a loop over the thread's elements; body is given their
// coordinates in the output's space and along the reduced axes.
func (s *sweep) over(p *part, o []string, body func(axes []axis, at []string)) {
	if s.chunk >= 8*s.lanes {
		p.line("#pragma unroll 4")
	}
	p.open("for (unsigned k = first; k < end; k += %du)", s.lanes)
	k := coordinates(&p.text, s.reduced, "k", all)
	body(slices.Concat(s.kept, s.reduced), slices.Concat(o, k))
	p.close()
}
