// The functions of one float64 that differ from those of float32 by more than constants.

package main

// Coefficients of vector_math64.go, the constant term first.

func log64Poly() []float64 {
	return []float64{6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01,
		2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01}
}

func soft64Poly() []float64 {
	return []float64{0.6666666666666631, 0.40000000000157204, 0.2857142854785779, 0.2222222396953564, 0.18181743930577496,
		0.1538655982244451, 0.1330097470940278, 0.12106078581626475, 0.08340130843933821, 0.1701852718649622}
}

const (
	sqrtHalfBits64  = 0x3fe6a09e667f3bcd
	integerBits64   = 0x4330000000000000
	integerOffset64 = 0x1p52 + 1023
)

// The functions below are those of the same names in vector_math64.go.

func (m machine) exponent64(x vec) (k, shift vec) {
	n := m.shiftRightUnsigned(m.addInt(x, m.bits(m.bitsOf(1)-sqrtHalfBits64)), m.mantissa)
	k = m.sub(m.or(n, m.bits(integerBits64)), m.num(integerOffset64))
	return k, m.subInt(m.shiftLeft(n, m.mantissa), m.num(1))
}

func (m machine) logSum64(f, k vec) vec {
	s := m.div(f, m.add(f, m.num(2)))
	z := m.mul(s, s)
	half := m.mul(f, m.num(0.5))
	r := m.mul(m.polynomial(z, log64Poly()), z)
	r = m.accumulate(r, half, f)
	t := m.accumulate(m.mul(k, m.num(m.ln2Low)), s, r)
	d := m.add(f, m.accumulateNeg(t, half, f))
	return m.accumulate(d, k, m.num(m.ln2High))
}

func (m machine) log64(x vec) vec {
	normal := m.compare(greaterEq, x, m.num(0x1p-1022))
	scaled := m.choose(normal, x, m.mul(x, m.num(0x1p54)))
	k, shift := m.exponent64(scaled)
	k = m.choose(normal, k, m.add(k, m.num(-54)))
	f := m.sub(m.subInt(scaled, shift), m.num(1))
	return m.outsideLog(m.logSum64(f, k), x, 0)
}

func (m machine) log1p64(x vec) vec {
	k, shift := m.exponent64(m.add(x, m.num(1)))
	s := m.mulAdd(m.subInt(m.num(4), shift), m.num(0.25), m.num(-1))
	f := m.add(m.subInt(x, shift), s)
	y := m.withSign(m.logSum64(f, k), x)
	return m.outsideLog(y, x, -1)
}

func (m machine) tanh64(x vec) vec {
	sign := m.sign(x)
	y := m.atMost(m.abs(x), m.tanhLimit)
	y = m.add(y, y)
	t := m.accumulate(m.each(m.roundToInt), y, m.num(m.log2E))
	n := m.sub(t, m.num(m.roundToInt))
	y = m.accumulateNeg(y, n, m.num(m.ln2High))
	r := m.accumulateNeg(m.copyOf(y), n, m.num(m.ln2Low))
	low := m.accumulateNeg(m.sub(y, r), n, m.num(m.ln2Low))
	s := m.addInt(m.shiftLeft(t, m.mantissa), m.num(1))
	low = m.accumulate(low, m.mul(m.polynomial(r, m.exp), r), r)
	e := m.accumulate(m.sub(s, m.num(1)), m.add(r, low), s)
	top := m.atMost(e, 2)
	y, top = m.div(top, m.add(e, m.num(2))), m.mul(top, m.num(0.5))
	return m.or(m.accumulateNeg(top, y, top), sign)
}

func (m machine) sigmoidFrom64(x, t vec) vec {
	y := m.div(t, m.add(t, m.num(1)))
	top := m.choose(m.compare(less, x, m.num(0)), t, m.each(1))
	return m.accumulateNeg(top, y, top)
}

func (m machine) softplusFrom64(x, t vec) vec {
	s := m.div(t, m.add(t, m.num(2)))
	z := m.mul(s, s)
	p := m.mul(m.polynomial(z, soft64Poly()), z)
	y := m.accumulateNeg(t, s, m.sub(t, p))
	return m.add(m.atLeast(x, 0), y)
}
