// Package compress codes samples to files by a model of them: without loss by a
// variational autoencoder, and with loss by the quantised codes of any autoencoder.
//
//	m, err := compress.New(vae.Config{Likelihood: vae.BetaBinomial, ...}, params)
//	stats, err := compress.Encode(file, m, images, compress.Options{})
//	images, stats, err := compress.Decode(file, m, compress.Options{})
//
// Coding without loss is bits-back coding with asymmetric numeral systems (Townsend et
// al. 2019). What a file takes is the negative evidence lower bound of its samples and
// some hundred bytes. All probabilities are computed by arithmetic that is the same on
// every processor, not by a backend, so a file is decoded bit by bit on any machine,
// with any number of threads.
package compress

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"runtime"
	"sync"

	"github.com/stheno-ml/stheno/compress/internal/bitsback"
	"github.com/stheno-ml/stheno/compress/internal/exact"
	"github.com/stheno-ml/stheno/compress/internal/rans"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// Options are the settings of coding. The zero value is the default. A file holds those
// of its encoding that decoding needs.
type Options struct {
	// LatentBits is the number of bits of a dimension of the code, from 1 to 20, which
	// are buckets of equal prior probability. More bits take more clean bits in front,
	// about as many for each dimension and stream, and cost no more after that; fewer are
	// less precise. 0 means 10.
	LatentBits int
	// PosteriorBits are those of the probabilities of buckets given a sample, from
	// LatentBits to 31; 0 means 24.
	PosteriorBits int
	// ObservationBits are those of the probabilities of a value's levels, from 1 to 31:
	// there are fewer than 2^ObservationBits levels. 0 means 24, and 30 for more than
	// 1024 levels.
	ObservationBits int
	// Streams is the number of independent parts of a file, which are coded at the same
	// time, from 1 to 4096. Each takes clean bits of its own. 0 means one for each 1000
	// samples, at least 1 and at most 16.
	Streams int
	// Threads is the number of goroutines; 0 means runtime.GOMAXPROCS. It does not
	// change the file.
	Threads int
	// MaxBytes is the size of a file that is read at most; 0 means 2^30.
	MaxBytes int
	// MaxValues is the number of values that a file is decoded to at most; 0 means 2^27.
	MaxValues int
	// Progress, if not nil, is called with the number of samples that are done, now and
	// then, by one goroutine at a time.
	Progress func(done, all int)
}

// Stats are the sizes of a file.
type Stats struct {
	Samples int // in the file
	Values  int // of all samples
	Bytes   int // of the whole file
	Header  int // bytes of it that are not streams: header and checksum
	// Clean are the bits that the first codes of each stream were drawn from; Bytes
	// includes them.
	Clean int
}

// BitsPerValue is the size of the whole file for each value, such as a pixel; 0 if there
// are no values.
func (s Stats) BitsPerValue() float64 {
	if s.Values == 0 {
		return 0
	}
	return float64(s.Bytes) * 8 / float64(s.Values)
}

// Encode writes the field "x" of a set to a file. Values are levels of the model, in
// [0,1]; another value is an error that names the sample. The samples are in memory at
// two bytes a value. The error of w is returned as it is.
func Encode(w io.Writer, m *Model, samples data.Set, o Options) (Stats, error) {
	file, s, err := encode(w, m, samples, o)
	if err != nil {
		return Stats{}, fmt.Errorf("compress: encode: %w", err)
	}
	if _, err := w.Write(file); err != nil {
		return Stats{}, err
	}
	return s, nil
}

func encode(w io.Writer, m *Model, samples data.Set, o Options) ([]byte, Stats, error) {
	if w == nil {
		return nil, Stats{}, errors.New("there is nothing to write to")
	}
	if m == nil || m.shape == nil {
		return nil, Stats{}, errNoModel
	}
	n, o, err := m.coding(o)
	if err != nil {
		return nil, Stats{}, err
	}
	levels, err := m.levels(samples)
	if err != nil {
		return nil, Stats{}, err
	}
	count := len(levels) / n.Values.Values
	if o.Streams == 0 {
		o.Streams = min(max(count/1000, 1), 16)
	}
	jobs := split(levels, n.Values.Values, min(o.Streams, max(count, 1)))
	if err := n.Encode(jobs, o.Threads, o.counter(count)); err != nil {
		return nil, Stats{}, err
	}
	s := Stats{Samples: count, Values: len(levels)}
	streams := make([]stream, len(jobs))
	for i, j := range jobs {
		streams[i] = stream{j.Stream.State, j.Stream.Words}
		s.Clean += 32 * j.Stream.Clean
	}
	file := header{kindBitsBack, m.hash, m.shape, count}.append(nil)
	file = append(file, byte(n.Latent.Bits), byte(n.Precision), byte(n.Values.Precision))
	file = binary.AppendUvarint(file, uint64(len(streams)))
	file = appendLengths(file, streams)
	s.Header = len(file) + 8
	file = seal(appendStreams(file, streams))
	s.Bytes = len(file)
	return file, s, nil
}

