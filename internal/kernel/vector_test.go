package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// vectorCase is one elementwise kernel, with its operands in x, y and z and its
// scalars in s and t.
type vectorCase struct {
	name string
	run  func(v *Vector[float32], dst, x, y, z []float32, s, t float32)
}

func vectorCases() []vectorCase {
	var all []vectorCase
	for op := range VectorOp(vectorOps) {
		if !op.Binary() {
			all = append(all, vectorCase{op.String(), func(v *Vector[float32], dst, x, y, z []float32, s, t float32) {
				v.Unary[op](dst, x)
			}})
			continue
		}
		all = append(all,
			vectorCase{op.String(), func(v *Vector[float32], dst, x, y, z []float32, s, t float32) {
				v.Binary[op](dst, x, y)
			}},
			vectorCase{op.String() + " right", func(v *Vector[float32], dst, x, y, z []float32, s, t float32) {
				v.Right[op](dst, x, s)
			}},
			vectorCase{op.String() + " left", func(v *Vector[float32], dst, x, y, z []float32, s, t float32) {
				v.Left[op](dst, x, s)
			}})
	}
	return append(all,
		vectorCase{"fill", func(v *Vector[float32], dst, x, y, z []float32, s, t float32) { v.Fill(dst, s) }},
		vectorCase{"copy", func(v *Vector[float32], dst, x, y, z []float32, s, t float32) { v.Copy(dst, x) }},
		vectorCase{"where", func(v *Vector[float32], dst, x, y, z []float32, s, t float32) { v.Where(dst, x, y, z) }},
		vectorCase{"where else", func(v *Vector[float32], dst, x, y, z []float32, s, t float32) { v.WhereElse(dst, x, y, s) }},
		vectorCase{"where then", func(v *Vector[float32], dst, x, y, z []float32, s, t float32) { v.WhereThen(dst, x, y, s) }},
		vectorCase{"mul add", func(v *Vector[float32], dst, x, y, z []float32, s, t float32) { v.MulAdd(dst, x, y, z) }},
		vectorCase{"mul add scaled", func(v *Vector[float32], dst, x, y, z []float32, s, t float32) { v.MulAddScaled(dst, x, y, s) }},
		vectorCase{"mul add const", func(v *Vector[float32], dst, x, y, z []float32, s, t float32) { v.MulAddConst(dst, x, y, s) }},
		vectorCase{"affine", func(v *Vector[float32], dst, x, y, z []float32, s, t float32) { v.Affine(dst, x, s, t) }},
		vectorCase{"blend", func(v *Vector[float32], dst, x, y, z []float32, s, t float32) { v.Blend(dst, x, y, s, t) }},
		vectorCase{"blend square", func(v *Vector[float32], dst, x, y, z []float32, s, t float32) { v.BlendSquare(dst, x, y, s, t) }},
		vectorCase{"over root", func(v *Vector[float32], dst, x, y, z []float32, s, t float32) { v.OverRoot(dst, x, y, z, s, t, s) }},
		vectorCase{"softmax", func(v *Vector[float32], dst, x, y, z []float32, s, t float32) { v.Softmax(dst, x) }},
	)
}

// assembly lists the instruction sets that have something to compare.
func assembly(t testing.TB) []ISA {
	all := Supported()[1:]
	if len(all) == 0 {
		t.Skip("this build and machine have no assembly kernels")
	}
	return all
}

// oneOf is a number of any kind: special, of any exponent, or ordinary.
func oneOf(r *rand.Rand) float32 {
	inf := float32(math.Inf(1))
	special := []float32{0, float32(math.Copysign(0, -1)), 1, -1, 0.5, 2, inf, -inf, float32(math.NaN()),
		math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32,
		leastNormal, -leastNormal, 88.72283, 88.72284, -87.33655, -103.97, -103.98, 9.01, 17.4, -17.4}
	switch r.IntN(4) {
	case 0:
		return special[r.IntN(len(special))]
	case 1:
		return math.Float32frombits(r.Uint32())
	case 2:
		return float32(r.NormFloat64() * 30)
	default:
		return float32(r.NormFloat64())
	}
}

const vectorGuard = 1234

// operand returns n numbers, offset elements into a buffer that is guarded by 16
// more on either side.
func operand(r *rand.Rand, n, offset int, number func(*rand.Rand) float32) (whole, part []float32) {
	whole = make([]float32, offset+n+32)
	for i := range whole {
		whole[i] = vectorGuard
	}
	part = whole[16+offset : 16+offset+n : 16+offset+n]
	for i := range part {
		part[i] = number(r)
	}
	return whole, part
}

func requireVectorGuards(t *testing.T, whole []float32, n, offset int) {
	for i, v := range whole {
		if i < 16+offset || i >= 16+offset+n {
			require.Equal(t, float32(vectorGuard), v, "element %d of %d was written", i-16-offset, n)
		}
	}
}

