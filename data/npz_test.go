package data

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/npy"
)

// npyFile returns an npy array, version 1, with that header and those values.
func npyFile(header string, order binary.ByteOrder, values any) []byte {
	var file bytes.Buffer
	file.WriteString(npy.Magic + "\x01\x00")
	binary.Write(&file, binary.LittleEndian, uint16(len(header)))
	file.WriteString(header)
	binary.Write(&file, order, values)
	return file.Bytes()
}

// npyArray is npyFile with the usual header.
func npyArray(descr string, values any, shape string) []byte {
	return npyFile(fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }          \n", descr, shape), binary.LittleEndian, values)
}

// npz returns an archive of members, packed if method is zip.Deflate.
func npz(t testing.TB, method uint16, members map[string][]byte) []byte {
	var file bytes.Buffer
	w := zip.NewWriter(&file)
	for _, name := range slices.Sorted(keys(members)) {
		m, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		require.NoError(t, err)
		_, err = m.Write(members[name])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return file.Bytes()
}

func keys(members map[string][]byte) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range members {
			if !yield(name) {
				return
			}
		}
	}
}

func openBytes(file []byte) (*NPZ, error) {
	return readNPZ(bytes.NewReader(file), int64(len(file)), "t.npz")
}

func TestOpenNPZReadsEveryTypeOfNumber(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		descr string
		order binary.ByteOrder
		in    any
		want  []float32
	}{
		{"|b1", binary.LittleEndian, []uint8{0, 1, 1}, []float32{0, 1, 1}},
		{"|u1", binary.LittleEndian, []uint8{0, 7, 255}, []float32{0, 7, 255}},
		{"|i1", binary.LittleEndian, []int8{0, -1, -128}, []float32{0, -1, -128}},
		{"<u2", binary.LittleEndian, []uint16{0, 256, 65535}, []float32{0, 256, 65535}},
		{"<i2", binary.LittleEndian, []int16{0, -26739, 15164}, []float32{0, -26739, 15164}},
		{">i2", binary.BigEndian, []int16{0, -26739, 15164}, []float32{0, -26739, 15164}},
		{"<u4", binary.LittleEndian, []uint32{0, 1, 1 << 31}, []float32{0, 1, 1 << 31}},
		{"<i4", binary.LittleEndian, []int32{0, -1, math.MinInt32}, []float32{0, -1, math.MinInt32}},
		{"<u8", binary.LittleEndian, []uint64{0, 1, 1 << 63}, []float32{0, 1, 1 << 63}},
		{"<i8", binary.LittleEndian, []int64{0, -1, math.MinInt64}, []float32{0, -1, math.MinInt64}},
		{"<f2", binary.LittleEndian, []uint16{0, 0x3c00, 0xc000}, []float32{0, 1, -2}},
		{"<f4", binary.LittleEndian, []float32{0, -1.5, 1e-40}, []float32{0, -1.5, 1e-40}},
		{">f4", binary.BigEndian, []float32{0, -1.5, 1e-40}, []float32{0, -1.5, 1e-40}},
		{"<f8", binary.LittleEndian, []float64{.1, -1.5, 1e300}, []float32{.1, -1.5, inf}},
		{">f8", binary.BigEndian, []float64{.1, -1.5, 1e300}, []float32{.1, -1.5, inf}},
	} {
		t.Run(c.descr, func(t *testing.T) {
			header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (3,), }\n", c.descr)
			for _, method := range []uint16{zip.Store, zip.Deflate} {
				file, err := openBytes(npz(t, method, map[string][]byte{"a.npy": npyFile(header, c.order, c.in)}))
				require.NoError(t, err)
				a, err := file.Array("a")
				require.NoError(t, err)
				require.Equal(t, Array{Name: "a", Values: c.want}, a)
				require.Equal(t, 3, a.Len())
			}
		})
	}
}

