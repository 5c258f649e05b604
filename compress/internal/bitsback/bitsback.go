// Package bitsback is bits-back coding with asymmetric numeral systems (Townsend et al.
// 2019): samples of whole numbers, coded by a latent variable model.
//
// To push a sample x on the stack, its code z is popped from it by q(z|x), then x is
// pushed by p(x|z) and z by p(z). Popping z gives back as many bits as q needs for it,
// so a sample takes -log p(x,z) + log q(z|x), the negative evidence lower bound. The
// first codes are popped from clean words, which a fixed generator makes; they stay at
// the bottom of the stack. To pop x, all is undone in reverse order. What is left are the
// clean words, and that they are the generator's tells that nothing went wrong.
package bitsback

import (
	"fmt"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/stheno-ml/stheno/compress/internal/exact"
	"github.com/stheno-ml/stheno/compress/internal/rans"
)

// Model is what samples are coded by. It does not change, and any number of goroutines
// can use it.
type Model struct {
	// Encoder maps a sample to the means and log variances of q(z|x), [2 Size].
	Encoder exact.Net
	// Decoder maps a code [Size] to the parameters of Values.
	Decoder exact.Net
	// Values are the values of a sample.
	Values exact.Likelihood
	// Size is the number of dimensions of the code.
	Size int
	// Lo and Hi clamp the log variances.
	Lo, Hi float64
	// Value is the number that the encoder gets for a level, [Values.Levels].
	Value []float64
	// Latent is the coding of a dimension, and Precision the bits of q's probabilities.
	Latent    *exact.Latent
	Precision int
}

// Stream is what samples were coded to.
type Stream struct {
	State uint64
	Words []uint32
	Clean int // the clean words that it has at the bottom, and one for the state
}

// Job is the samples of one stream: levels [N, Values.Values].
type Job struct {
	Number  int // of the stream: it chooses the clean words
	Samples []uint16
	Stream  Stream
}

// Encode codes the samples of jobs on some goroutines, at least one. The result does
// not depend on their number. done is called after each sample.
func (m *Model) Encode(jobs []Job, threads int, done func()) error {
	return m.each(jobs, threads, func(j *Job) error { return m.encode(j, done) })
}

// Decode decodes the streams of jobs to their samples, whose number is known by their
// length.
func (m *Model) Decode(jobs []Job, threads int, done func()) error {
	return m.each(jobs, threads, func(j *Job) error { return m.decode(j, done) })
}

// each runs a function for each job. It returns the error of the first one that failed.
func (m *Model) each(jobs []Job, threads int, f func(*Job) error) error {
	var next atomic.Int64
	var all sync.WaitGroup
	errs := make([]error, len(jobs))
	for range min(max(threads, 1), len(jobs)) {
		all.Go(func() {
			for i := int(next.Add(1) - 1); i < len(jobs); i = int(next.Add(1) - 1) {
				errs[i] = f(&jobs[i])
			}
		})
	}
	all.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("stream %d: %w", i+1, err)
		}
	}
	return nil
}

// encode pushes the samples of a job, the last one first.
func (m *Model) encode(j *Job, done func()) error {
	clean := generator(j.Number)
	taken := 0
	s := rans.Stack{State: initial(&clean), Refill: func() uint32 { taken++; return clean.word() }}
	c := m.newCoder(&s)
	n := m.Values.Values
	for i := len(j.Samples)/n - 1; i >= 0; i-- {
		if err := c.push(j.Samples[i*n : (i+1)*n]); err != nil {
			return fmt.Errorf("sample %d: %w", i+1, err)
		}
		done()
	}
	j.Stream = Stream{s.State, s.Words, taken + 1}
	return nil
}

