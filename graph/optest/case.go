// Package optest is the conformance suite of ops. It has a table of cases for each
// family of ops, which can run on any machine. It compares
//
//   - the result with the op's float64 definition, in both element types;
//   - the lowering, run by the interpreter, with the definition;
//   - the gradient with central differences;
//   - the error for wrong shapes with the expected text.
//
// It also checks that every attribute reaches the hash.
package optest

import (
	"hash/fnv"
	"math/rand/v2"

	"github.com/stheno-ml/stheno/graph"
)

// Case is one use of an op.
type Case struct {
	Op   string        // the op's name, as in graph.Ops
	Name string        // what the case tests
	In   []graph.Shape // shapes of the operands
	// Build applies the op, possibly through other ops, and returns the nodes whose
	// values are checked.
	Build func(b *graph.Builder, in []*graph.Node) []*graph.Node
	// Fill draws element i of operand k; nil draws from [-1,-0.1] and [0.1,1],
	// away from points at 0 where an op has no derivative.
	Fill func(r *rand.Rand, k, i int) float64
	// Epoch and Sample set the clock.
	Epoch, Sample int
	// NoGrad are the operands without a gradient, such as targets or indices.
	NoGrad []int
	// Tol is the relative tolerance in float32; 0 is 1e-5.
	Tol float64
}

// Wrong is a use of an op that must be an error.
type Wrong struct {
	Op    string
	Name  string
	In    []graph.Shape
	Build func(b *graph.Builder, in []*graph.Node)
	Want  string // what the error must contain
}

// Cases returns every case of every op.
func Cases() []Case {
	var all []Case
	for _, family := range [][]Case{
		mapCases(),
		activationCases(),
		selectCases(),
		gatherCases(),
		orderCases(),
		softmaxCases(),
		lossCases(),
		reduceCases(),
		viewCases(),
		matmulCases(),
		randomCases(),
		normCases(),
		recurCases(),
		attentionCases(),
		convCases(),
		poolCases(),
		upsampleCases(),
		signalCases(),
		groupedCases(),
		resizeCases(),
		weightNormCases(),
	} {
		all = append(all, family...)
	}
	return all
}

// Wrongs returns every use that must be an error.
func Wrongs() []Wrong {
	var all []Wrong
	for _, family := range [][]Wrong{
		viewWrongs(),
		activationWrongs(),
		selectWrongs(),
		gatherWrongs(),
		orderWrongs(),
		softmaxWrongs(),
		lossWrongs(),
		matmulWrongs(),
		randomWrongs(),
		normWrongs(),
		recurWrongs(),
		attentionWrongs(),
		convWrongs(),
		poolWrongs(),
		signalWrongs(),
		groupedWrongs(),
		resizeWrongs(),
		weightNormWrongs(),
	} {
		all = append(all, family...)
	}
	return all
}

// draw returns the values of the case's operands, the same ones every time.
func (c Case) draw() [][]float64 {
	h := fnv.New64a()
	h.Write([]byte(c.Op + "/" + c.Name))
	r := rand.New(rand.NewPCG(h.Sum64(), 1))
	in := make([][]float64, len(c.In))
	for k, s := range c.In {
		in[k] = make([]float64, s.Size())
		for i := range in[k] {
			if c.Fill != nil {
				in[k][i] = c.Fill(r, k, i)
				continue
			}
			v := 0.1 + 0.9*r.Float64()
			if r.IntN(2) == 0 {
				v = -v
			}
			in[k][i] = v
		}
	}
	return in
}

// one adapts a builder method of one operand to Case.Build.
func one(f func(b *graph.Builder, x *graph.Node) *graph.Node) func(*graph.Builder, []*graph.Node) []*graph.Node {
	return func(b *graph.Builder, in []*graph.Node) []*graph.Node { return []*graph.Node{f(b, in[0])} }
}

// two adapts a builder method of two operands to Case.Build.
func two(f func(b *graph.Builder, x, y *graph.Node) *graph.Node) func(*graph.Builder, []*graph.Node) []*graph.Node {
	return func(b *graph.Builder, in []*graph.Node) []*graph.Node { return []*graph.Node{f(b, in[0], in[1])} }
}

func shapes(s ...graph.Shape) []graph.Shape { return s }