func TestOpenNPZGivesRowsWhateverTheOrder(t *testing.T) {
	byRows := []float32{0, 1, 2, 10, 11, 12} // shape (2, 3)
	byColumns := []float32{0, 10, 1, 11, 2, 12}
	fortran := "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n"
	cube := make([]float32, 24) // shape (2, 3, 4), value 100 i + 10 j + k, the first index fastest
	for at := range cube {
		cube[at] = float32(at%2*100 + at/2%3*10 + at/6)
	}
	file, err := openBytes(npz(t, zip.Store, map[string][]byte{
		"rows.npy":    npyArray("<f4", byRows, "(2, 3)"),
		"columns.npy": npyFile(fortran, binary.LittleEndian, byColumns),
		"cube.npy":    npyFile("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3, 4), }\n", binary.LittleEndian, cube),
		"number.npy":  npyArray("<f4", []float32{7}, "()"),
		"none.npy":    npyArray("<f4", []float32{}, "(0, 3)"),
		"read.me":     []byte("no array"),
	}))
	require.NoError(t, err)
	require.Len(t, file.Arrays, 5)
	for _, name := range []string{"rows", "columns"} {
		a, err := file.Array(name)
		require.NoError(t, err)
		require.Equal(t, Array{Name: name, Shape: []int{3}, Values: byRows}, a)
		require.Equal(t, 2, a.Len())
	}
	a, err := file.Array("cube")
	require.NoError(t, err)
	require.Equal(t, []int{3, 4}, a.Shape)
	for at, v := range a.Values {
		require.Equal(t, float32(at/12*100+at/4%3*10+at%4), v)
	}
	number, err := file.Array("number")
	require.NoError(t, err)
	require.Equal(t, Array{Name: "number", Values: []float32{7}}, number)
	none, err := file.Array("none")
	require.NoError(t, err)
	require.Zero(t, none.Len())
}

func TestNPYHeadersMayBeWrittenInAnyWay(t *testing.T) {
	for _, header := range []string{
		"{'descr': '<f4', 'fortran_order': False, 'shape': (2L,), }\n",
		"{'shape': (2,), 'fortran_order': False, 'descr': '<f4'}",
		`{"descr":"<f4","fortran_order":False,"shape":(2,)}`,
	} {
		a, err := readNPY(bytes.NewReader(npyFile(header, binary.LittleEndian, []float32{3, 4})), int64(10+len(header)+8))
		require.NoError(t, err, header)
		require.Equal(t, []float32{3, 4}, a.Values)
	}
	two := npyArray("<f4", []float32{3, 4}, "(2,)")
	two = slices.Concat([]byte(npy.Magic+"\x03\x00"), two[8:10], []byte{0, 0}, two[10:])
	a, err := readNPY(bytes.NewReader(two), int64(len(two)))
	require.NoError(t, err)
	require.Equal(t, []float32{3, 4}, a.Values)
}

