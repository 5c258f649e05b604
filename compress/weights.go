package compress

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
)

// Hash identifies a model by its settings and weights: a SHA-256 sum.
type Hash [sha256.Size]byte

// String is the start of the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:8]) }

// weight is a weight or a state of a net.
type weight struct {
	shape  graph.Shape
	values []float64
}

// weights are those of a net in evaluation, by name.
type weights map[string]weight

// weightsOf reads the parameters that a model's net has in evaluation.
func weightsOf(m train.Model, p *graph.Params) (weights, error) {
	if p == nil {
		return nil, errors.New("there are no parameters: train or load the model first")
	}
	own := graph.NewParams(p.Dtype(), 0)
	if err := build(m, own); err != nil {
		return nil, err
	}
	waiting := p.Waiting()
	for _, q := range own.All() {
		if p.Get(q.Name()) == nil && !slices.Contains(waiting, q.Name()) {
			return nil, fmt.Errorf("the parameters have no %q, which the model has: train or load the model first", q.Name())
		}
	}
	if err := build(m, p); err != nil { // it checks the shapes
		return nil, err
	}
	if err := p.Sync(); err != nil {
		return nil, err
	}
	w := weights{}
	for _, q := range own.All() {
		values := p.Get(q.Name()).Floats()
		for i, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("the parameter %q has the value %g at element %d: a net that is not finite codes nothing", q.Name(), v, i)
			}
		}
		w[q.Name()] = weight{q.Shape(), values}
	}
	return w, nil
}

// build builds a model's net, so that the parameters have its weights.
func build(m train.Model, p *graph.Params) error {
	b := graph.New(p, graph.Config{})
	m.Build(b, 1)
	return b.Err()
}

// hash is that of a model with these weights.
func (w weights) hash(m train.Model) (Hash, error) {
	settings, err := json.Marshal(m)
	if err != nil {
		return Hash{}, fmt.Errorf("the settings of %T cannot be written as JSON: %w", m, err)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n", train.NameOf(m), settings)
	var names []string
	for name := range w {
		names = append(names, name)
	}
	slices.Sort(names)
	var buf []byte
	for _, name := range names {
		fmt.Fprintf(h, "%s %v\n", name, []int(w[name].shape))
		buf = buf[:0]
		for _, v := range w[name].values {
			buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(v))
		}
		h.Write(buf)
	}
	return Hash(h.Sum(nil)), nil
}
