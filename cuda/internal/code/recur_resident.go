package code

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/lower"
)

// Where the weights of a recurrence fit the registers of a block's threads, a
// kernel runs many steps: to start a kernel for each would take much longer than
// the step. A block has samples of its own, so it waits for no other. A thread
// keeps as many weights as there are units: those of a column, or, going back, of
// a gate's part of a column of the transposed.

const (
	residentUnits   = 96  // the most units, which is how many registers the weights take
	residentThreads = 512 // the most threads of a block
	residentSteps   = 5   // the least steps
)

// resident reports whether the recurrence keeps its weights in registers.
func (r *recurrence) resident(steps int) bool {
	units := residentUnits
	if r.double {
		units /= 2
	}
	return r.units <= units && r.width <= residentThreads && steps >= residentSteps
}

// runResident writes the kernel of some steps, which differ only in where their
// arrays are: from one to the next, each array is as far on.
func (r *recurrence) runResident(steps []cellStep) error {
	s, gates := steps[0], r.cell.Gates
	samples := min(gates, ceil(r.batch, processors)) // of a block
	p := newPart("recur", ceil(r.batch, samples))
	p.threads, p.mingled = roundUp(r.width, 32), true

	// at is an element of an array in step k, in C.
	at := func(kind string, i int, of func(cellStep) array, sample, unit string) string {
		a := of(s)
		name := ""
		if kind == "read" {
			name = p.read(a.ref)
		} else {
			name = p.write(a.ref)
		}
		return fmt.Sprintf("%s[k * %d + %s * %d + %s * %d]", name, of(steps[1]).ref.Off-a.ref.Off, sample, a.strides[0], unit, a.strides[1])
	}
	p.line("// %d samples, %d units, %d gates, %d steps", samples, r.units, gates, len(steps))
	p.line("alignas(16) __shared__ real row[%d][%d];", samples, s.deep)
	p.line("__shared__ real sums[%d][%d];", samples, r.width)
	p.line("const int u = threadIdx.x %% %d, q = threadIdx.x / %d; // the unit; the gate, or the sample of the block", r.units, r.units)
	p.line("const int first = block * %d, n = first + q;", samples)
	p.line("const bool mine = q < %d && n < %d;", samples, r.batch)

	// Columns are the gates' of all units, over a depth of as many units; or the
	// units', over a depth of as many units for each gate.
	weight := s.weights
	ofUnit, ofGate, ofDepth := weight.factor(columns, 0), weight.factor(columns, 1), weight.factor(depth, 0)
	from := "0"
	if s.group == 1 {
		ofGate = ofDepth * r.units
		from = fmt.Sprintf("(q < %d ? q * %d : 0)", gates, r.units)
	}
	p.line("real w[%d];", r.units)
	p.line("#pragma unroll")
	p.line("for (int v = 0; v < %d; v++) w[v] = q < %d ? %s[u * %d + q * %d + v * %d] : 0;", r.units, gates, p.read(RefOf(r.wh)), ofUnit, ofGate, ofDepth)
	p.open("for (int i = threadIdx.x; i < %d; i += %d)", samples*s.deep, p.threads)
	p.line("const int j = i / %d, v = i %% %d;", s.deep, s.deep)
	p.line("row[j][v] = first + j < %d ? %s[(first + j) * %d + v * %d] : 0;", r.batch, p.read(s.row.ref), s.row.strides[0], s.row.strides[1])
	p.close()

	// The loop's operands, as far as they are read.
	exprs := s.exprs()
	reads := map[int]bool{}
	var order []int
	if _, err := r.compute(&text{}, exprs, func(arg int) string {
		if arg >= s.group && !reads[arg] {
			reads[arg] = true
			order = append(order, arg)
		}
		return "x"
	}); err != nil {
		return err
	}
	p.open("for (int k = 0; k < %d; k++)", len(steps))
	for _, arg := range order {
		p.line("const real x%d = mine ? %s : 0;", arg, at("read", arg, func(s cellStep) array { return s.in[arg] }, "n", "u"))
	}
	p.line("__syncthreads();")
	p.line("real sum[%d][4] = {};", samples)
	p.line("#pragma unroll")
	p.open("for (int v = 0; v < %d; v++)", r.units)
	p.line("#pragma unroll")
	p.line("for (int j = 0; j < %d; j++) sum[j][v %% 4] += row[j][%s + v] * w[v];", samples, from)
	p.close()
	p.line("#pragma unroll")
	p.line("for (int j = 0; j < %d; j++) if (q < %d) sums[j][threadIdx.x] = (sum[j][0] + sum[j][1]) + (sum[j][2] + sum[j][3]);", samples, gates)
	p.line("__syncthreads();")
	p.line("if (!mine) continue;")
	elements := make([]string, s.group)
	if s.group == 1 {
		terms := make([]string, gates)
		for g := range terms {
			terms[g] = fmt.Sprintf("sums[q][%d + u]", g*r.units)
		}
		p.line("const real c0 = %s;", strings.Join(terms, " + "))
	}
	for g := range elements {
		elements[g] = fmt.Sprintf("c%d", g)
		if s.group > 1 {
			p.line("const real c%d = sums[q][%d + u];", g, g*r.units)
		}
	}
	values, err := r.compute(&p.text, exprs, func(arg int) string {
		if arg < s.group {
			return elements[arg]
		}
		return fmt.Sprintf("x%d", arg)
	})
	if err != nil {
		return err
	}
	for i := range s.results {
		p.line("%s = %s;", at("write", i, func(s cellStep) array { return s.results[i].out }, "n", "u"), values[i])
	}
	for b, i := range s.carried {
		p.line("row[q][%d + u] = %s;", b*r.units, values[i])
	}
	p.close()
	r.launch(p)
	return nil
}

// exprs are the expressions of the results.
func (l *cellLoop) exprs() []lower.Expr {
	out := make([]lower.Expr, len(l.results))
	for i, r := range l.results {
		out[i] = r.expr
	}
	return out
}
