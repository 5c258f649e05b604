package data

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// typedFile returns an IDX file of numbers of any type.
func typedFile[T any](code IDXType, values []T, dims ...uint32) []byte {
	file := idxFile(nil, dims...)
	file[2] = byte(code)
	var raw bytes.Buffer
	binary.Write(&raw, binary.BigEndian, values)
	return append(file, raw.Bytes()...)
}

func TestReadIDXReadsEveryElementType(t *testing.T) {
	for _, c := range []struct {
		code IDXType
		name string
		file []byte
		want []float32
	}{
		{Uint8, "uint8", typedFile(Uint8, []uint8{0, 1, 128, 255}, 2, 2), []float32{0, 1, 128, 255}},
		{Int8, "int8", typedFile(Int8, []int8{0, -1, 127, -128}, 2, 2), []float32{0, -1, 127, -128}},
		{Int16, "int16", typedFile(Int16, []int16{0, -1, 32767, -32768}, 2, 2), []float32{0, -1, 32767, -32768}},
		{Int32, "int32", typedFile(Int32, []int32{0, -1, 1 << 24, math.MinInt32}, 2, 2), []float32{0, -1, 1 << 24, math.MinInt32}},
		{Float32, "float32", typedFile(Float32, []float32{0, -1.5, math.MaxFloat32, 1e-40}, 2, 2), []float32{0, -1.5, math.MaxFloat32, 1e-40}},
		{Float64, "float64", typedFile(Float64, []float64{0, -1.5, .1, 1e300}, 2, 2), []float32{0, -1.5, .1, float32(math.Inf(1))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, file := range [][]byte{c.file, gz(c.file)} {
				x, err := ReadIDX(bytes.NewReader(file), "f")
				require.NoError(t, err)
				require.Equal(t, c.code, x.Type)
				require.Equal(t, c.name, x.Type.String())
				require.Equal(t, []int{2, 2}, x.Dims)
				values, err := x.Floats()
				require.NoError(t, err)
				require.Equal(t, c.want, values)
			}
		})
	}
	require.Equal(t, "uint8", IDXType(0).String())
	require.Equal(t, "type 0x07", IDXType(7).String())
	_, err := (&IDX{Name: "f", Type: 7, Dims: []int{1}, Data: []byte{1}}).Floats()
	require.EqualError(t, err, "f: at byte 2: elements of type 0x07")
}

func TestLabelsOfQMNISTAreItsFirstColumn(t *testing.T) {
	// class, series, writer, and so on, as in the published file.
	rows := []int32{
		5, 0, 3745, 0, 0, 0, 34, 201,
		0, 3, 4000, 1, 1, 1, 30, 17,
		9, 8, 2121, 2, 7, 2, 39, 65535,
	}
	labels, err := ReadIDX(bytes.NewReader(gz(typedFile(Int32, rows, 3, 8))), "qmnist-train-labels-idx2-int.gz")
	require.NoError(t, err)
	images := &IDX{Name: "i", Dims: []int{3, 1, 1}, Data: []byte{0, 0, 0}}
	set, err := NewImages(images, labels, 10)
	require.NoError(t, err)
	require.Equal(t, Field{Name: "label", Classes: 10}, set.Fields()[1])
	for i, want := range []float32{5, 0, 9} {
		require.Equal(t, [][]float32{{0}, {want}}, read(t, set, i))
	}
	_, err = NewImages(images, labels, 9)
	require.EqualError(t, err, "qmnist-train-labels-idx2-int.gz: at unpacked byte 76: label 9 is not a class: they are 0 to 8")
}