func sameNumber(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

func requireSame(t *testing.T, want, got []float32, x []float32) {
	for i := range want {
		if !sameNumber(want[i], got[i]) {
			require.Failf(t, "bits differ", "element %d of %d: want %v (%#x), got %v (%#x), x %v (%#x)", i, len(want), want[i],
				math.Float32bits(want[i]), got[i], math.Float32bits(got[i]), x[i], math.Float32bits(x[i]))
		}
	}
}

func TestVectorAssemblyEqualsItsGenericTwin(t *testing.T) {
	plain := VectorFor(Plain)
	lengths := []int{100, 128, 333, 512, 701}
	for n := range 68 {
		lengths = append(lengths, n)
	}
	for _, isa := range assembly(t) {
		v := VectorFor(isa)
		for _, c := range vectorCases() {
			t.Run(string(isa)+"/"+c.name, func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, 2))
				for _, n := range lengths {
					offset := r.IntN(16)
					_, x := operand(r, n, r.IntN(16), oneOf)
					_, y := operand(r, n, r.IntN(16), oneOf)
					_, z := operand(r, n, r.IntN(16), oneOf)
					s, u := oneOf(r), oneOf(r)
					whole, got := operand(r, n, offset, oneOf)
					want := make([]float32, n)
					c.run(plain, want, x, y, z, s, u)
					c.run(v, got, x, y, z, s, u)
					requireSame(t, want, got, x)
					requireVectorGuards(t, whole, n, offset)
					// In place of each operand.
					for _, dst := range [][]float32{x, y, z} {
						kept := append([]float32{}, dst...)
						c.run(v, dst, x, y, z, s, u)
						requireSame(t, want, dst, kept)
						copy(dst, kept)
					}
				}
			})
		}
	}
}

func TestVectorKernelsStopAtTheShortestOperand(t *testing.T) {
	for _, isa := range Supported() {
		v := VectorFor(isa)
		for _, c := range vectorCases() {
			for shortest := range 4 {
				r := rand.New(rand.NewPCG(3, 4))
				var whole [4][]float32
				var part [4][]float32
				for i := range whole {
					n := 40
					if i == shortest {
						n = 21
					}
					whole[i], part[i] = operand(r, n, 0, oneOf)
				}
				c.run(v, part[0], part[1], part[2], part[3], 1, 2)
				requireVectorGuards(t, whole[0], len(part[0]), 0)
			}
		}
	}
}

func TestMinAndMaxAreNaNIfEitherIs(t *testing.T) {
	nan := float32(math.NaN())
	for _, isa := range Supported() {
		for _, op := range []VectorOp{OpMin, OpMax} {
			got := make([]float32, 3)
			VectorFor(isa).Binary[op](got, []float32{nan, 1, nan}, []float32{1, nan, nan})
			for i, v := range got {
				require.True(t, v != v, "%s: %v of pair %d is %v", isa, op, i, v)
			}
		}
	}
}

func TestFloat64KernelsAgreeWithFloat32(t *testing.T) {
	wide, narrow := Vector64(), VectorFor(Plain)
	for op := range VectorOp(vectorOps) {
		x, y := []float64{0.25, 1.5, 3}, []float64{2, 0.5, 3}
		got, want := make([]float64, 3), make([]float32, 3)
		x32, y32 := []float32{0.25, 1.5, 3}, []float32{2, 0.5, 3}
		if op.Binary() {
			wide.Binary[op](got, x, y)
			narrow.Binary[op](want, x32, y32)
		} else {
			wide.Unary[op](got, x)
			narrow.Unary[op](want, x32)
		}
		for i := range got {
			require.InDelta(t, float64(want[i]), got[i], 1e-5, "%v of %v", op, x[i])
		}
	}
	require.Equal(t, 6.0, wide.Sum([]float64{1, 2, 3}))
	require.Equal(t, 14.0, wide.Dot([]float64{1, 2, 3}, []float64{1, 2, 3}))
}

// A function for AVX2 must not name the registers that came with AVX-512, nor an
// AVX-512 one its short vectors beyond 15: those need an extension that isa.go
// does not ask for. The allocator takes any.
func TestAssemblyKeepsToTheRegistersOfItsInstructionSet(t *testing.T) {
	names, err := filepath.Glob("*_amd64.s")
	require.NoError(t, err)
	beyond := regexp.MustCompile(`\b[XY](1[6-9]|2[0-9]|3[01])\b`)
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		function := ""
		for i, line := range strings.Split(string(text), "\n") {
			if strings.HasPrefix(line, "TEXT ") {
				function = strings.Fields(line)[1]
			}
			require.False(t, beyond.MatchString(line), "%s:%d: %s%s", name, i+1, function, line)
		}
	}
}

func FuzzVectorAssembly(f *testing.F) {
	f.Add(uint64(1), uint16(100), uint8(3))
	plain, cases := VectorFor(Plain), vectorCases()
	f.Fuzz(func(t *testing.T, seed uint64, size uint16, offset uint8) {
		r := rand.New(rand.NewPCG(seed, 0))
		n, off := int(size%1500), int(offset%16)
		_, x := operand(r, n, off, oneOf)
		_, y := operand(r, n, 1, oneOf)
		_, z := operand(r, n, 2, oneOf)
		s, u := oneOf(r), oneOf(r)
		want := make([]float32, n)
		for _, isa := range assembly(t) {
			for _, c := range cases {
				whole, got := operand(r, n, off, oneOf)
				c.run(plain, want, x, y, z, s, u)
				c.run(VectorFor(isa), got, x, y, z, s, u)
				requireSame(t, want, got, x)
				requireVectorGuards(t, whole, n, off)
			}
		}
	})
}

// One instruction at a time over a block that stays in the first cache.
func ExampleVectorFor() {
	v := VectorFor(Best())
	x := []float32{-2, 0, 2}
	y := make([]float32, len(x))
	v.Unary[OpNeg](y, x)
	v.Unary[OpExp](y, y)
	v.Right[OpAdd](y, y, 1)
	v.Left[OpDiv](y, y, 1)
	fmt.Printf("%.4f\n", y)
	v.Unary[OpSigmoid](y, x)
	fmt.Printf("%.4f\n", y)
	// Output:
	// [0.1192 0.5000 0.8808]
	// [0.1192 0.5000 0.8808]
}
