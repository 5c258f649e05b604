package data

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A matVariable is a variable of a mat file that a test writes.
type matVariable struct {
	name   string
	class  byte
	flags  byte
	dims   []int32
	kind   uint32 // of the values' data element
	values any    // in column-major order
	small  bool   // the values lie within their tag
	zip    bool
}

// matFile returns a mat file of those variables.
func matFile(order binary.AppendByteOrder, variables ...matVariable) []byte {
	by := order.(binary.ByteOrder)
	head := append(bytes.Repeat([]byte(" "), 124), 0, 0, 0, 0)
	copy(head, "MATLAB 5.0 MAT-file, written by a test")
	by.PutUint16(head[124:], 0x0100)
	by.PutUint16(head[126:], 'M'<<8|'I')
	element := func(to []byte, kind uint32, small bool, values any) []byte {
		var raw bytes.Buffer
		binary.Write(&raw, by, values)
		if small {
			to = order.AppendUint32(to, uint32(raw.Len())<<16|kind)
			return append(append(to, raw.Bytes()...), make([]byte, 4-raw.Len())...)
		}
		to = order.AppendUint32(order.AppendUint32(to, kind), uint32(raw.Len()))
		return append(append(to, raw.Bytes()...), make([]byte, padding(int64(raw.Len())))...)
	}
	for _, v := range variables {
		body := element(nil, 6, false, []uint32{uint32(v.class) | uint32(v.flags)<<8, 0})
		body = element(body, 5, false, v.dims)
		body = element(body, 1, len(v.name) <= 4, []byte(v.name))
		if v.values != nil {
			body = element(body, v.kind, v.small, v.values)
		}
		body = append(order.AppendUint32(order.AppendUint32(nil, matMatrix), uint32(len(body))), body...)
		if v.zip {
			var packed bytes.Buffer
			w := zlib.NewWriter(&packed)
			w.Write(body)
			w.Close()
			body = append(order.AppendUint32(order.AppendUint32(nil, matCompressed), uint32(packed.Len())), packed.Bytes()...)
		}
		head = append(head, body...)
	}
	return head
}

func TestMATReadsEveryTypeOfNumber(t *testing.T) {
	for i, c := range []struct {
		class  byte
		kind   uint32
		values any
		want   []float32
	}{
		{6, 9, []float64{.1, -1.5, 1e300}, []float32{.1, -1.5, float32(math.Inf(1))}},
		{6, 2, []uint8{0, 7, 255}, []float32{0, 7, 255}}, // MATLAB stores whole numbers in the smallest type
		{7, 7, []float32{0, -1.5, 1e-40}, []float32{0, -1.5, 1e-40}},
		{8, 1, []int8{0, -1, -128}, []float32{0, -1, -128}},
		{9, 2, []uint8{0, 7, 255}, []float32{0, 7, 255}},
		{10, 3, []int16{0, -26739, 15164}, []float32{0, -26739, 15164}},
		{11, 4, []uint16{0, 256, 65535}, []float32{0, 256, 65535}},
		{12, 5, []int32{0, -1, math.MinInt32}, []float32{0, -1, math.MinInt32}},
		{13, 6, []uint32{0, 1, 1 << 31}, []float32{0, 1, 1 << 31}},
		{14, 12, []int64{0, -1, math.MinInt64}, []float32{0, -1, math.MinInt64}},
		{15, 13, []uint64{0, 1, 1 << 63}, []float32{0, 1, 1 << 63}},
	} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			for _, zip := range []bool{false, true} {
				t.Run(fmt.Sprint(i, order, zip), func(t *testing.T) {
					v := matVariable{name: "a_long_name", class: c.class, dims: []int32{1, 3}, kind: c.kind, values: c.values, zip: zip}
					file, err := ReadMAT(bytes.NewReader(matFile(order, v, v)), "a.mat")
					require.NoError(t, err)
					require.Len(t, file.Arrays, 2)
					require.Equal(t, Array{Name: "a_long_name", Shape: []int{3}, Values: c.want}, file.Arrays[1])
				})
			}
		}
	}
}

