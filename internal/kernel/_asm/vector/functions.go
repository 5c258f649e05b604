package main

import "math"

// Constants and coefficients of vector_math.go for float32 only; elementType has the
// others.
const (
	intBits      = 0x4b400000
	fourBits     = 0x40800000
	sqrtHalfBits = 0x3f3504f3
)

func logPoly() []float64 {
	return []float64{0.3333331645, -0.250007838, 0.2000229955, -0.166253686,
		0.14181301, -0.1312167794, 0.1287863106, -0.07873733342}
}

func softPoly() []float64 {
	return []float64{-0.4999993145, 0.3333047926, -0.2495829314, 0.1969402432, -0.1535171717,
		0.1067469567, -0.05760945007, 0.02017651498, -0.003312462708}
}

func nearPoly() []float64 {
	return []float64{0.1283791661, -0.3761262596, 0.1128358319, -0.02685369179,
		0.005188073963, -0.0008007878205, 7.846108201e-05}
}

func farPoly() []float64 {
	return []float64{0.0003535076103, 1.127040863, 0.6382243633, 0.1030384526,
		-0.02180580609, 0.002939720405, -0.0001855845039}
}

// atMost and atLeast keep NaN.
func (m machine) atMost(x vec, limit float64) vec  { return m.min(m.num(limit), x) }
func (m machine) atLeast(x vec, limit float64) vec { return m.max(m.num(limit), x) }

func (m machine) sign(x vec) vec        { return m.and(x, m.bits(m.signBit())) }
func (m machine) abs(x vec) vec         { return m.and(x, m.bits(m.allBits()^m.signBit())) }
func (m machine) withSign(x, y vec) vec { return m.or(x, m.sign(y)) }

// reduceExp splits x = n*log(2) + r and overwrites x; t is n + roundToInt.
func (m machine) reduceExp(x vec) (r, n, t vec) {
	t = m.accumulate(m.each(m.roundToInt), x, m.num(m.log2E))
	n = m.sub(t, m.num(m.roundToInt))
	r = m.accumulateNeg(x, n, m.num(m.ln2High))
	return m.accumulateNeg(r, n, m.num(m.ln2Low)), n, t
}

// expInRange is e^x for x from expLeast to expMost. It overwrites x.
func (m machine) expInRange(x vec) vec {
	r, n, t := m.reduceExp(x)
	p := m.mulAdd(m.mulAdd(m.polynomial(r, m.exp), r, m.num(1)), r, m.num(1))
	if m.wide {
		for i := range p {
			m.scalef(n[i], p[i], p[i])
		}
		return p
	}
	if m.size == 8 { // AVX2 has no arithmetic shift of 64 bits
		th := m.accumulate(m.each(m.roundToInt), n, m.num(0.5))
		rest := m.add(m.sub(n, m.sub(th, m.num(m.roundToInt))), m.num(m.roundToInt))
		p = m.mul(p, m.addInt(m.shiftLeft(th, m.mantissa), m.num(1)))
		return m.mul(p, m.addInt(m.shiftLeft(rest, m.mantissa), m.num(1)))
	}
	k := m.subInt(t, m.bits(intBits))
	half := m.shiftRight(k, 1)
	rest := m.subInt(k, half)
	p = m.mul(p, m.shiftLeft(m.addInt(half, m.bits(127)), 23))
	return m.mul(p, m.shiftLeft(m.addInt(rest, m.bits(127)), 23))
}

// expm1Reduced is e^r - 1.
func (m machine) expm1Reduced(r vec) vec {
	q := m.mul(m.polynomial(r, m.exp), r)
	return m.mulAdd(q, r, r)
}

// The functions below are those of the same names in vector_math.go.

func (m machine) expOf(x vec) vec { return m.expInRange(m.atMost(m.atLeast(x, m.expLeast), m.expMost)) }

func (m machine) expm1Of(x vec) vec {
	sign := m.sign(x)
	r, _, t := m.reduceExp(m.atMost(m.atLeast(x, m.expm1Least), m.expMost))
	s := m.addInt(m.shiftLeft(t, m.mantissa), m.num(0.5))
	q := m.expm1Reduced(r)
	y := m.mulAdd(q, s, m.sub(s, m.num(0.5)))
	return m.or(m.add(y, y), sign)
}

