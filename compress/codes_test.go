package compress_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/compress"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

func codes(n int, shape ...int) data.Array {
	r := rand.New(rand.NewPCG(1, 1))
	a := data.Array{Name: "code", Shape: shape, Values: make([]float32, n*graph.Shape(shape).Size())}
	for i := range a.Values {
		a.Values[i] = float32(r.NormFloat64())
	}
	return a
}

func TestCodesComeBackRounded(t *testing.T) {
	for _, n := range []int{0, 1, 700} {
		for _, step := range []float64{0.01, 0.5, 100, 0} {
			a := codes(n, 3, 2)
			var b bytes.Buffer
			model := compress.Hash{1, 2, 3}
			s, err := compress.EncodeCodes(&b, a, compress.CodeOptions{Step: step, Model: model})
			require.NoError(t, err)
			require.Equal(t, b.Len(), s.Bytes)
			back, hash, sizes, err := compress.DecodeCodes(&b, compress.Options{})
			require.NoError(t, err)
			require.Equal(t, model, hash)
			require.Equal(t, s, sizes)
			require.Equal(t, a.Shape, back.Shape)
			require.Len(t, back.Values, len(a.Values))
			for i, v := range a.Values {
				if step > 0 {
					require.Equal(t, float32(math.Round(float64(v)/step)*step), back.Values[i])
				}
				require.InDelta(t, v, back.Values[i], max(step, 0.3)/2+1e-6)
			}
		}
	}
}

// The size is the entropy of the rounded codes, less than three per cent more for ten
// thousand of them.
func TestTheSizeOfCodesIsTheirEntropy(t *testing.T) {
	const step = 0.25
	a := codes(10000, 2)
	s, err := compress.EncodeCodes(&bytes.Buffer{}, a, compress.CodeOptions{Step: step})
	require.NoError(t, err)
	entropy := 0.
	for d := range 2 {
		count := map[float64]float64{}
		for i := d; i < len(a.Values); i += 2 {
			count[math.Round(float64(a.Values[i])/step)]++
		}
		for _, c := range count {
			entropy -= c * math.Log2(c/10000)
		}
	}
	require.Greater(t, float64(8*s.Bytes), entropy)
	require.Less(t, float64(8*s.Bytes), 1.03*entropy)
}

// Counts are halved again and again in a long column.
func TestLongColumnsComeBack(t *testing.T) {
	a := codes(600000, 1)
	for i := range a.Values {
		if i%3 > 0 {
			a.Values[i] = 0
		}
	}
	var b bytes.Buffer
	_, err := compress.EncodeCodes(&b, a, compress.CodeOptions{Step: 0.001})
	require.NoError(t, err)
	back, _, _, err := compress.DecodeCodes(&b, compress.Options{})
	require.NoError(t, err)
	for i, v := range a.Values {
		if math.Abs(float64(v-back.Values[i])) > 0.00051 {
			t.Fatalf("code %d is %g, want %g", i, back.Values[i], v)
		}
	}
}