func TestImagesOfFourDimensionsBecomeChannelsFirst(t *testing.T) {
	// Two images of 5 rows, 6 columns and 3 channels; each value encodes its
	// place.
	value := func(n, c, y, x int) uint8 { return uint8(n*100 + c*30 + y*6 + x) }
	var last, first []uint8
	for n := range 2 {
		for y := range 5 {
			for x := range 6 {
				for c := range 3 {
					last = append(last, value(n, c, y, x))
				}
			}
		}
		for c := range 3 {
			for y := range 5 {
				for x := range 6 {
					first = append(first, value(n, c, y, x))
				}
			}
		}
	}
	want := make([]float32, 90)
	for k := range want {
		want[k] = float32(first[90+k])
	}
	scaled := make([]float32, 90)
	for k := range want {
		scaled[k] = want[k] / 255
	}
	wide := func(x []uint8) (y []int16) {
		for _, v := range x {
			y = append(y, int16(v))
		}
		return y
	}
	for name, c := range map[string]struct {
		file []byte
		want []float32
	}{
		"bytes, channels last":  {typedFile(Uint8, last, 2, 5, 6, 3), scaled},
		"bytes, channels first": {typedFile(Uint8, first, 2, 3, 5, 6), scaled},
		"int16, channels last":  {typedFile(Int16, wide(last), 2, 5, 6, 3), want},
		"int16, channels first": {typedFile(Int16, wide(first), 2, 3, 5, 6), want},
	} {
		t.Run(name, func(t *testing.T) {
			x, err := ReadIDX(bytes.NewReader(c.file), "f")
			require.NoError(t, err)
			set, err := NewImages(x, nil, 0)
			require.NoError(t, err)
			require.Equal(t, []Field{{Name: "x", Shape: []int{3, 5, 6}}}, set.Fields())
			require.Equal(t, [][]float32{c.want}, read(t, set, 1))
		})
	}
}

func TestImagesWhoseChannelsCannotBeToldAreRefused(t *testing.T) {
	for _, dims := range [][]int{{2, 3, 6, 3}, {2, 32, 32, 32}, {2, 4, 4, 4}} {
		_, err := NewImages(&IDX{Name: "f", Dims: dims, Data: make([]byte, 1<<17)}, nil, 0)
		require.ErrorContains(t, err, "do not tell where the channels are")
	}
	_, err := NewImages(&IDX{Name: "f", Dims: []int{2, 1, 1, 1, 1}, Data: make([]byte, 2)}, nil, 0)
	require.ErrorContains(t, err, "5 dimensions [2 1 1 1 1], but images have 3")
}

func TestImagesOfFloatsAreGivenAsTheyAre(t *testing.T) {
	x, err := ReadIDX(bytes.NewReader(typedFile(Float32, []float32{-1.5, 0, 300, .25}, 2, 1, 2)), "f")
	require.NoError(t, err)
	set, err := NewImages(x, nil, 0)
	require.NoError(t, err)
	require.Equal(t, [][]float32{{300, .25}}, read(t, set, 1))
}

func TestLabelsThatAreNoClassesAreRefused(t *testing.T) {
	images := &IDX{Name: "i", Dims: []int{2, 1, 1}, Data: make([]byte, 2)}
	for name, file := range map[string][]byte{
		"-1":  typedFile(Int32, []int32{0, -1}, 2),
		"1.5": typedFile(Float32, []float32{0, 1.5}, 2),
		"NaN": typedFile(Float64, []float64{0, math.NaN()}, 2),
		"4":   typedFile(Int16, []int16{0, 4}, 2),
	} {
		x, err := ReadIDX(bytes.NewReader(file), "f")
		require.NoError(t, err)
		_, err = NewImages(images, x, 4)
		require.ErrorContains(t, err, "label "+name+" is not a class: they are 0 to 3")
	}
}

func TestHalfPrecisionIsDecoded(t *testing.T) {
	for bits, want := range map[uint16]float64{
		0: 0, 0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x0400: math.Ldexp(1, -14), 0x0001: math.Ldexp(1, -24), 0x3555: .333251953125,
		0x7c00: math.Inf(1), 0xfc00: math.Inf(-1),
	} {
		require.Equal(t, want, half(bits), "%#04x", bits)
	}
	require.True(t, math.IsNaN(half(0x7e00)))
}
