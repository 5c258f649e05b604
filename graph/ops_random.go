package graph

import "github.com/stheno-ml/stheno/lower"

// randomAttrs are the attributes of random arrays: the key of the stream, which is
// different for each draw of a graph, and the array's shape.
type randomAttrs struct {
	Key uint64
	To  Shape
}

func (a randomAttrs) prim(k lower.RandomKind) lower.Random {
	return lower.Random{Kind: k, Key: a.Key, Shape: a.To}
}

// uniformOp draws numbers uniform in [0,1). Its operand is the clock.
func uniformOp() Op[randomAttrs] { return randomOp("uniform", lower.RandomUniform) }

// normalOp draws normal numbers of mean 0 and variance 1. Its operand is the clock.
func normalOp() Op[randomAttrs] { return randomOp("normal", lower.RandomNormal) }

func randomOp(name string, k lower.RandomKind) Op[randomAttrs] {
	return Op[randomAttrs]{
		Name:  name,
		Arity: 1,
		Shape: func(a randomAttrs, in []Shape) ([]Shape, error) { return inferBy(a.prim(k), in) },
		Define: func(a randomAttrs, in, out []Array) {
			c := in[0].Data
			epoch, first := uint32(c[0])+uint32(c[1])<<16, uint64(c[2])+uint64(c[3])<<16
			row := a.To[1:].Size()
			for i := range out[0].Data {
				out[0].Data[i] = float64(a.prim(k).At(epoch, first+uint64(i/row), i%row))
			}
		},
		Lower: func(a randomAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(a.prim(k), in[0])
		},
	}
}

// Uniform draws an array of numbers uniform in [0,1), new ones in every run. The
// shape's axis 0 counts the samples of the batch. The numbers depend only on the
// sample and the epoch, which the builder's clock counts, on the builder's seed, and
// on the scoped name. The name need not be unique: the second draw with a name in a
// scope has another stream than the first. For numbers that do not belong to samples,
// use an extent of 1 at axis 0. There is no gradient.
func (b *Builder) Uniform(name string, shape ...int) *Node { return b.random(uniformOp(), name, shape) }

// Normal draws an array of normal numbers of mean 0 and variance 1. Otherwise it is
// like Uniform.
func (b *Builder) Normal(name string, shape ...int) *Node { return b.random(normalOp(), name, shape) }

func (b *Builder) random(op Op[randomAttrs], name string, shape Shape) *Node {
	if b.Err() != nil {
		return nil
	}
	key := lower.RandomKey(b.Seed, b.Unique(name))
	return op.Apply(b, randomAttrs{key, shape.Clone()}, b.Clock())
}
