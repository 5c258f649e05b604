package compress

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/stheno-ml/stheno/compress/internal/rans"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// CodeOptions are the settings of coding with loss.
type CodeOptions struct {
	// Step is the distance between the values that a code can have after rounding, in
	// the units of the code: the error is at most half of it. 0 means a quarter of the
	// standard deviation of all values.
	Step float64
	// Model is kept in the file, to tell with which model the codes are decoded. Zero is
	// none.
	Model Hash
}

// EncodeCodes rounds codes [N, shape...] to multiples of a step, and writes them to a
// file by their frequencies. Each dimension has frequencies of its own, which are counted
// as it is coded, so the file needs no tables. Values that are not finite are errors, and
// dimensions of more than 65,536 steps.
func EncodeCodes(w io.Writer, codes data.Array, o CodeOptions) (Stats, error) {
	file, s, err := encodeCodes(w, codes, o)
	if err != nil {
		return Stats{}, fmt.Errorf("compress: encode codes: %w", err)
	}
	if _, err := w.Write(file); err != nil {
		return Stats{}, err
	}
	return s, nil
}

const (
	maxSymbols = 1 << 16 // steps of a dimension
	maxCodes   = 1 << 30 // a code in steps
)

func encodeCodes(w io.Writer, codes data.Array, o CodeOptions) ([]byte, Stats, error) {
	size, n := sizeOf(codes.Shape), 0
	switch {
	case w == nil:
		return nil, Stats{}, errors.New("there is nothing to write to")
	case size == 0 || len(codes.Values)%size != 0:
		return nil, Stats{}, fmt.Errorf("%d values are not codes of shape %v", len(codes.Values), codes.Shape)
	case len(codes.Shape) > maxRank || len(codes.Values) > defaultMaxValues:
		return nil, Stats{}, fmt.Errorf("codes of shape %v with %d values: want at most %d axes and %d values in a file", codes.Shape, len(codes.Values), maxRank, defaultMaxValues)
	}
	n = len(codes.Values) / size
	for i, v := range codes.Values {
		if v := float64(v); math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, Stats{}, fmt.Errorf("code %d: value %d is %g, want finite numbers", i/size, i%size, v)
		}
	}
	if o.Step == 0 {
		o.Step = defaultStep(codes.Values)
	}
	if !(o.Step > 0) || math.IsInf(o.Step, 1) {
		return nil, Stats{}, fmt.Errorf("the setting Step is %g, want a finite number above 0, or 0 for a quarter of the standard deviation", o.Step)
	}
	file := header{kindCodes, o.Model, codes.Shape, n}.append(nil)
	file = binary.LittleEndian.AppendUint64(file, math.Float64bits(o.Step))
	var stack rans.Stack
	column := make([]int, n)
	ranges := make([]byte, 0, 4*size)
	list := make([][2]uint64, n)
	dims := make([]counts, size)
	for d := range dims {
		for i := range column {
			q := math.Round(float64(codes.Values[i*size+d]) / o.Step)
			if math.Abs(q) > maxCodes {
				return nil, Stats{}, fmt.Errorf("code %d: value %d is %g, which is more than %d steps of %g: take a greater step", i, d, codes.Values[i*size+d], maxCodes, o.Step)
			}
			column[i] = int(q)
		}
		lo, hi := limits(column)
		if hi-lo >= maxSymbols {
			return nil, Stats{}, fmt.Errorf("value %d of the codes is from %d to %d steps of %g, want at most %d steps: take a greater step", d, lo, hi, o.Step, maxSymbols)
		}
		dims[d] = newCounts(lo, hi)
		ranges = binary.AppendUvarint(binary.AppendVarint(ranges, int64(lo)), uint64(hi-lo))
	}
	for d := size - 1; d >= 0; d-- { // in reverse order, as the last is popped first
		c := &dims[d]
		c.start()
		for i := range list {
			k := int(math.Round(float64(codes.Values[i*size+d])/o.Step)) - c.lo
			list[i][0], list[i][1] = c.span(k)
			c.count(k)
		}
		for i := n - 1; i >= 0; i-- {
			stack.Push(list[i][0], list[i][1], countBits)
		}
		c.tree = nil
	}
	file = append(file, ranges...)
	streams := []stream{{max(stack.State, 1<<32), stack.Words}}
	file = appendLengths(file, streams)
	s := Stats{Samples: n, Values: len(codes.Values), Header: len(file) + 8}
	file = seal(appendStreams(file, streams))
	s.Bytes = len(file)
	return file, s, nil
}

