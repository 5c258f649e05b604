package code

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cuda/internal/emu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// machine is the memory that a program runs over in the emulator.
type machine struct {
	plan    *plan.Plan
	program *Program
	buffers [][]byte
	of      map[Ref]int // the buffer, by a space's first element; State's is its input's
	unset   []int
}

// newMachine makes memory for a program; values are those of the plan's inputs.
func newMachine(p *plan.Plan, program *Program, values [][]float64) *machine {
	m := &machine{plan: p, program: program, of: map[Ref]int{}}
	for i := range p.Inputs {
		m.add(Ref{Space: Input, Index: i}, encode(p.Dtype, values[i]), false)
	}
	m.fresh(Ref{Space: Arena}, p.Arena)
	m.fresh(Ref{Space: Scratch}, program.Scratch)
	m.fresh(Ref{Space: Results}, program.Results)
	results := p.Func.Results()
	for i := range p.Kept {
		m.fresh(Ref{Space: Fresh, Index: i}, p.Func.Shape(results[i]).Size())
	}
	for i, u := range p.Updates {
		for k, in := range p.Inputs {
			if in.Node == u.Node {
				m.of[Ref{Space: State, Index: i}] = m.of[Ref{Space: Input, Index: k}]
			}
		}
		if _, input := m.of[Ref{Space: State, Index: i}]; !input {
			m.fresh(Ref{Space: State, Index: i}, p.Func.Shape(results[len(p.Kept)+i]).Size())
		}
	}
	return m
}

func (m *machine) add(r Ref, b []byte, unset bool) {
	m.of[r] = len(m.buffers)
	if unset {
		m.unset = append(m.unset, len(m.buffers))
	}
	m.buffers = append(m.buffers, b)
}

func (m *machine) fresh(r Ref, n int) { m.add(r, make([]byte, width(m.plan.Dtype)*max(n, 1)), true) }

// run runs the program, with threads in the order of that number.
func (m *machine) run(order uint64) error {
	var launches []emu.Launch
	for _, c := range m.program.Calls {
		if c.Kernel == "" {
			return fmt.Errorf("step %d is not a kernel", c.Step)
		}
		l := emu.Launch{Kernel: c.Kernel, Grid: c.Grid, Block: c.Block}
		for _, r := range c.Args {
			off := r.Off
			r.Off = 0
			b, ok := m.of[r]
			if !ok {
				return fmt.Errorf("there is no %v", r)
			}
			l.Args = append(l.Args, emu.Arg{Buffer: b, Offset: width(m.plan.Dtype) * off})
		}
		launches = append(launches, l)
	}
	return emu.Config{Order: order, Unset: m.unset}.Exec(m.program.Source, launches, m.buffers)
}

// result is what the host gets of result i.
func (m *machine) result(i int) []float64 {
	p := m.plan
	v := p.Func.Results()[i]
	if i >= len(p.Kept) {
		i -= len(p.Updates)
	}
	r := m.program.Returned[i]
	off := r.Off
	r.Off = 0
	return decode(p.Dtype, m.buffers[m.of[r]])[off:][:p.Func.Shape(v).Size()]
}

func width(d graph.Dtype) int {
	if d == graph.Float64 {
		return 8
	}
	return 4
}

func encode(d graph.Dtype, xs []float64) []byte {
	var b []byte
	for _, x := range xs {
		if d == graph.Float64 {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
		} else {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(x)))
		}
	}
	return b
}

func decode(d graph.Dtype, b []byte) []float64 {
	xs := make([]float64, len(b)/width(d))
	for i := range xs {
		if d == graph.Float64 {
			xs[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		} else {
			xs[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
		}
	}
	return xs
}

// need skips a test if the emulator cannot run.
func need(t testing.TB) {
	t.Helper()
	for _, tool := range []string{"g++", "addr2line"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("there is no %s for the emulator", tool)
		}
	}
}

// inputs are numbers for a function's inputs, from -2 to 2, exact in float32.
func inputs(f *lower.Func, seed uint64) []lower.Array[float64] {
	r := rand.New(rand.NewPCG(seed, 1))
	in := make([]lower.Array[float64], f.Inputs())
	for i := range in {
		in[i] = lower.NewArray[float64](f.Shape(lower.Value(i)))
		for k := range in[i].Data {
			in[i].Data[k] = float64(float32(4*r.Float64() - 2))
		}
	}
	return in
}

// results runs a function's program in the emulator, with threads in each of
// the orders, and requires the same results.
func results(t testing.TB, f *lower.Func, dtype graph.Dtype, in []lower.Array[float64], orders ...uint64) [][]float64 {
	t.Helper()
	need(t)
	p, program := programOf(t, f, dtype)
	values := make([][]float64, len(in))
	for i, x := range in {
		values[i] = x.Elements()
	}
	var out [][]float64
	for _, order := range orders {
		m := newMachine(p, program, values)
		err := m.run(order)
		if errors.Is(err, emu.ErrNoCompiler) {
			t.Skip(err)
		}
		require.NoError(t, err, "%s\n%s", p, program.Source)
		var now [][]float64
		for i := range p.Func.Results() {
			now = append(now, m.result(i))
		}
		for i := range out {
			for k, x := range out[i] {
				require.Equal(t, math.Float64bits(x), math.Float64bits(now[i][k]), "in another order of threads: element %d of result %d of\n%v", k, i, f)
			}
		}
		out = now
	}
	return out
}

// check compares a function's program with the interpreter in float64.
func check(t testing.TB, f *lower.Func, in []lower.Array[float64], near float64) {
	t.Helper()
	require.NoError(t, f.Err())
	want, err := interp.Run(f, in...)
	require.NoError(t, err)
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		tolerance, orders := near, []uint64{0, 7}
		if dtype == graph.Float64 {
			tolerance, orders = near*0x1p-28, []uint64{1}
		}
		for i, got := range results(t, f, dtype, in, orders...) {
			same(t, want[i].Elements(), got, tolerance, "%v, result %d of\n%v", dtype, i, f)
		}
	}
}

// same requires numbers to agree within a tolerance relative to the largest,
// and NaN and infinities to be the same.
func same(t testing.TB, want, got []float64, near float64, format string, args ...any) {
	t.Helper()
	what := fmt.Sprintf(format, args...)
	require.Len(t, got, len(want), what)
	largest := 1.0
	for _, w := range want {
		if a := math.Abs(w); a < math.Inf(1) {
			largest = max(largest, a)
		}
	}
	for i, w := range want {
		g := got[i]
		if w == g || math.IsNaN(w) && math.IsNaN(g) || math.IsInf(g, 0) && math.Abs(w) > math.MaxFloat32 && w*g > 0 {
			continue
		}
		if !(math.Abs(w-g) <= near*largest) {
			require.Failf(t, "wrong", "element %d is %v, want %v within %.2g: %s", i, g, w, near*largest, what)
		}
	}
}
