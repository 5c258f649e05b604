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
type vectorCase[F Float] struct {
	name string
	run  func(v *Vector[F], dst, x, y, z []F, s, t F)
}

func vectorCases[F Float]() []vectorCase[F] {
	var all []vectorCase[F]
	for op := range VectorOp(vectorOps) {
		if !binary(op) {
			all = append(all, vectorCase[F]{op.String(), func(v *Vector[F], dst, x, y, z []F, s, t F) {
				v.Unary[op](dst, x)
			}})
			continue
		}
		all = append(all,
			vectorCase[F]{op.String(), func(v *Vector[F], dst, x, y, z []F, s, t F) {
				v.Binary[op](dst, x, y)
			}},
			vectorCase[F]{op.String() + " right", func(v *Vector[F], dst, x, y, z []F, s, t F) {
				v.Right[op](dst, x, s)
			}},
			vectorCase[F]{op.String() + " left", func(v *Vector[F], dst, x, y, z []F, s, t F) {
				v.Left[op](dst, x, s)
			}})
	}
	return append(all,
		vectorCase[F]{"fill", func(v *Vector[F], dst, x, y, z []F, s, t F) { v.Fill(dst, s) }},
		vectorCase[F]{"copy", func(v *Vector[F], dst, x, y, z []F, s, t F) { v.Copy(dst, x) }},
		vectorCase[F]{"where", func(v *Vector[F], dst, x, y, z []F, s, t F) { v.Where(dst, x, y, z) }},
		vectorCase[F]{"where else", func(v *Vector[F], dst, x, y, z []F, s, t F) { v.WhereElse(dst, x, y, s) }},
		vectorCase[F]{"where then", func(v *Vector[F], dst, x, y, z []F, s, t F) { v.WhereThen(dst, x, y, s) }},
		vectorCase[F]{"mul add", func(v *Vector[F], dst, x, y, z []F, s, t F) { v.MulAdd(dst, x, y, z) }},
		vectorCase[F]{"mul add scaled", func(v *Vector[F], dst, x, y, z []F, s, t F) { v.MulAddScaled(dst, x, y, s) }},
		vectorCase[F]{"mul add const", func(v *Vector[F], dst, x, y, z []F, s, t F) { v.MulAddConst(dst, x, y, s) }},
		vectorCase[F]{"affine", func(v *Vector[F], dst, x, y, z []F, s, t F) { v.Affine(dst, x, s, t) }},
		vectorCase[F]{"blend", func(v *Vector[F], dst, x, y, z []F, s, t F) { v.Blend(dst, x, y, s, t) }},
		vectorCase[F]{"blend square", func(v *Vector[F], dst, x, y, z []F, s, t F) { v.BlendSquare(dst, x, y, s, t) }},
		vectorCase[F]{"over root", func(v *Vector[F], dst, x, y, z []F, s, t F) { v.OverRoot(dst, x, y, z, s, t, s) }},
		vectorCase[F]{"adam", func(v *Vector[F], dst, x, y, z []F, s, t F) {
			n := min(len(dst), len(x), len(y), len(z))
			m, u := make([]F, n), make([]F, n)
			v.Adam(m, u, dst, x, y, z, y, s, t, t, s, t, s, t)
			for i := range n { // all results in one
				dst[i] = pick(F(i%3)-1, dst[i], pick(F(i%3), m[i], u[i]))
			}
		}},
		vectorCase[F]{"softplus and sigmoid", func(v *Vector[F], dst, x, y, z []F, s, t F) {
			n := min(len(dst), len(x))
			sigmoid := make([]F, n)
			v.SoftplusSigmoid(dst, sigmoid, x)
			for i := 1; i < n; i += 2 {
				dst[i] = sigmoid[i]
			}
		}},
		vectorCase[F]{"softmax", func(v *Vector[F], dst, x, y, z []F, s, t F) { v.Softmax(dst, x) }},
		vectorCase[F]{"softmax of columns", func(v *Vector[F], dst, x, y, z []F, s, t F) {
			copy(dst, x)
			if n := min(len(dst), len(x)) / 3; n > 0 {
				v.SoftmaxColumns(dst[:3*n], n, make([]F, n))
			}
		}},
	)
}