func TestOpenNPZErrorsNameFileAndArray(t *testing.T) {
	good := npyArray("<f4", []float32{1, 2}, "(2,)")
	raw := func(header string) []byte { return npyFile(header, binary.LittleEndian, []float32{1, 2}) }
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"too few values", npyArray("<f4", []float32{1, 2}, "(3,)"), `of float32 takes`},
		{"too many values", npyArray("<f4", []float32{1, 2}, "(1,)"), `of float32 takes`},
		{"huge", npyArray("<f4", []float32{1, 2}, "(99999, 99999)"), "shape [99999 99999] has more than 1073741824 values"},
		{"a negative size", npyArray("<f4", []float32{1, 2}, "(-2,)"), `the shape has a size "-2"`},
		{"no npy", []byte("nothing of the kind"), "not an npy array"},
		{"a page", []byte("<html>nothing</html>"), "not an npy array: it is an HTML page"},
		{"nothing", nil, "the file is cut short"},
		{"half a header", good[:20], "the file is cut short"},
		{"a later version", append([]byte(npy.Magic+"\x04\x00"), good[8:]...), "version 4 of the npy format"},
		{"no dictionary", raw("hello\n"), `the header "hello": no dictionary`},
		{"no shape", raw("{'descr': '<f4', 'fortran_order': False}"), "want descr, fortran_order and shape"},
		{"no end", raw("{'descr': '<f4', "), "a string is wanted"},
		{"no order", raw("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,)}"), "neither True nor False"},
		{"no tuple", raw("{'descr': '<f4', 'fortran_order': True, 'shape': 2}"), "the shape is not a tuple"},
		{"something else", raw("{'descr': '<f4', 'colour': 'red'}"), `an entry "colour"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := openBytes(npz(t, zip.Deflate, map[string][]byte{"X.npy": c.file, "y.npy": good}))
			require.ErrorContains(t, err, `t.npz: array "X": `)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestOpenNPZSaysWhatIsNoNPZ(t *testing.T) {
	whole := npz(t, zip.Deflate, map[string][]byte{"X.npy": npyArray("<f4", []float32{1, 2}, "(2,)")})
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"a page", []byte("<!DOCTYPE html>"), "t.npz: not an npz file: it is an HTML page"},
		{"a pointer", []byte("version https://git-lfs.github.com/spec/v1\n"), "it is a Git LFS pointer: run git lfs pull"},
		{"an array", npyArray("<f4", []float32{1}, "(1,)"), "it is an npy array"},
		{"a gzip", gz(whole), "it is a gzip: unpack it with gunzip"},
		{"half an archive", whole[:len(whole)/2], "not an npz file, or damaged"},
		{"nothing", nil, "not an npz file, or damaged"},
		{"an archive of something else", npz(t, zip.Store, map[string][]byte{"a.txt": nil}), "no arrays: an npz file has members that end in .npy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := openBytes(c.file)
			require.ErrorContains(t, err, c.want)
		})
	}
	damaged := slices.Clone(whole)
	damaged[bytes.Index(damaged, []byte("X.npy"))+8] ^= 1
	_, err := openBytes(damaged)
	require.Error(t, err)
}

func TestArraysThatAreNoNumbersAreLeftOutAndSaidSo(t *testing.T) {
	file, err := openBytes(npz(t, zip.Store, map[string][]byte{
		"X.npy":     npyArray("<f4", []float32{1, 2}, "(2,)"),
		"names.npy": npyArray("<U4", []uint32{65, 0, 0, 0}, "(1,)"),
		"rows.npy":  npyFile("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }\n", binary.LittleEndian, []float32{1}),
		"z.npy":     npyArray("<c8", []float32{1, 2}, "(1,)"),
		"any.npy":   npyArray("|O", []byte{1}, "(1,)"),
	}))
	require.NoError(t, err)
	require.Len(t, file.Arrays, 1)
	for name, want := range map[string]string{
		"names": `t.npz: array "names": elements of type "<U4": only booleans, integers and floats`,
		"rows":  "records of several fields: only booleans",
		"z":     `elements of type "<c8"`,
		"any":   `elements of type "|O"`,
		"Y":     `t.npz: no array "Y"; the arrays of numbers are X`,
	} {
		_, err := file.Array(name)
		require.ErrorContains(t, err, want)
	}
}

func TestOpenNPZTakesNoMoreMemoryThanTheFileIsWorth(t *testing.T) {
	blank := npz(t, zip.Deflate, map[string][]byte{"X.npy": npyArray("|u1", make([]uint8, 1<<26), "(67108864,)")})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := openBytes(blank)
	runtime.ReadMemStats(&after)
	require.ErrorContains(t, err, `array "X": the arrays unpack to more than 100 times the file's size`)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func TestOpenNPZNamesThePath(t *testing.T) {
	dir := t.TempDir()
	_, err := OpenNPZ(filepath.Join(dir, "none.npz"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = OpenNPZ(dir)
	require.ErrorContains(t, err, dir)
	path := filepath.Join(dir, "a.npz")
	require.NoError(t, os.WriteFile(path, npz(t, zip.Deflate, map[string][]byte{"X.npy": npyArray("<i8", []int64{1, 2}, "(2,)")}), 0o644))
	file, err := OpenNPZ(path)
	require.NoError(t, err)
	require.Equal(t, path, file.Name)
	require.Equal(t, []Array{{Name: "X", Values: []float32{1, 2}}}, file.Arrays)
}

func TestTableIsRowsAndTheirLabels(t *testing.T) {
	x := Array{Name: "X", Shape: []int{2}, Values: []float32{1, 2, 3, 4, 5, 6}}
	set, err := Table(x, Array{Name: "y", Shape: []int{1}, Values: []float32{0, 1, 0}})
	require.NoError(t, err)
	require.Equal(t, []Field{{Name: "x", Shape: []int{2}}, {Name: "label", Classes: 2}}, set.Fields())
	require.Equal(t, [][]float32{{3, 4}, {1}}, read(t, set, 1))

	set, err = Table(x, Array{})
	require.NoError(t, err)
	require.Equal(t, []Field{{Name: "x", Shape: []int{2}}}, set.Fields())
	set, err = Table(x, Array{Classes: 7, Values: []float32{0, 1, 0}})
	require.NoError(t, err)
	require.Equal(t, 7, set.Fields()[1].Classes)

	for want, arrays := range map[string][2]Array{
		`table: array "X" has samples of shape []`:                   {{Name: "X", Values: []float32{1}}, {}},
		`table: array "y" has samples of shape [2]; one label a row`: {x, Array{Name: "y", Shape: x.Shape, Values: x.Values}},
		`table: field "label" has 2 samples, but "x" has 3`:          {x, {Name: "y", Values: []float32{0, 1}}},
		`table: field "label": sample 1: -1 is not a class`:          {x, {Name: "y", Values: []float32{0, -1, 1}}},
		`table: field "label": sample 2: NaN is not a class`:         {x, {Name: "y", Values: []float32{0, 1, float32(math.NaN())}}},
		`table: field "label": sample 2: 1e+30 is not a class`:       {x, {Name: "y", Values: []float32{0, 1, 1e30}}},
	} {
		_, err := Table(arrays[0], arrays[1])
		require.ErrorContains(t, err, want)
	}
}

func TestTheTableOfAFileIsThatOfItsArrays(t *testing.T) {
	file, err := OpenNPZ(filepath.Join("testdata", "flowers.npz"))
	require.NoError(t, err)
	set := must(file.Table("X", "y"))(t)
	require.Equal(t, []Field{{Name: "x", Shape: []int{3}}, {Name: "label", Classes: 2}}, set.Fields())
	require.Equal(t, [][]float32{{7, 3.2, 4.7}, {1}}, read(t, set, 2))
	require.Len(t, must(file.Table("X", ""))(t).Fields(), 1)
	for want, arrays := range map[string][2]string{
		`flowers.npz: no array "Z"`:                          {"Z", "y"},
		`flowers.npz: no array "z"`:                          {"X", "z"},
		`flowers.npz: table: array "y" has samples of shape`: {"y", "X"},
	} {
		_, err := file.Table(arrays[0], arrays[1])
		require.ErrorContains(t, err, want)
	}
}

// FuzzNPZ reads any bytes as an npz file and as an array: no panic, no memory beyond what the bytes hold, and what is
// accepted is as large as it says and, written again, reads as the same.
func FuzzNPZ(f *testing.F) {
	good := npyArray("<f4", []float32{1, 2, 3, 4}, "(2, 2)")
	for _, seed := range [][]byte{
		good, npyFile("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 1, 2), }\n", binary.BigEndian, []int16{1, 2, 3, 4}),
		npyArray("<f8", []float64{1}, "()"), good[:40], npz(f, zip.Deflate, map[string][]byte{"a.npy": good, "b": nil}), []byte("<html>"), nil,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var arrays []Array
		bounded(t, len(file), 32*maxRatio, unpackedFree, func() {
			if a, err := readNPY(bytes.NewReader(file), int64(len(file))); err == nil {
				arrays = append(arrays, a)
			}
			if n, err := openBytes(file); err == nil {
				arrays = append(arrays, n.Arrays...)
			}
		})
		for _, a := range arrays {
			if a.field().Size() == 0 {
				continue
			}
			require.Equal(t, len(a.Values), a.Len()*a.field().Size())
			again, err := ReadNPY(bytes.NewReader(npyOf(t, a, NPYFloat64)), "again")
			require.NoError(t, err)
			require.Equal(t, a.Shape, again.Shape)
			for i, v := range again.Values {
				require.True(t, v == a.Values[i] || v != v && a.Values[i] != a.Values[i])
			}
		}
	})
}
