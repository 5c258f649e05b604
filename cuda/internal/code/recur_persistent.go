package code

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/lower"
)

// If the weights of a recurrence fit, or nearly fit, the registers of a block's
// threads, one persistent kernel runs many steps: launching a kernel for each
// would take much longer than the step. A block has its own samples, so it
// waits for no other. A thread multiplies as many weights as there are units:
// those of a column or, in the backward pass, of one gate's part of a column of
// the transposed matrix. Weights that it cannot keep it reads again in each
// step, from the multiprocessor's L1 cache.

const (
	persistentThreads = 512       // the most threads of a block
	persistentSteps   = 5         // the least steps
	otherRegisters    = 52        // what a thread needs in addition to its weights and four sums for each sample
	maxRegisters      = 255       // of a thread
	rereadBytes       = 160 << 10 // the most that a block rereads in each step
	rereadBlocks      = 256       // the most blocks, if they reread weights
)

// weightsInRegisters is how many weights a thread keeps in registers.
func (r *recurrence) weightsInRegisters() int {
	words := 1
	if r.double {
		words = 2
	}
	n := min(registers/roundUp(r.width, 128), maxRegisters) - otherRegisters - 4*r.samples()
	return min(r.units, n/words)
}

// persistent reports whether one kernel runs many steps.
func (r *recurrence) persistent(steps int) bool {
	if steps < persistentSteps || r.width > persistentThreads {
		return false
	}
	bytes := (r.units - r.weightsInRegisters()) * r.width * extent{double: r.double}.bytes()
	return bytes == 0 || bytes <= rereadBytes && ceil(r.batch, r.samples()) <= rereadBlocks
}

// samples is how many a block has.
func (r *recurrence) samples() int { return min(r.cell.Gates, ceil(r.batch, processors)) }

// runPersistent writes the kernel of some steps. They differ only in where their
// arrays are: each array moves on by the same distance from step to step.
func (r *recurrence) runPersistent(steps []cellStep) error {
	s, gates, samples, inRegisters := steps[0], r.cell.Gates, r.samples(), r.weightsInRegisters()
	weights, err := r.byThreads(s, inRegisters)
	if err != nil {
		return err
	}
	p := newPart("recur", ceil(r.batch, samples))
	p.threads, p.mayAlias = roundUp(r.width, 32), true

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

	from := "0" // of the row, along the depth
	if s.group == 1 {
		from = fmt.Sprintf("(q < %d ? q * %d : 0)", gates, r.units)
	}
	weight := fmt.Sprintf("(q < %d ? %s[v * %d + q * %d + u * %d] : 0)", gates, p.read(weights.ref), weights.strides[0], weights.strides[1], weights.strides[2])
	p.line("real w[%d];", inRegisters)
	p.line("#pragma unroll")
	p.line("for (int v = 0; v < %d; v++) w[v] = %s;", inRegisters, weight)
	p.open("for (int i = threadIdx.x; i < %d; i += %d)", samples*s.deep, p.threads)
	p.line("const int j = i / %d, v = i %% %d;", s.deep, s.deep)
	p.line("row[j][v] = first + j < %d ? %s[(first + j) * %d + v * %d] : 0;", r.batch, p.read(s.row.ref), s.row.strides[0], s.row.strides[1])
	p.close()

	// The loop's operands that are read.
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
	if inRegisters < r.units {
		p.line("const real weight = v < %d ? w[v] : %s;", inRegisters, weight)
	} else {
		p.line("const real weight = w[v];")
	}
	p.line("#pragma unroll")
	p.line("for (int j = 0; j < %d; j++) sum[j][v %% 4] += row[j][%s + v] * weight;", samples, from)
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

// byThreads is where the weights of wh lie: by the depth within a gate, by the
// gate and by the unit. Either the columns are the units of all gates and the
// depth is the units, or the columns are the units and the depth is the units
// of all gates. If weights are read in each step, those of neighbouring units
// lie side by side, if need be in a copy.
func (r *recurrence) byThreads(s cellStep, inRegisters int) (array, error) {
	ofDepth, ofUnit, ofGate := s.weights.factor(depth, 0), s.weights.factor(columns, 0), s.weights.factor(columns, 1)
	if s.group == 1 {
		ofGate = ofDepth * r.units
	}
	a := array{RefOf(r.wh), []int{ofDepth, ofGate, ofUnit}}
	if inRegisters == r.units || ofUnit == 1 {
		return a, nil
	}
	shape := lower.Shape{r.units, r.cell.Gates, r.units}
	to := array{r.allocScratch(shape.Size()), shape.Strides()}
	return to, r.loops([]loopOver{over(identity, shape, []array{a}, []array{to})})
}

// exprs are the expressions of the results.
func (l *cellLoop) exprs() []lower.Expr {
	out := make([]lower.Expr, len(l.results))
	for i, r := range l.results {
		out[i] = r.expr
	}
	return out
}
