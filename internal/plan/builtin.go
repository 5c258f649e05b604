package plan

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Gorgonia's built-in ops are recognised here. They are unexported: it is by the
// name of their type, their text and their fields.

// Meaning is a node of a built-in op of Gorgonia's in the primitives of
// package lower.
type Lowering struct {
	// Func computes the node's value. Its inputs are the node's operands, each
	// of its node's shape, and then one for each OpState; its results are the
	// value, of the node's shape, and then one for each OpState with Next.
	Func *lower.Func
	// Value is the value of a node that never changes; Func is nil then. It may
	// be the op's own, or even Gorgonia's for all graphs: publish a copy.
	Value gorgonia.Value
	// State is what the op keeps from run to run.
	State []OpState
	// Unfold is set for im2col and col2im, so that a convolution made of them
	// can be seen whole.
	Unfold *Unfold
	// Stale, unless nil, reports that the op was switched (SetTraining) and
	// now means something else. A machine asks before each run.
	Stale func() bool
	// Moved, unless nil, reports that the op's slice now has other bounds than
	// Func. A machine asks before each run.
	Changed func() bool
	// Fault is what Gorgonia's own op gets wrong here and Func does not, "" if
	// nothing: the two are not to be compared.
	Fault string
	// Edge is for which values Gorgonia's own op is wrong, "" if for none. For
	// others both agree.
	Edge string
	// Host is why the op is not recognised, and runs by its own Do.
	Host string
}

// OpState is an array that an op keeps from run to run, as Func sees it.
type OpState struct {
	// Memory is read before a run and, with Next, written after it; it is the
	// op's own, which its user can see.
	Memory *tensor.Dense
	// Next says that Func returns what Memory becomes.
	Next bool
	// Clock says that there is no Memory: the array is the clock [4] of random
	// numbers (lower.ClockWords), which a machine moves on in every run.
	Clock bool
	// Bounds, unless nil, says that there is no Memory: the array is the words
	// [4] of a slice's bounds (lower.SliceWords), of which it tells those of now.
	Bounds func() ([4]float64, error)
	// Indices, unless nil, says that there is no Memory: the array is so many
	// indices, Count.
	Indices *Indices
	Count   int
}

// shape is the shape of the state's input.
func (s OpState) shape() lower.Shape {
	switch {
	case s.Clock || s.Bounds != nil:
		return lower.Shape{4}
	case s.Indices != nil:
		return lower.Shape{s.Count}
	}
	return lower.Shape(s.Memory.Shape()).Clone()
}

// Unfold is how im2col takes images [N,C,H,W] apart into windows
// [N,P,Q,C*KH*KW], and how col2im adds such windows up to images.
type Unfold struct {
	lower.Geometry
	Kernel [2]int // KH, KW
	Image  [2]int // H, W
	Fold   bool   // col2im
}

// reading is how a machine reads an op whose meaning depends on the machine.
type machineSettings struct {
	dynamic bool   // a slice's bounds are an input
	modes   *Modes // whether it trains; nil goes by the op
}

// stock returns what the op at a node means to a machine that reads it so, given
// the node's operands. If it is not recognised, ok is false and the meaning says
// why in Host. An error is about a version of Gorgonia with other fields than
// 0.9.18.
//
// A shape (1) or (1,1) counts as a scalar wherever Gorgonia takes it for one,
// and a vector of n as a row or a column of n.
func (k *facts) lowerBuiltin(n *gorgonia.Node, operands []*gorgonia.Node, settings machineSettings) (m *Lowering, ok bool, err error) {
	kind := k.at(n).kind
	recognise, known := builtinOps[kind]
	if l, ok := n.Op().(graph.Lowerer); ok {
		recognise, known = customLowering(l), true
	}
	switch {
	case known:
	case kind == "":
		return &Lowering{Host: "not an op of Gorgonia's, and it has no lowering (graph.Lowerer)"}, false, nil
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

// ownLowering recognises an op of a program's own that says how it lowers.
func customLowering(l graph.Lowerer) func(s *opContext) lower.Value {
	return func(s *opContext) lower.Value {
		in := make([]lower.Value, len(s.in))
		for i := range in {
			in[i] = s.f.In(i)
		}
		return l.Lower(s.f, in)
	}
}

// stockOps is how each type of op is recognised: a function that adds steps to
// the site's Func and returns the value of the node, up to its shape.
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
