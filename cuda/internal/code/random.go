package code

import (
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// random writes the numbers of a stream, bit for bit those of lower.Random.At:
// a thread draws four consecutive ones of a row.
func (m *maker) random(s plan.Step, prim lower.Random) error {
	m.kernels.define(philoxText)
	draw := "uniform"
	if prim.Kind == lower.RandomNormal {
		m.kernels.define(normalText)
		draw = "normal"
	} else {
		m.kernels.define(uniformText)
	}
	clock := m.plan.Values[s.In[0]]
	rows, row := prim.Shape[0], prim.Shape[1:].Size()
	fours := ceil(row, 4)
	p := newPart(draw, ceil(rows*fours, threads))
	from, to := p.read(RefOf(clock)), p.write(RefOf(m.plan.Values[s.Out[0]]))
	p.line("const unsigned i = block * %du + threadIdx.x;", threads)
	p.line("if (i >= %du) return;", rows*fours)
	p.line("const unsigned row = i / %du, four = i %% %du;", fours, fours)
	word := func(name string, k int) {
		low, high := k*clock.Strides[0], (k+1)*clock.Strides[0]
		p.line("const unsigned %s = unsigned(%s[%d]) | unsigned(%s[%d]) << 16;", name, from, low, from, high)
	}
	word("epoch", 0)
	word("start", 2)
	p.line("const unsigned sample = start + row;")
	p.line("const uint4 words = philox(four, sample, epoch, sample < start, %#xu, %#xu);", uint32(prim.Key), uint32(prim.Key>>32))
	p.line("real* y = %s + (row * %du + 4 * four);", to, row)
	for k, name := range []string{"x", "y", "z", "w"} {
		if k > 0 && row%4 != 0 {
			p.line("if (4 * four + %d < %d) y[%d] = %s(words.%s);", k, row, k, draw, name)
			continue
		}
		p.line("y[%d] = %s(words.%s);", k, draw, name)
	}
	m.launch(p)
	return nil
}

const philoxText = `// Philox4x32-10 for the counter (c0, c1, c2, c3) and the key (k0, k1).
__device__ inline uint4 philox(unsigned c0, unsigned c1, unsigned c2, unsigned c3, unsigned k0, unsigned k1) {
    for (int round = 0; round < 10; round++) {
        const unsigned high0 = __umulhi(0xd2511f53u, c0), low0 = 0xd2511f53u * c0;
        const unsigned high1 = __umulhi(0xcd9e8d57u, c2), low1 = 0xcd9e8d57u * c2;
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9e3779b9u;
        k1 += 0xbb67ae85u;
    }
    return make_uint4(c0, c1, c2, c3);
}
`

const uniformText = `// A number uniform in [0,1) of a random word.
__device__ inline float uniform(unsigned word) { return (word >> 8) * 0x1p-24f; }
`

// normalText is lower.NormalOf. Its products and sums must not be contracted to
// fused multiply-adds.
const normalText = `// p * x + c, each rounded.
__device__ inline float next(float p, float x, float c) { return __fadd_rn(__fmul_rn(p, x), c); }

// The natural logarithm of a positive, normal v.
__device__ inline float log_of(float v) {
    const int bits = __float_as_int(v);
    const int e = (bits - 0x3f3504f3) >> 23;
    const float f = __fadd_rn(__int_as_float(bits - (e << 23)), -1.0f), n = float(e), ff = __fmul_rn(f, f);
    float p = 7.0376836292e-2f;
    p = next(p, f, -1.1514610310e-1f);
    p = next(p, f, 1.1676998740e-1f);
    p = next(p, f, -1.2420140846e-1f);
    p = next(p, f, 1.4249322787e-1f);
    p = next(p, f, -1.6668057665e-1f);
    p = next(p, f, 2.0000714765e-1f);
    p = next(p, f, -2.4999993993e-1f);
    p = next(p, f, 3.3333331174e-1f);
    p = next(__fmul_rn(p, f), ff, __fmul_rn(n, -2.12194440e-4f));
    p = __fadd_rn(f, next(ff, -0.5f, p));
    return next(n, 0.693359375f, p);
}

// A normal number of a random word.
__device__ inline float normal(unsigned word) {
    const float x = (word >> 9 << 1 | 1) * 0x1p-23f - 1.0f; // exact
    float w = -log_of(__fmul_rn(1.0f - x, 1.0f + x)), p;
    if (w < 5.0f) {
        w = __fadd_rn(w, -2.5f);
        p = 2.81022636e-08f;
        p = next(p, w, 3.43273939e-07f);
        p = next(p, w, -3.5233877e-06f);
        p = next(p, w, -4.39150654e-06f);
        p = next(p, w, 0.00021858087f);
        p = next(p, w, -0.00125372503f);
        p = next(p, w, -0.00417768164f);
        p = next(p, w, 0.246640727f);
        p = next(p, w, 1.50140941f);
    } else {
        w = __fadd_rn(__fsqrt_rn(w), -3.0f);
        p = -0.000200214257f;
        p = next(p, w, 0.000100950558f);
        p = next(p, w, 0.00134934322f);
        p = next(p, w, -0.00367342844f);
        p = next(p, w, 0.00573950773f);
        p = next(p, w, -0.0076224613f);
        p = next(p, w, 0.00943887047f);
        p = next(p, w, 1.00167406f);
        p = next(p, w, 2.83297682f);
    }
    return __fmul_rn(__fmul_rn(p, x), 1.41421356237309504880f);
}
`