func TestCodesThatCannotBeCodedAreErrors(t *testing.T) {
	for _, c := range []struct {
		want  string
		codes data.Array
		step  float64
	}{
		{"code 1: value 0 is NaN", data.Array{Shape: []int{2}, Values: []float32{0, 0, float32(math.NaN()), 0}}, 1},
		{"code 0: value 1 is +Inf", data.Array{Shape: []int{2}, Values: []float32{0, float32(math.Inf(1))}}, 1},
		{"3 values are not codes of shape [2]", data.Array{Shape: []int{2}, Values: make([]float32, 3)}, 1},
		{"are not codes of shape [0]", data.Array{Shape: []int{0}}, 1},
		{"the setting Step is -1", codes(2, 2), -1},
		{"the setting Step is NaN", codes(2, 2), math.NaN()},
		{"take a greater step", codes(2, 2), 1e-6},
		{"take a greater step", codes(2, 2), 1e-30},
		{"at most 8 axes", codes(1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 1},
	} {
		_, err := compress.EncodeCodes(&bytes.Buffer{}, c.codes, compress.CodeOptions{Step: c.step})
		require.ErrorContains(t, err, c.want)
	}
	_, err := compress.EncodeCodes(nil, codes(2, 2), compress.CodeOptions{})
	require.ErrorContains(t, err, "nothing to write to")
	s, err := compress.EncodeCodes(&bytes.Buffer{}, data.Array{Shape: []int{2}, Values: []float32{3, 3, 3, 3}}, compress.CodeOptions{})
	require.NoError(t, err, "constant codes")
	require.Less(t, s.Bytes, 90)
}

func TestDamagedCodesAreErrors(t *testing.T) {
	var b bytes.Buffer
	_, err := compress.EncodeCodes(&b, codes(40, 3), compress.CodeOptions{Step: 0.2})
	require.NoError(t, err)
	whole := b.Bytes()
	decode := func(b []byte) error {
		_, _, _, err := compress.DecodeCodes(bytes.NewReader(b), compress.Options{MaxValues: 1 << 12})
		return err
	}
	require.NoError(t, decode(whole))
	for n := range len(whole) {
		require.Error(t, decode(whole[:n]))
		require.Error(t, decode(reseal(whole[:n])))
		changed := bytes.Clone(whole)
		changed[n] ^= 1 << (n % 8)
		require.Error(t, decode(changed))
		_ = decode(reseal(changed)) // it must not panic
	}
	lossless, _ := file(t)
	require.ErrorContains(t, decode(lossless), "samples without loss: read it with Decode")
}

// No file makes DecodeCodes panic, or take more memory than it is allowed.
func FuzzDecodeCodes(f *testing.F) {
	var b bytes.Buffer
	_, err := compress.EncodeCodes(&b, codes(40, 3), compress.CodeOptions{Step: 0.2})
	require.NoError(f, err)
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, file := range [][]byte{b, reseal(b)} {
			a, _, _, err := compress.DecodeCodes(bytes.NewReader(file), compress.Options{MaxBytes: 1 << 16, MaxValues: 1 << 12})
			if err == nil && len(a.Values) > 1<<12 {
				t.Fatal("more values than allowed")
			}
		}
	})
}

// plain is an autoencoder as the front door has it.
type plain struct {
	model train.Model
	p     *graph.Params
	f     *vm.Function
}

func newPlain(t *testing.T, m train.Model, p *graph.Params) plain {
	f, err := train.NewFunction(m, train.Options{Backend: cpu.Config{}, Params: p}, vm.FunctionOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return plain{m, p, f}
}

func (a plain) Model() train.Model    { return a.model }
func (a plain) Params() *graph.Params { return a.p }
func (a plain) Encode(x []float32, _ ...vm.Array) ([]float32, error) {
	return a.call("x", "code", 12, x)
}
func (a plain) Decode(z []float32, _ ...vm.Array) ([]float32, error) {
	return a.call("code", "recon", 3, z)
}
func (a plain) call(from, to string, size int, x []float32) ([]float32, error) {
	out := []vm.Array{{Name: to}}
	err := a.f.Call([]vm.Array{{Name: from, Shape: []int{len(x) / size, size}, Data: x}}, out)
	return out[0].Data, err
}

func TestLossyFilesDecodeToReconstructions(t *testing.T) {
	m := dense.Config{Input: 12, Hidden: []int{8, 3}, CodeActivation: "linear"}
	a := newPlain(t, m, params(t, m))
	set := levels(t, 20, []int{12}, 256)
	var b bytes.Buffer
	s, err := compress.EncodeLossy(&b, a, set, compress.CodeOptions{Step: 1e-4})
	require.NoError(t, err)
	require.Equal(t, 240, s.Values)
	whole := b.Bytes()
	x, back, err := compress.DecodeLossy(bytes.NewReader(whole), a, compress.Options{})
	require.NoError(t, err)
	require.Equal(t, s, back)
	require.Equal(t, []int{12}, x.Shape)
	z, err := a.Encode(values(t, set))
	require.NoError(t, err)
	want, err := a.Decode(z)
	require.NoError(t, err)
	require.InDeltaSlice(t, want, x.Values, 1e-3)

	other := params(t, m)
	require.NoError(t, other.Get("decoder/fc1/b").SetFloats(make([]float64, 8)))
	_, _, err = compress.DecodeLossy(bytes.NewReader(whole), newPlain(t, m, other), compress.Options{})
	require.ErrorContains(t, err, "the file was coded by another model")
	_, _, err = compress.DecodeLossy(bytes.NewReader(whole), nil, compress.Options{})
	require.ErrorContains(t, err, "no autoencoder")
	_, err = compress.EncodeLossy(&b, nil, set, compress.CodeOptions{})
	require.ErrorContains(t, err, "no autoencoder")
	_, err = compress.EncodeLossy(&b, a, nil, compress.CodeOptions{})
	require.ErrorContains(t, err, "no samples")
	_, _, err = compress.DecodeLossy(bytes.NewReader(whole), a, compress.Options{MaxValues: 100})
	require.ErrorContains(t, err, "raise Options.MaxValues")
}