// decode pops the samples of a job.
func (m *Model) decode(j *Job, done func()) error {
	s := rans.Stack{State: j.Stream.State, Words: slices.Clone(j.Stream.Words)}
	c := m.newCoder(&s)
	n := m.Values.Values
	for i := range len(j.Samples) / n {
		if err := c.pop(j.Samples[i*n : (i+1)*n]); err != nil {
			return fmt.Errorf("sample %d: %w", i+1, err)
		}
		done()
	}
	clean := generator(j.Number)
	right := s.State == initial(&clean)
	for i := len(s.Words) - 1; i >= 0; i-- {
		right = right && s.Words[i] == clean.word()
	}
	if !right {
		return fmt.Errorf("what is left after the last sample is not what coding began with: the stream is damaged or was coded by other arithmetic")
	}
	j.Stream.Clean = len(s.Words) + 1
	return nil
}

// coder codes one sample after the other.
type coder struct {
	*Model
	s       *rans.Stack
	room    exact.Room
	x, z    []float64
	buckets []int
	normals []exact.Normal
	value   *exact.Distribution
}

func (m *Model) newCoder(s *rans.Stack) *coder {
	return &coder{Model: m, s: s, x: make([]float64, m.Values.Values), z: make([]float64, m.Size),
		buckets: make([]int, m.Size), normals: make([]exact.Normal, m.Size), value: m.Values.New()}
}

func (c *coder) push(x []uint16) error {
	if err := c.posterior(x); err != nil {
		return err
	}
	for i, n := range c.normals {
		k, start, size := c.Latent.Find(c.s.Peek(c.Precision), n)
		if err := c.s.Pop(start, size, c.Precision); err != nil {
			return err
		}
		c.buckets[i], c.z[i] = k, c.Latent.Centre(k)
	}
	y := c.Decoder.Run(&c.room, c.z)
	for i := len(x) - 1; i >= 0; i-- {
		if !c.value.Set(y, i) {
			return errNaN("decoder")
		}
		start, size := c.value.Span(int(x[i]))
		c.s.Push(start, size, c.Values.Precision)
	}
	for i := len(c.buckets) - 1; i >= 0; i-- {
		c.s.Push(uint64(c.buckets[i]), 1, c.Latent.Bits)
	}
	return nil
}

func (c *coder) pop(x []uint16) error {
	for i := range c.buckets {
		k := c.s.Peek(c.Latent.Bits)
		if err := c.s.Pop(k, 1, c.Latent.Bits); err != nil {
			return err
		}
		c.buckets[i], c.z[i] = int(k), c.Latent.Centre(int(k))
	}
	y := c.Decoder.Run(&c.room, c.z)
	for i := range x {
		if !c.value.Set(y, i) {
			return errNaN("decoder")
		}
		k, start, size := c.value.Find(c.s.Peek(c.Values.Precision))
		if err := c.s.Pop(start, size, c.Values.Precision); err != nil {
			return err
		}
		x[i] = uint16(k)
	}
	if err := c.posterior(x); err != nil {
		return err
	}
	for i := len(c.normals) - 1; i >= 0; i-- {
		start, size := c.Latent.Span(c.buckets[i], c.normals[i])
		if size == 0 {
			return fmt.Errorf("the encoder gives a code of it no probability: the stream is damaged or was coded by another model")
		}
		c.s.Push(start, size, c.Precision)
	}
	return nil
}

// posterior computes q(z|x).
func (c *coder) posterior(x []uint16) error {
	for i, k := range x {
		c.x[i] = c.Value[k]
	}
	y := c.Encoder.Run(&c.room, c.x)
	for i := range c.normals {
		var ok bool
		if c.normals[i], ok = exact.NormalOf(y[i], y[c.Size+i], c.Lo, c.Hi); !ok {
			return errNaN("encoder")
		}
	}
	return nil
}

func errNaN(part string) error {
	return fmt.Errorf("the %s's result is not a number: its weights are too large", part)
}

// generator makes the clean words of a stream: those of SplitMix64 (Steele et al. 2014).
type generator uint64

func (g *generator) word() uint32 {
	*g += 0x9e3779b97f4a7c15
	x := uint64(*g)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return uint32(bits.RotateLeft64(x^x>>31, 32))
}

// initial is the state that coding begins with: 32 clean bits.
func initial(g *generator) uint64 { return 1<<32 | uint64(g.word()) }