// assembly lists the instruction sets with assembly.
func assembly(t testing.TB) []ISA {
	all := Supported()[1:]
	if len(all) == 0 {
		t.Skip("this build and machine have no assembly kernels")
	}
	return all
}

// vectorsFor returns the kernels of a type.
func vectorsFor[F Float](isa ISA) *Vector[F] {
	if v, ok := any(VectorFor(isa)).(*Vector[F]); ok {
		return v
	}
	return any(Vector64(isa)).(*Vector[F])
}

// oneOf draws a number: a special one, one with random bits, or a normal one.
func oneOf[F Float](r *rand.Rand) F {
	inf := math.Inf(1)
	special := []float64{0, math.Copysign(0, -1), 1, -1, 0.5, 2, inf, -inf, math.NaN(), 9.01, 17.4, -17.4}
	any := func() F { return F(math.Float32frombits(r.Uint32())) }
	if gemmSize[F]() == 4 {
		special = append(special, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32,
			leastNormal, -leastNormal, 88.72283, 88.72284, -87.33655, -103.97, -103.98)
	} else {
		special = append(special, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64,
			0x1p-1022, -0x1p-1022, 709.782712893384, 709.782712893385, -708.39, -745.13, -745.14, 19.06, 19.2,
			-1+0x1p-53, -1-0x1p-52, math.Sqrt2, math.Sqrt2/2, math.Sqrt2-1, 0x1p52, 0x1p53, 1e-310, -37.5, 1-0x1p-53)
		any = func() F { return F(math.Float64frombits(r.Uint64())) }
	}
	switch r.IntN(4) {
	case 0:
		return F(special[r.IntN(len(special))])
	case 1:
		return any()
	case 2:
		return F(r.NormFloat64() * 30)
	default:
		return F(r.NormFloat64())
	}
}

const vectorGuard = 1234

// operand returns n numbers that begin at offset in a buffer, with 16 guards on both
// sides.
func operand[F Float](r *rand.Rand, n, offset int, number func(*rand.Rand) F) (whole, part []F) {
	whole = make([]F, offset+n+32)
	for i := range whole {
		whole[i] = vectorGuard
	}
	part = whole[16+offset : 16+offset+n : 16+offset+n]
	for i := range part {
		part[i] = number(r)
	}
	return whole, part
}

func requireVectorGuards[F Float](t *testing.T, whole []F, n, offset int) {
	for i, v := range whole {
		if i < 16+offset || i >= 16+offset+n {
			require.Equal(t, F(vectorGuard), v, "element %d of %d was written", i-16-offset, n)
		}
	}
}

// sameNumber reports whether numbers are equal. Zeros of different signs are not; all NaN
// are.
func sameNumber[F Float](a, b F) bool {
	return math.Float64bits(float64(a)) == math.Float64bits(float64(b)) || a != a && b != b
}

func requireSame[F Float](t *testing.T, want, got []F, x []F) {
	for i := range want {
		if !sameNumber(want[i], got[i]) {
			require.Failf(t, "bits differ", "element %d of %d: want %v (%x), got %v (%x), x %v (%[7]x)", i, len(want), want[i], want[i], got[i], got[i], x[i])
		}
	}
}

// binary reports whether op is a function of two numbers.
func binary(op VectorOp) bool { return op <= OpLess }

func TestVectorAssemblyEqualsItsTwin(t *testing.T) {
	t.Run("float32", testVectorTwin[float32])
	t.Run("float64", testVectorTwin[float64])
}