func TestMATGivesRows(t *testing.T) {
	byColumns := []float64{0, 10, 1, 11, 2, 12} // 2 by 3
	file, err := ReadMAT(bytes.NewReader(matFile(binary.LittleEndian,
		matVariable{name: "X", class: 6, dims: []int32{2, 3}, kind: 9, values: byColumns, zip: true},
		matVariable{name: "y", class: 9, flags: 2, dims: []int32{2, 1}, kind: 2, values: []uint8{0, 1}, small: true},
		matVariable{name: "none", class: 6, dims: []int32{0, 0}, kind: 9, values: []float64{}},
	)), "a.mat")
	require.NoError(t, err)
	set := must(file.Table("X", "y"))(t)
	require.Equal(t, []Field{{Name: "x", Shape: []int{3}}, {Name: "label", Classes: 2}}, set.Fields())
	require.Equal(t, [][]float32{{10, 11, 12}, {1}}, read(t, set, 1))
	_, err = file.Table("X", "z")
	require.ErrorContains(t, err, `a.mat: no array "z"; the arrays of numbers are X, y, none`)
}

func TestVariablesThatAreNoNumbersAreLeftOutAndSaidSo(t *testing.T) {
	var all []matVariable
	for _, class := range []byte{1, 2, 3, 4, 5, 16, 17, 99} {
		all = append(all, matVariable{name: fmt.Sprint("v", class), class: class, dims: []int32{1, 2}, kind: 2, values: []uint8{1, 2}, zip: class%2 == 0})
	}
	all = append(all, matVariable{name: "z", class: 6, flags: 8, dims: []int32{1, 2}, kind: 2, values: []uint8{1, 2}},
		matVariable{name: "X", class: 6, dims: []int32{1, 2}, kind: 2, values: []uint8{1, 2}})
	file, err := ReadMAT(bytes.NewReader(matFile(binary.LittleEndian, all...)), "a.mat")
	require.NoError(t, err)
	require.Len(t, file.Arrays, 1)
	for name, want := range map[string]string{
		"v1": `a.mat: array "v1": it is a cell array: only full arrays of numbers can be read`, "v2": "it is a struct", "v3": "it is an object",
		"v4": "it is text", "v5": "save full(X)", "v16": "it is a function", "v17": "it is an object", "v99": "it is of class 99", "z": "it is complex: save real(X)",
	} {
		_, err := file.Array(name)
		require.ErrorContains(t, err, want)
	}
}

