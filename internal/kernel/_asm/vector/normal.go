package main

// The coefficients of normal.go, from the highest power down.
func centrePoly() []float64 {
	return []float64{2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
		-0.00125372503, -0.00417768164, 0.246640727, 1.50140941}
}

func tailPoly() []float64 {
	return []float64{-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
		-0.0076224613, 0.00943887047, 1.00167406, 2.83297682}
}

func cephesPoly() []float64 {
	return []float64{7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
		-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1}
}

// rounded is c[0]*x^n + ... + c[n] by Horner's rule; each product and each sum is
// rounded.
func (m machine) rounded(x vec, c []float64) vec {
	p := m.add(m.mul(m.num(c[0]), x), m.num(c[1]))
	for _, v := range c[2:] {
		p = m.add(m.mul(p, x), m.num(v))
	}
	return p
}

// normalOf converts random words to normal numbers.
func (m machine) normalOf(word vec) vec {
	k := m.float(m.or(m.shiftLeft(m.shiftRightUnsigned(word, 9), 1), m.bits(1)))
	x := m.sub(m.mul(k, m.num(0x1p-23)), m.num(1))
	w := m.mul(m.sub(m.num(1), x), m.add(m.num(1), x))
	w = m.xor(m.cephesLog(w), m.bits(m.signBit()))
	centre := m.rounded(m.sub(w, m.num(2.5)), centrePoly())
	tail := m.rounded(m.sub(m.sqrt(w), m.num(3)), tailPoly())
	p := m.choose(m.compare(less, w, m.num(5)), centre, tail)
	return m.mul(m.mul(p, x), m.num(1.41421356237309504880168872420969807856967187537694))
}

// cephesLog is the logarithm of a positive, normal number.
func (m machine) cephesLog(v vec) vec {
	e := m.shiftRight(m.subInt(v, m.bits(sqrtHalfBits)), 23)
	f := m.sub(m.subInt(v, m.shiftLeft(e, 23)), m.num(1))
	n := m.float(e)
	p := m.rounded(f, cephesPoly())
	ff := m.mul(f, f)
	p = m.add(m.mul(m.mul(p, f), ff), m.mul(n, m.num(-2.12194440e-4)))
	p = m.add(f, m.add(p, m.mul(ff, m.num(-0.5))))
	return m.add(p, m.mul(n, m.num(0.693359375)))
}