func testVectorTwin[F Float](t *testing.T) {
	plain := vectorsFor[F](Plain)
	lengths := []int{100, 128, 333, 512, 701}
	for n := range 68 {
		lengths = append(lengths, n)
	}
	for _, isa := range assembly(t) {
		v := vectorsFor[F](isa)
		for _, c := range vectorCases[F]() {
			t.Run(string(isa)+"/"+c.name, func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, 2))
				for _, n := range lengths {
					offset := r.IntN(16)
					_, x := operand(r, n, r.IntN(16), oneOf[F])
					_, y := operand(r, n, r.IntN(16), oneOf[F])
					_, z := operand(r, n, r.IntN(16), oneOf[F])
					s, u := oneOf[F](r), oneOf[F](r)
					whole, got := operand(r, n, offset, oneOf[F])
					want := make([]F, n)
					c.run(plain, want, x, y, z, s, u)
					c.run(v, got, x, y, z, s, u)
					requireSame(t, want, got, x)
					requireVectorGuards(t, whole, n, offset)
					// In place of each operand.
					for _, dst := range [][]F{x, y, z} {
						before := append([]F{}, dst...)
						c.run(v, dst, x, y, z, s, u)
						requireSame(t, want, dst, before)
						copy(dst, before)
					}
				}
			})
		}
	}
}

func TestVectorKernelsStopAtTheShortestOperand(t *testing.T) {
	t.Run("float32", testVectorStops[float32])
	t.Run("float64", testVectorStops[float64])
}

func testVectorStops[F Float](t *testing.T) {
	for _, isa := range Supported() {
		v := vectorsFor[F](isa)
		for _, c := range vectorCases[F]() {
			for shortest := range 4 {
				r := rand.New(rand.NewPCG(3, 4))
				var whole [4][]F
				var part [4][]F
				for i := range whole {
					n := 40
					if i == shortest {
						n = 21
					}
					whole[i], part[i] = operand(r, n, 0, oneOf[F])
				}
				c.run(v, part[0], part[1], part[2], part[3], 1, 2)
				requireVectorGuards(t, whole[0], len(part[0]), 0)
			}
		}
	}
}

func TestMinAndMaxOfNaNAreNaN(t *testing.T) {
	t.Run("float32", testMinAndMaxOfNaN[float32])
	t.Run("float64", testMinAndMaxOfNaN[float64])
}

func testMinAndMaxOfNaN[F Float](t *testing.T) {
	nan := F(math.NaN())
	for _, isa := range Supported() {
		for _, op := range []VectorOp{OpMin, OpMax} {
			got := make([]F, 3)
			vectorsFor[F](isa).Binary[op](got, []F{nan, 1, nan}, []F{1, nan, nan})
			for i, v := range got {
				require.True(t, v != v, "%s: %v of pair %d is %v", isa, op, i, v)
			}
		}
	}
}

func TestFloat64KernelsAgreeWithFloat32(t *testing.T) {
	wide, narrow := Vector64(Best()), VectorFor(Plain)
	for op := range VectorOp(vectorOps) {
		x, y := []float64{0.25, 1.5, 3}, []float64{2, 0.5, 3}
		got, want := make([]float64, 3), make([]float32, 3)
		x32, y32 := []float32{0.25, 1.5, 3}, []float32{2, 0.5, 3}
		if binary(op) {
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
}

// AVX2 functions must not use the registers X16 to X31 and Y16 to Y31. AVX-512 functions
// must not use them either: they need an extension that Supported does not check. The
// register allocator of the generators does not know this.
func TestAssemblyUsesOnlyTheRegistersOfItsInstructionSet(t *testing.T) {
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
	f.Fuzz(func(t *testing.T, seed uint64, size uint16, offset uint8) {
		fuzzVector[float32](t, seed, int(size%1500), int(offset%16))
		fuzzVector[float64](t, seed, int(size%1500), int(offset%16))
	})
}

func fuzzVector[F Float](t *testing.T, seed uint64, n, offset int) {
	r := rand.New(rand.NewPCG(seed, 0))
	_, x := operand(r, n, offset, oneOf[F])
	_, y := operand(r, n, 1, oneOf[F])
	_, z := operand(r, n, 2, oneOf[F])
	s, u := oneOf[F](r), oneOf[F](r)
	want := make([]F, n)
	for _, isa := range assembly(t) {
		for _, c := range vectorCases[F]() {
			whole, got := operand(r, n, offset, oneOf[F])
			c.run(vectorsFor[F](Plain), want, x, y, z, s, u)
			c.run(vectorsFor[F](isa), got, x, y, z, s, u)
			requireSame(t, want, got, x)
			requireVectorGuards(t, whole, n, offset)
		}
	}
}

// Each instruction runs over a block that stays in the L1 cache.
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
