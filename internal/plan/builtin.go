package plan

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// This file recognises Gorgonia's built-in ops. The ops are unexported, so it goes by
// the names of their types, their texts and their fields.

// Lowering is a node of one of Gorgonia's built-in ops, in the primitives of package
// lower.
type Lowering struct {
	// Func computes the node's value. Its inputs are the node's operands, in their
	// nodes' shapes, and then one for each OpState. Its results are the value, in the
	// node's shape, and then one for each OpState with Next.
	Func *lower.Func
	// Value is the value of a node that never changes; Func is nil then. It may be
	// the op's own, or shared by all graphs, so publish a copy.
	Value gorgonia.Value
	// State is what the op keeps between runs.
	State []OpState
	// Unfold is set for im2col and col2im, so that a convolution made of them can be
	// matched.
	Unfold *Unfold
	// Stale, unless nil, reports that the op was switched by SetTraining and computes
	// something else now. A machine calls it before each run.
	Stale func() bool
	// Changed, unless nil, reports that the op's slice has other bounds than Func. A
	// machine calls it before each run.
	Changed func() bool
	// Fault is what Gorgonia's own op gets wrong and Func gets right, "" if nothing.
	// Do not compare the two if it is set.
	Fault string
	// Edge says for which values Gorgonia's own op is wrong, "" if for none. For
	// other values both agree.
	Edge string
	// Host is why the op is not recognised and runs by its own Do.
	Host string
}

// OpState is an array that an op keeps between runs. It is an input of Func.
type OpState struct {
	// Memory is read before a run and, with Next, written after it. It is the op's
	// own memory, which users can see.
	Memory *tensor.Dense
	// Next says that Func returns the next value of Memory.
	Next bool
	// Clock says that the array is the clock [4] of random numbers
	// (lower.ClockWords), without Memory. A machine advances it in every run.
	Clock bool
	// Bounds, unless nil, returns the present words [4] of a slice's bounds
	// (lower.SliceWords). They are the array, without Memory.
	Bounds func() ([4]float64, error)
	// Indices, unless nil, are the array, without Memory. Count is their number.
	Indices *Indices
	Count   int
}

// shape returns the shape of the state's input.
func (s OpState) shape() lower.Shape {
	switch {
	case s.Clock || s.Bounds != nil:
		return lower.Shape{4}
	case s.Indices != nil:
		return lower.Shape{s.Count}
	}
	return lower.Shape(s.Memory.Shape()).Clone()
}

// Unfold is how im2col unfolds images [N,C,H,W] into windows [N,P,Q,C*KH*KW], and how
// col2im adds such windows up to images.
type Unfold struct {
	lower.Geometry
	Kernel [2]int // KH, KW
	Image  [2]int // H, W
	Fold   bool   // col2im, not im2col
}

// machineSettings are a machine's settings that change what an op computes.
type machineSettings struct {
	dynamic bool   // a slice's bounds are an input
	modes   *Modes // which ops train; if nil, the op's own flag decides
}

// lowerBuiltin lowers the op at a node for a machine with these settings. If the op
// is not recognised, ok is false, and Host of the Lowering says why. An error means
// that this version of Gorgonia has other fields than 0.9.18.
//
// A shape (1) or (1,1) counts as a scalar wherever Gorgonia treats it as one, and a
// vector of n as a row or a column of n.
func (k *facts) lowerBuiltin(n *gorgonia.Node, operands []*gorgonia.Node, settings machineSettings) (m *Lowering, ok bool, err error) {
	kind := k.at(n).kind
	recognise, known := builtinOps[kind]
	if l, ok := n.Op().(graph.Lowerer); ok {
		recognise, known = customLowering(l), true
	}
	switch {
	case known:
	case kind == "":
		return &Lowering{Host: "it is not an op of Gorgonia's and has no lowering (graph.Lowerer)"}, false, nil
	default:
		return &Lowering{Host: "Gorgonia's " + kind + " is not recognised"}, false, nil
	}
	same, shared := k.loweringKeyOf(n, operands)
	if m := k.lowerings[same]; shared && m != nil {
		return m, true, nil
	}
	s := k.context(n, kind, operands)
	s.machineSettings = settings
	if s.m.Host != "" {
		return s.m, false, nil
	}
	s.start()
	y := recognise(s)
	switch {
	case s.err != nil:
		return nil, false, s.err
	case s.m.Host != "":
		return &Lowering{Host: s.m.Host}, false, nil
	case s.m.Value != nil:
		return s.m, true, nil
	}
	s.f.Return(append([]lower.Value{s.f.Reshape(y, s.out...)}, s.next...)...)
	if err := s.f.Err(); err != nil {
		return &Lowering{Host: fmt.Sprintf("operands %v do not fit Gorgonia's %v: %v", s.in, n.Op(), err)}, false, nil
	}
	s.m.Func = s.f
	if shared {
		if k.lowerings == nil {
			k.lowerings = map[loweringKey]*Lowering{}
		}
		k.lowerings[same] = s.m
	}
	return s.m, true, nil
}

