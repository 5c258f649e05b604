package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/stheno-ml/stheno/internal/kernel/_asm/strided"
)

// squareRows are the rows of the blocks of kernels for 3x3 taps: nine registers have the
// weights or their sums.
func squareRows() []int { return []int{4, 2, 1} }

// depthwiseSquare writes depthwiseTaps for 3x3 taps in rows depthLD apart.
func (m machine) depthwiseSquare(stride int) {
	sizes := squareRows()
	b := m.newRowBlocks(sizes, 3, 1, false)
	step := strided.New(m.argBytes(depthLD), (sizes[0]-1)*stride+2)
	at, weights := arg(depthW), make([]VecVirtual, 9)
	for i := range weights {
		weights[i] = m.register()
		m.broadcastOp(Mem{Base: at, Disp: m.size * i}, weights[i])
	}
	b.write(func(rows int) {
		acc := make([]VecVirtual, rows)
		for r := range acc {
			acc[r] = m.zeros()[0]
		}
		b.products(rows, stride, step, func(x Op, row, tap int) { m.fma231(x, weights[tap], acc[row]) })
		b.eachRow(rows, func(r int, at Mem) { m.storeTo(vec{acc[r]}, at) })
	})
}

// products visits the products of 3x3 taps for a block of rows, row by row of x. A vector
// of x that several rows of y read is in a register.
func (b rowBlocks) products(rows, stride int, step strided.Steps, product func(x Op, row, tap int)) {
	for k := range (rows-1)*stride + 3 {
		for j, base := range b.x {
			var x Op = step.At(base, k)
			from, to := max(0, (k-3+stride)/stride), min(rows-1, k/stride) // rows that read it
			if from < to {
				v := b.register()
				VMOVUPS(x, v)
				x = v
			}
			for row := from; row <= to; row++ {
				product(x, row, 3*(k-row*stride)+j)
			}
		}
	}
}

// depthwiseFilterSquare writes the sums of the filter gradient for 3x3 taps.
func (m machine) depthwiseFilterSquare(stride int) {
	sizes := squareRows()
	b := m.newRowBlocks(sizes, 3, 1, true)
	step := strided.New(m.argBytes(depthLD), (sizes[0]-1)*stride+2)
	sums := m.loadSums(9)
	b.write(func(rows int) {
		grads := b.gradients(rows)
		b.products(rows, stride, step, func(x Op, row, tap int) { m.fma231(x, grads[row], sums[tap]) })
	})
	m.storeSums(sums)
}

// filterTaps is the taps that depthwiseFilter adds up at a time.
const filterTaps = 5

// depthwiseFilter writes the sums of the filter gradient for any filterTaps taps.
func (m machine) depthwiseFilter() {
	sizes := squareRows()
	b := m.newRowBlocks(sizes, filterTaps, 1, true)
	step := strided.New(m.argBytes(depthXRow), sizes[0]-1)
	sums := m.loadSums(filterTaps)
	b.write(func(rows int) {
		grads := b.gradients(rows)
		for r, g := range grads {
			for i, s := range sums {
				m.fma231(step.At(b.x[i], r), g, s)
			}
		}
	})
	m.storeSums(sums)
}

// gradients loads a vector of each row of y, as far as the lanes count.
func (b rowBlocks) gradients(rows int) []VecVirtual {
	m := b.machine
	m.tail = b.mask
	grads := make([]VecVirtual, rows)
	b.eachRow(rows, func(r int, at Mem) { grads[r] = m.loadFrom(at)[0] })
	return grads
}

// loadSums reads vectors of sums from w.
func (m machine) loadSums(n int) []VecVirtual {
	sums, at := make([]VecVirtual, n), arg(depthW)
	for i := range sums {
		sums[i] = m.register()
		VMOVUPS(m.at(at, i), sums[i])
	}
	return sums
}

func (m machine) storeSums(sums []VecVirtual) {
	at := arg(depthW)
	for i, s := range sums {
		VMOVUPS(s, m.at(at, i))
	}
}