func (m machine) tanhOf(x vec) vec {
	sign := m.sign(x)
	y := m.atMost(m.abs(x), m.tanhLimit)
	r, _, t := m.reduceExp(m.add(y, y))
	s := m.addInt(m.shiftLeft(t, m.mantissa), m.num(1))
	q := m.expm1Reduced(r)
	e := m.mulAdd(q, s, m.sub(s, m.num(1)))
	return m.or(m.div(e, m.add(e, m.num(2))), sign)
}

// expOfMinusAbs is e^-|x|.
func (m machine) expOfMinusAbs(x vec) vec {
	return m.expInRange(m.atLeast(m.or(x, m.bits(m.signBit())), m.expLeast))
}

func (m machine) sigmoidOf(x vec) vec { return element.sigmoidFrom(m, x, m.expOfMinusAbs(x)) }

// sigmoidFrom is the sigmoid of x from t = e^-|x|.
func (m machine) sigmoidFrom(x, t vec) vec {
	top := m.choose(m.compare(less, x, m.num(0)), t, m.each(1))
	return m.div(top, m.add(t, m.num(1)))
}

func (m machine) softplusOf(x vec) vec { return element.softplusFrom(m, x, m.expOfMinusAbs(x)) }

// softplusFrom is the softplus of x from t = e^-|x|.
func (m machine) softplusFrom(x, t vec) vec {
	p := m.mul(m.polynomial(t, softPoly()), t)
	p = m.mulAdd(p, t, t)
	return m.add(m.atLeast(x, 0), p)
}

// logSum is log(1+f) + e*log(2).
func (m machine) logSum(f, e vec) vec {
	p := m.polynomial(f, logPoly())
	z := m.mul(f, f)
	y := m.mul(m.mul(p, f), z)
	y = m.accumulate(y, e, m.num(m.ln2Low))
	y = m.accumulateNeg(y, z, m.num(0.5))
	return m.accumulate(m.add(f, y), e, m.num(m.ln2High))
}

// outsideLog sets y to NaN unless x >= least, to -Inf where x equals least, and to +Inf
// where x is +Inf.
func (m machine) outsideLog(y, x vec, least float64) vec {
	inf := m.num(math.Inf(1))
	y = m.choose(m.compare(equal, x, inf), inf, y)
	y = m.choose(m.compare(equal, x, m.num(least)), m.num(math.Inf(-1)), y)
	return m.choose(m.compare(notGreaterEq, x, m.num(least)), m.num(math.NaN()), y)
}

func (m machine) logOf(x vec) vec {
	normal := m.compare(greaterEq, x, m.num(0x1p-126))
	scaled := m.choose(normal, x, m.mul(x, m.num(0x1p23)))
	k := m.shiftRight(m.subInt(scaled, m.bits(sqrtHalfBits)), 23)
	e := m.float(k)
	e = m.choose(normal, e, m.add(e, m.num(-23)))
	f := m.sub(m.subInt(scaled, m.shiftLeft(k, 23)), m.num(1))
	return m.outsideLog(m.logSum(f, e), x, 0)
}

func (m machine) log1pOf(x vec) vec {
	k := m.shiftRight(m.subInt(m.add(x, m.num(1)), m.bits(sqrtHalfBits)), 23)
	e, shift := m.float(k), m.shiftLeft(k, 23)
	s := m.mulAdd(m.subInt(m.bits(fourBits), shift), m.num(0.25), m.num(-1))
	f := m.add(m.subInt(x, shift), s)
	y := m.withSign(m.logSum(f, e), x)
	return m.outsideLog(y, x, -1)
}

func (m machine) erfOf(x vec) vec {
	z := m.mul(x, x)
	near := m.polynomial(z, nearPoly())
	near = m.mulAdd(near, x, x)
	far := m.polynomial(m.atMost(m.abs(x), 4), farPoly())
	far = m.expInRange(m.xor(far, m.bits(m.signBit())))
	far = m.withSign(m.sub(m.num(1), far), x)
	return m.choose(m.compare(less, m.abs(x), m.num(1)), near, far)
}