// Decode reads the file that Encode wrote with the same model: samples in the field "x",
// the same bits as were encoded. A file that is damaged or of another model is an error.
// Of the options it uses Threads, MaxBytes, MaxValues and Progress.
func Decode(r io.Reader, m *Model, o Options) (data.Array, Stats, error) {
	a, s, err := decode(r, m, o)
	if err != nil {
		return data.Array{}, Stats{}, fmt.Errorf("compress: decode: %w", err)
	}
	return a, s, nil
}

func decode(from io.Reader, m *Model, o Options) (data.Array, Stats, error) {
	if m == nil || m.shape == nil {
		return data.Array{}, Stats{}, errNoModel
	}
	o, err := o.withDefaults()
	if err != nil {
		return data.Array{}, Stats{}, err
	}
	r, h, err := open(from, kindBitsBack, o)
	if err == nil {
		err = h.check(m.hash, m.shape)
	}
	if err != nil {
		return data.Array{}, Stats{}, err
	}
	precisions := r.bytes(3)
	o.LatentBits, o.PosteriorBits, o.ObservationBits = int(precisions[0]), int(precisions[1]), int(precisions[2])
	count := r.number("number of streams", 1, min(maxStreams, max(h.count, 1)))
	streams := r.streams(count)
	if r.err != nil {
		return data.Array{}, Stats{}, r.err
	}
	n, o, err := m.coding(o)
	if err != nil {
		return data.Array{}, Stats{}, fmt.Errorf("the file is damaged: %w", err)
	}
	levels := make([]uint16, h.count*n.Values.Values)
	jobs := split(levels, n.Values.Values, count)
	for i, s := range streams {
		jobs[i].Stream = bitsback.Stream{State: s.state, Words: s.words}
	}
	if err := n.Decode(jobs, o.Threads, o.counter(h.count)); err != nil {
		return data.Array{}, Stats{}, err
	}
	s := Stats{Samples: h.count, Values: len(levels), Bytes: r.size}
	payload := 0
	for i, j := range jobs {
		s.Clean += 32 * j.Stream.Clean
		payload += 8 + 4*len(streams[i].words)
	}
	s.Header = s.Bytes - payload
	x := data.Array{Name: graph.InputX, Shape: m.Shape(), Values: make([]float32, len(levels))}
	for i, k := range levels {
		x.Values[i] = valueOf(int(k), n.Values.Levels)
	}
	return x, s, nil
}

var errNoModel = errors.New("there is no model: make it with New")

const maxStreams = 4096

// withDefaults checks the settings that are not of a file.
func (o Options) withDefaults() (Options, error) {
	for _, f := range []struct {
		name  string
		value *int
		def   int
	}{{"Threads", &o.Threads, runtime.GOMAXPROCS(0)}, {"MaxBytes", &o.MaxBytes, defaultMaxBytes}, {"MaxValues", &o.MaxValues, defaultMaxValues}} {
		if *f.value < 0 {
			return o, fmt.Errorf("the setting %s is %d, want at least 1, or 0 for %d", f.name, *f.value, f.def)
		}
		if *f.value == 0 {
			*f.value = f.def
		}
	}
	return o, nil
}

// coding is the net with the precisions of options.
func (m *Model) coding(o Options) (bitsback.Model, Options, error) {
	o, err := o.withDefaults()
	n := m.net
	if err != nil {
		return n, o, err
	}
	least := bits.Len(uint(n.Values.Levels))
	if o.LatentBits == 0 {
		o.LatentBits = 10
	}
	if o.PosteriorBits == 0 {
		o.PosteriorBits = 24
	}
	if o.ObservationBits == 0 {
		if o.ObservationBits = 24; n.Values.Levels > 1024 {
			o.ObservationBits = 30
		}
	}
	for _, f := range []struct {
		name          string
		value, lo, hi int
	}{
		{"LatentBits", o.LatentBits, 1, 20},
		{"PosteriorBits", o.PosteriorBits, o.LatentBits, rans.MaxBits},
		{"ObservationBits", o.ObservationBits, least, rans.MaxBits},
		{"Streams", o.Streams, 0, maxStreams},
	} {
		if f.value < f.lo || f.value > f.hi {
			return n, o, fmt.Errorf("the setting %s is %d, want from %d to %d", f.name, f.value, f.lo, f.hi)
		}
	}
	n.Latent, n.Precision, n.Values.Precision = exact.NewLatent(o.LatentBits, o.PosteriorBits), o.PosteriorBits, o.ObservationBits
	return n, o, nil
}

// counter returns the function that is called after each sample.
func (o Options) counter(all int) func() {
	if o.Progress == nil {
		return func() {}
	}
	var mu sync.Mutex
	done := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		if done++; done == all || done%100 == 0 {
			o.Progress(done, all)
		}
	}
}

// split divides samples among streams.
func split(levels []uint16, size, streams int) []bitsback.Job {
	jobs := make([]bitsback.Job, streams)
	n := len(levels) / size
	first := func(i int) int { return int(int64(i) * int64(n) / int64(streams)) }
	for i := range jobs {
		jobs[i] = bitsback.Job{Number: i, Samples: levels[first(i)*size : first(i+1)*size]}
	}
	return jobs
}