// DecodeCodes reads the file that EncodeCodes wrote: the rounded codes, the same bits on
// every machine, and the model that CodeOptions named. Of the options it uses MaxBytes
// and MaxValues.
func DecodeCodes(r io.Reader, o Options) (data.Array, Hash, Stats, error) {
	a, h, s, err := decodeCodes(r, o)
	if err != nil {
		return data.Array{}, Hash{}, Stats{}, fmt.Errorf("compress: decode codes: %w", err)
	}
	return a, h, s, nil
}

func decodeCodes(from io.Reader, o Options) (a data.Array, model Hash, s Stats, err error) {
	if o, err = o.withDefaults(); err != nil {
		return a, model, s, err
	}
	r, h, err := open(from, kindCodes, o)
	if err != nil {
		return a, model, s, err
	}
	step := math.Float64frombits(binary.LittleEndian.Uint64(r.bytes(8)))
	size := sizeOf(h.shape)
	if size > len(r.rest) { // each dimension has two numbers
		return a, model, s, errShort
	}
	dims := make([]counts, size)
	for d := range dims {
		lo := r.signed("least code", -maxCodes, maxCodes)
		dims[d] = newCounts(lo, lo+r.number("number of steps", 0, maxSymbols-1))
	}
	streams := r.streams(1)
	switch {
	case r.err != nil:
		return a, model, s, r.err
	case !(step > 0) || math.IsInf(step, 1):
		return a, model, s, fmt.Errorf("the step is %g: the file is damaged", step)
	}
	a = data.Array{Name: graph.OutputCode, Shape: h.shape, Values: make([]float32, h.count*size)}
	stack := rans.Stack{State: streams[0].state, Words: streams[0].words}
	s = Stats{Samples: h.count, Values: len(a.Values), Bytes: r.size, Header: r.size - 8 - 4*len(stack.Words)}
	for d := range dims {
		c := &dims[d]
		c.start()
		for i := range h.count {
			k, start, extent := c.find(stack.Peek(countBits))
			if err := stack.Pop(start, extent, countBits); err != nil {
				return a, model, s, fmt.Errorf("code %d: %w", i, err)
			}
			c.count(k)
			a.Values[i*size+d] = float32(float64(c.lo+k) * step)
		}
		c.tree = nil
	}
	if stack.State != 1<<32 || len(stack.Words) > 0 {
		return a, model, s, errors.New("something is left after the last code: the file is damaged")
	}
	return a, h.hash, s, nil
}

// signed reads a number from lo to hi.
func (r *reader) signed(what string, lo, hi int) int {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.fail(errShort)
	}
	if r.err != nil {
		return 0
	}
	r.rest = r.rest[n:]
	if v < int64(lo) || v > int64(hi) {
		r.fail(fmt.Errorf("the %s is %d, want from %d to %d: the file is damaged", what, v, lo, hi))
		return 0
	}
	return int(v)
}

// defaultStep is a quarter of the standard deviation, or 1 if that is 0.
func defaultStep(x []float32) float64 {
	mean, square := 0., 0.
	for _, v := range x {
		mean += float64(v) / float64(len(x))
	}
	for _, v := range x {
		square += (float64(v) - mean) * (float64(v) - mean) / float64(len(x))
	}
	if step := math.Sqrt(square) / 4; step > 0 {
		return step
	}
	return 1
}

func limits(x []int) (lo, hi int) {
	for i, v := range x {
		if i == 0 {
			lo, hi = v, v
		}
		lo, hi = min(lo, v), max(hi, v)
	}
	return lo, hi
}

// sizeOf is the number of values of a shape, 0 if there is none.
func sizeOf(shape []int) int {
	size := 1
	for _, n := range shape {
		if n < 1 || size > defaultMaxValues/n {
			return 0
		}
		size *= n
	}
	return size
}