func TestWhatIsNoMATIsSaid(t *testing.T) {
	good := matFile(binary.LittleEndian, matVariable{name: "X", class: 6, dims: []int32{2, 2}, kind: 9, values: []float64{1, 2, 3, 4}})
	packed := matFile(binary.LittleEndian, matVariable{name: "X", class: 6, dims: []int32{2, 2}, kind: 9, values: []float64{1, 2, 3, 4}, zip: true})
	with := func(v matVariable) []byte { return matFile(binary.LittleEndian, v) }
	change := func(at int, to byte) []byte {
		file := slices.Clone(good)
		file[at] = to
		return file
	}
	for want, file := range map[string][]byte{
		"version 7.3, which is HDF5: save it in MATLAB with -v7": slices.Concat([]byte("MATLAB 7.3 MAT-file"), make([]byte, 200)),
		"is HDF5":                       []byte("\x89HDF\r\n\x1a\n"),
		"it is an HTML page":            []byte("<!DOCTYPE html>"),
		"0 bytes, and its header":       nil,
		"perhaps one of version 4":      make([]byte, 200),
		"does not end in MI or IM":      bytes.Repeat([]byte("a"), 200),
		"version 0x0200":                change(125, 2),
		"value 0 of 4: the file is cut": good[:len(good)-3],
		"byte 128: its flags":           good[:140],
		"cannot be unpacked":            packed[:len(packed)-6],
		"zlib: invalid header":          slices.Concat(packed[:136], []byte("y"), packed[137:]),
		"of type 9 and 8 bytes":         change(136, 9),
		"at most 64 values are wanted":  with(matVariable{name: "X", class: 6, dims: make([]int32, 65)}),
		"1 dimensions; arrays have":     with(matVariable{name: "X", class: 6, dims: []int32{1}}),
		"a dimension of -1":             with(matVariable{name: "X", class: 6, dims: []int32{-1, 2}}),
		`"X": shape [2147483647 2]`:     with(matVariable{name: "X", class: 6, dims: []int32{math.MaxInt32, 2}}),
		"at most 2 values":              with(matVariable{name: "X", class: 6, dims: []int32{1, 2}, kind: 2, values: make([]uint8, 3)}),
		"1 values, but the dimensions":  with(matVariable{name: "X", class: 6, dims: []int32{1, 2}, kind: 2, values: make([]uint8, 1)}),
		"of type 10, where numbers":     with(matVariable{name: "X", class: 6, dims: []int32{1, 2}, kind: 10, values: make([]uint8, 2)}),
		"6 bytes of int32":              with(matVariable{name: "X", class: 6, dims: []int32{1, 2}, kind: 5, values: make([]uint8, 6)}),
		"byte 216: the file is cut":     append(slices.Clone(good), 14, 0, 0),
	} {
		_, err := ReadMAT(bytes.NewReader(file), "a.mat")
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "a.mat: ")
	}
	_, err := ReadMAT(nil, "a.mat")
	require.ErrorIs(t, err, errNoReader)
	_, err = OpenMAT(filepath.Join(t.TempDir(), "none.mat"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestMATTakesNoMoreMemoryThanTheFileIsWorth(t *testing.T) {
	blank := matFile(binary.LittleEndian, matVariable{name: "X", class: 9, dims: []int32{1, 1 << 26}, kind: 2, values: make([]uint8, 1<<26), zip: true})
	bounded(t, len(blank), 32*maxRatio, unpackedFree, func() {
		_, err := ReadMAT(bytes.NewReader(blank), "a.mat")
		require.ErrorContains(t, err, "unpack to more than 100 times the file's size")
	})
}

// TestTheTablesOfODDSAreWhatTheyShouldBe reads the seventeen tables that anomaly detectors are compared on.
func TestTheTablesOfODDSAreWhatTheyShouldBe(t *testing.T) {
	dir := os.Getenv("STHENO_DATA")
	if dir == "" {
		t.Skip("STHENO_DATA is not set: name the folder that holds odds in it")
	}
	for _, c := range []struct {
		name                      string
		rows, features, anomalies int
	}{
		{"arrhythmia", 452, 274, 66}, {"cardio", 1831, 21, 176}, {"glass", 214, 9, 9}, {"ionosphere", 351, 33, 126},
		{"letter", 1600, 32, 100}, {"lympho", 148, 18, 6}, {"mnist", 7603, 100, 700}, {"musk", 3062, 166, 97},
		{"optdigits", 5216, 64, 150}, {"pendigits", 6870, 16, 156}, {"pima", 768, 8, 268}, {"satellite", 6435, 36, 2036},
		{"satimage-2", 5803, 36, 71}, {"shuttle", 49097, 9, 3511}, {"vertebral", 240, 6, 30}, {"vowels", 1456, 12, 50},
		{"wbc", 378, 30, 21},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(dir, "odds", c.name+".mat")
			if _, err := os.Stat(path); err != nil {
				t.Skipf("no %s: name the folder that holds odds in STHENO_DATA", path)
			}
			file, err := OpenMAT(path)
			require.NoError(t, err)
			set := must(file.Table("X", "y"))(t)
			require.Equal(t, c.rows, set.Len())
			require.Equal(t, []Field{{Name: "x", Shape: []int{c.features}}, {Name: "label", Classes: 2}}, set.Fields())
			require.Equal(t, c.anomalies, must(OfClasses(set, "label", 1))(t).Len())
			if other, err := OpenNPZ(filepath.Join(dir, "tabular", map[string]string{"cardio": "6_cardio", "satimage-2": "31_satimage-2"}[c.name]+".npz")); err == nil {
				want, err := other.Array("X")
				require.NoError(t, err)
				x, err := file.Array("X")
				require.NoError(t, err)
				require.InDeltaSlice(t, want.Values, x.Values, 1e-3)
			}
		})
	}
}

// FuzzMAT reads any bytes as a mat file: no panic, no memory beyond what the bytes hold, and arrays that are as large as
// they say and as npy files read as the same.
func FuzzMAT(f *testing.F) {
	x := matVariable{name: "X", class: 6, dims: []int32{2, 3}, kind: 9, values: []float64{0, 10, 1, 11, 2, 12}}
	y := matVariable{name: "y", class: 9, dims: []int32{2, 1}, kind: 2, values: []uint8{0, 1}, small: true}
	xz, text := x, y
	xz.zip, text.class = true, 4
	for _, seed := range [][]byte{
		nil, matFile(binary.LittleEndian), matFile(binary.LittleEndian, x, y), matFile(binary.BigEndian, x, y), matFile(binary.LittleEndian, xz, text, xz),
		matFile(binary.LittleEndian, x)[:170], []byte("MATLAB 7.3 MAT-file"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		bounded(t, len(file), 32*maxRatio, unpackedFree, func() {
			m, err := ReadMAT(bytes.NewReader(file), "fuzz.mat")
			if err != nil {
				require.Nil(t, m)
				return
			}
			for _, a := range m.Arrays {
				if a.field().Size() > 0 {
					require.Equal(t, len(a.Values), a.Len()*a.field().Size())
				}
			}
		})
	})
}
