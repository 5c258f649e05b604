package data

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// npyOf is an array as an npy file.
func npyOf(t testing.TB, a Array, as NPYType) []byte {
	var file bytes.Buffer
	require.NoError(t, WriteNPY(&file, a, as))
	return file.Bytes()
}

func TestWhatIsWrittenAsNPYReadsAsTheSame(t *testing.T) {
	for _, a := range []Array{
		{Name: "x", Values: []float32{1, -2, 3}},
		{Name: "x", Shape: []int{2}, Values: []float32{1, -2, 3, 1 << 24}},
		{Name: "x", Shape: []int{2, 1, 3}, Values: make([]float32, 12)},
		{Name: "x", Shape: []int{3}, Values: []float32{}},
	} {
		for _, as := range []NPYType{"", NPYFloat32, NPYFloat64, NPYInt64} {
			file := npyOf(t, a, as)
			require.Zero(t, (len(file)-4*len(a.Values))%4)
			again, err := ReadNPY(bytes.NewReader(file), "a.npy")
			require.NoError(t, err)
			require.Equal(t, a, again)
		}
	}
	fractions := Array{Name: "x", Values: []float32{.1, float32(math.Inf(-1)), 1e-40}}
	again, err := ReadNPY(bytes.NewReader(npyOf(t, fractions, NPYFloat64)), "a.npy")
	require.NoError(t, err)
	require.Equal(t, fractions, again)
}

func TestAnNPYFileIsThatOfNumPy(t *testing.T) {
	// numpy.save(f, numpy.array([[1, 2]], dtype="<f4"))
	want := npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }                                                          \n",
		binary.LittleEndian, []float32{1, 2})
	require.Equal(t, want, npyOf(t, Array{Shape: []int{2}, Values: []float32{1, 2}}, ""))
	require.Contains(t, string(npyOf(t, Labels([]int{1}), "")), "'descr': '<i8', 'fortran_order': False, 'shape': (1,), }")
}

func TestWhatIsSavedAsNPZReadsAsTheSame(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	x := Array{Name: "X", Shape: []int{2}, Values: []float32{.5, 2, 3, 4}}
	y := Array{Name: "y", Classes: 2, Values: []float32{0, 1}}
	require.NoError(t, SaveNPZ(path, "", x, y))
	file, err := OpenNPZ(path)
	require.NoError(t, err)
	y.Classes = 0
	require.Equal(t, []Array{x, y}, file.Arrays)

	path = filepath.Join(t.TempDir(), "a.npy")
	require.NoError(t, SaveNPY(path, x, NPYFloat64))
	a, err := OpenNPY(path)
	require.NoError(t, err)
	x.Name = "x"
	require.Equal(t, x, a)
}

func TestWhatCannotBeWrittenAsNPYIsAnError(t *testing.T) {
	for want, c := range map[string]struct {
		a  Array
		as NPYType
	}{
		`array "a": sample 1: 0.5 is not an int64: write the array as float32`: {Array{Name: "a", Values: []float32{1, .5}}, NPYInt64},
		`sample 0: NaN is not an int64`:                                        {Array{Values: []float32{float32(math.NaN())}}, NPYInt64},
		`sample 0: 1e+30 is not an int64`:                                      {Array{Values: []float32{1e30}}, NPYInt64},
		`type "<i2" cannot be written; "<f4", "<f8" and "<i8" can`:             {Array{}, "<i2"},
		`3 values are not a whole number of samples of shape [2]`:              {Array{Shape: []int{2}, Values: make([]float32, 3)}, ""},
		`shape [-1] has a size below 1`:                                        {Array{Shape: []int{-1}}, ""},
	} {
		require.ErrorContains(t, WriteNPY(io.Discard, c.a, c.as), want)
		c.a.Name = "b"
		require.Error(t, WriteNPZ(io.Discard, c.as, c.a))
	}
	require.ErrorIs(t, WriteNPY(nil, Array{}, ""), errNoWriter)
	require.ErrorIs(t, WriteNPZ(nil, ""), errNoWriter)
	require.ErrorContains(t, WriteNPZ(io.Discard, "", Array{}), "needs a name")
	require.ErrorContains(t, WriteNPZ(io.Discard, "", Array{Name: "a"}, Array{Name: "a"}), `array "a": every array needs a name of its own`)
}

func TestReadNPYNamesTheFile(t *testing.T) {
	file := npyOf(t, Array{Values: []float32{1, 2}}, "")
	_, err := ReadNPY(bytes.NewReader(file[:len(file)-2]), "a.npy")
	require.EqualError(t, err, "a.npy: value 0 of 2: the file is cut short")
	_, err = ReadNPY(bytes.NewReader(append(file, 0)), "a.npy")
	require.EqualError(t, err, "a.npy: more bytes follow the 2 values of the shape [2]")
	_, err = ReadNPY(bytes.NewReader(npyArray("<U4", []uint32{65, 0, 0, 0}, "(1,)")), "a.npy")
	require.ErrorIs(t, err, errNotNumbers)
	_, err = ReadNPY(bytes.NewReader(npyArray("<f4", []float32{1}, "("+string(bytes.Repeat([]byte("1,"), 65))+")")), "a.npy")
	require.ErrorContains(t, err, "a shape of 65 dimensions; at most 64")
	_, err = ReadNPY(nil, "a.npy")
	require.ErrorIs(t, err, errNoReader)
	_, err = OpenNPY(filepath.Join(t.TempDir(), "none.npy"))
	require.Error(t, err)
}