// customLowering recognises a program's own op that has a lowering.
func customLowering(l graph.Lowerer) func(s *opContext) lower.Value {
	return func(s *opContext) lower.Value {
		in := make([]lower.Value, len(s.in))
		for i := range in {
			in[i] = s.f.In(i)
		}
		return l.Lower(s.f, in)
	}
}

// builtinOps has for each type of op the function that recognises it. The function
// adds steps to the context's Func and returns the node's value, in any shape of the
// right size.
var builtinOps = map[string]func(s *opContext) lower.Value{
	"constantScalar": builtinConstant,
	"constantTensor": builtinConstant,
	"sizeOp":         builtinSize,
	"Iop":            func(s *opContext) lower.Value { return s.f.In(0) },

	"elemUnaryOp": builtinUnary,
	"elemBinOp":   builtinBinary,
	"minBetween":  func(s *opContext) lower.Value { return s.between(lower.Min) },
	"maxBetween":  func(s *opContext) lower.Value { return s.between(lower.Max) },

	"linAlgBinOp": builtinLinAlg,
	"tensordotOp": builtinTensordot,

	"sumOp":           func(s *opContext) lower.Value { return builtinReduce(s, lower.ReduceSum) },
	"maxOp":           func(s *opContext) lower.Value { return builtinReduce(s, lower.ReduceMax) },
	"softmaxOp":       builtinSoftmax,
	"softmaxDiffOp":   builtinSoftmaxGrad,
	"BatchNormOp":     builtinBatchNorm,
	"batchnormDiffOp": builtinBatchNormGrad,
	"GroupNormOp":     func(s *opContext) lower.Value { return builtinGroupNorm(s, false) },
	"groupNormDiffOp": func(s *opContext) lower.Value { return builtinGroupNorm(s, true) },

	"reshapeOp":   func(s *opContext) lower.Value { return s.f.In(0) },
	"transposeOp": func(s *opContext) lower.Value { return s.f.Transpose(s.f.In(0), s.ints("pattern")...) },
	"sliceOp":     builtinSlice,
	"sliceIncrOp": builtinSliceGrad,
	"concatOp":    builtinConcat,
	"repeatOp":    builtinRepeat,
	"atOp":        builtinAt,
	"diagFlatOp":  builtinDiagonal,

	"im2colOp":            builtinUnfold,
	"col2imOp":            builtinFold,
	"maxPoolOp":           func(s *opContext) lower.Value { return builtinMaxPool(s, false) },
	"maxPoolDiffOp":       func(s *opContext) lower.Value { return builtinMaxPool(s, true) },
	"avgPoolOp":           func(s *opContext) lower.Value { return builtinMeanPool(s, false) },
	"avgPoolDiffOp":       func(s *opContext) lower.Value { return builtinMeanPool(s, true) },
	"globalAveragePoolOp": builtinGlobalMean,
	"upsampleOp":          func(s *opContext) lower.Value { return builtinUpsample(s, false) },
	"upsampleDiffOp":      func(s *opContext) lower.Value { return builtinUpsample(s, true) },

	"dropoutOp":     builtinDropout,
	"dropoutDiffOp": builtinDropoutGrad,
	"randomOp":      builtinRandom,
}
