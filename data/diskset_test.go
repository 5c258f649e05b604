package data

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// onDisk writes a file and returns its path.
func onDisk(t testing.TB, file []byte) string {
	path := filepath.Join(t.TempDir(), "a.npy")
	require.NoError(t, os.WriteFile(path, file, 0o644))
	return path
}

// opened is a set on disk that is closed after the test.
func opened(t testing.TB, s *DiskSet, err error) *DiskSet {
	t.Helper()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestASetOnDiskIsThatInMemory(t *testing.T) {
	x := Array{Name: "x", Shape: []int{2, 3}, Values: make([]float32, 60)}
	for i := range x.Values {
		x.Values[i] = float32(i) - 7
	}
	want := must(InMemory(x))(t)
	var raw bytes.Buffer
	binary.Write(&raw, binary.LittleEndian, x.Values)
	for _, copied := range []bool{false, true} {
		for _, as := range []NPYType{NPYFloat32, NPYFloat64, NPYInt64} {
			path := onDisk(t, npyOf(t, x, as))
			s, err := OpenDiskNPY(path, DiskOptions{Copied: copied})
			opened(t, s, err)
			require.Equal(t, want.Fields(), s.Fields())
			require.Equal(t, want.Len(), s.Len())
			for i := range want.Len() {
				require.Equal(t, read(t, want, i), read(t, s, i))
			}
			require.Error(t, s.Read(10, NewSample(s)))
		}
		s, err := OpenDisk(onDisk(t, append([]byte("head"), raw.Bytes()...)), DiskOptions{Shape: []int{2, 3}, Skip: 4, Copied: copied})
		opened(t, s, err)
		require.Equal(t, read(t, want, 9), read(t, s, 9))
		s, err = OpenDisk(onDisk(t, []byte{0, 255, 51, 102}), DiskOptions{Field: "image", Shape: []int{2}, Type: "|u1", Scale: 1. / 255, Copied: copied})
		opened(t, s, err)
		require.Equal(t, []Field{{Name: "image", Shape: []int{2}}}, s.Fields())
		require.InDeltaSlice(t, []float32{.2, .4}, read(t, s, 1)[0], 1e-6)
	}
}

func TestASetOnDiskIsClosedOnce(t *testing.T) {
	s, err := OpenDisk(onDisk(t, make([]byte, 8)), DiskOptions{})
	require.NoError(t, err)
	require.Equal(t, 2, s.Len())
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	require.ErrorContains(t, s.Read(0, NewSample(s)), "the set is closed")
	require.NoError(t, (&DiskSet{}).Close())
	require.Error(t, (&DiskSet{}).Read(0, nil))
	s, err = OpenDisk(onDisk(t, nil), DiskOptions{})
	opened(t, s, err)
	require.Zero(t, s.Len())
}

func TestAFileThatIsCutShortIsAnError(t *testing.T) {
	file := npyOf(t, Array{Shape: []int{4096}, Values: make([]float32, 16*4096)}, "")
	_, err := OpenDiskNPY(onDisk(t, file[:len(file)-1]), DiskOptions{})
	require.ErrorContains(t, err, "the file is cut short: it has 262271 bytes, and room for 15 of 16 samples of shape [4096] of float32")
	_, err = OpenDiskNPY(onDisk(t, append(file, 0)), DiskOptions{})
	require.ErrorContains(t, err, "more bytes follow the 16 samples")

	for _, copied := range []bool{false, true} {
		path := onDisk(t, file)
		s, err := OpenDiskNPY(path, DiskOptions{Copied: copied})
		opened(t, s, err)
		read(t, s, 15)
		require.NoError(t, os.Truncate(path, 1<<16))
		err = s.Read(15, NewSample(s))
		require.ErrorContains(t, err, path+": sample 15: the file")
		read(t, s, 0)
	}
}

func TestWhatCannotBeASetOnDiskIsSaid(t *testing.T) {
	path := onDisk(t, make([]byte, 12))
	for want, opts := range map[string]DiskOptions{
		"12 bytes are not a whole number of samples of shape [2] of float32, which take 8 each": {Shape: []int{2}},
		"13 bytes to skip in a file of 12": {Skip: 13},
		`elements of type "<c8"`:           {Type: "<c8"},
		"shape [-1] has a size below 1":    {Shape: []int{-1}},
	} {
		_, err := OpenDisk(path, opts)
		require.ErrorContains(t, err, path+": ")
		require.ErrorContains(t, err, want)
	}
	for want, file := range map[string][]byte{
		"not an npy array": make([]byte, 12),
		"column-major order: save numpy.ascontiguousarray of it": npyFile("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1), }\n", binary.LittleEndian, []float32{1, 2}),
		"the array is a single number":                           npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (), }\n", binary.LittleEndian, []float32{1}),
	} {
		_, err := OpenDiskNPY(onDisk(t, file), DiskOptions{})
		require.ErrorContains(t, err, want)
	}
	_, err := OpenDiskNPY(path, DiskOptions{Skip: 1})
	require.ErrorContains(t, err, "are for files of numbers only")
	_, err = OpenDisk(filepath.Join(t.TempDir(), "none"), DiskOptions{})
	require.ErrorIs(t, err, os.ErrNotExist)
}
