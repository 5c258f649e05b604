package element_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/element"
)

func TestNumbersKeepTheirValues(t *testing.T) {
	for _, c := range []struct {
		name string
		raw  []byte // big endian
		want any
	}{
		{"BOOL", []byte{0, 1}, []float32{0, 1}},
		{"U8", []byte{0, 255}, []float32{0, 255}},
		{"I8", []byte{0x80, 127}, []float32{-128, 127}},
		{"U16", []byte{0xff, 0xff}, []float32{65535}},
		{"I16", []byte{0x80, 0}, []float32{-32768}},
		{"U32", []byte{0xff, 0xff, 0xff, 0xff}, []float64{math.MaxUint32}},
		{"I32", []byte{0x80, 0, 0, 1}, []float64{math.MinInt32 + 1}},
		{"U64", []byte{0, 0x20, 0, 0, 0, 0, 0, 0}, []float64{1 << 53}},
		{"I64", []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}, []float64{-2}},
		{"F16", []byte{0x3c, 0, 0xc0, 0, 0, 1, 0x7b, 0xff, 0xfc, 0}, []float32{1, -2, 0x1p-24, 65504, float32(math.Inf(-1))}},
		{"BF16", []byte{0x3f, 0x80, 0xc0, 0x40, 0, 1}, []float32{1, -3, 0x1p-133}},
		{"F32", []byte{0x3f, 0x80, 0, 1}, []float32{1 + 0x1p-23}},
		{"F64", []byte{0x3f, 0xf0, 0, 0, 0, 0, 0, 1}, []float64{1 + 0x1p-52}},
	} {
		e, ok := element.Named(c.name)
		require.True(t, ok, c.name)
		got, err := e.Decode(binary.BigEndian, c.raw)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, got, c.name)
	}
	for _, name := range []string{"U64", "I64"} {
		e, _ := element.Named(name)
		_, err := e.Decode(binary.BigEndian, []byte{0, 0x20, 0, 0, 0, 0, 0, 2})
		require.ErrorContains(t, err, "beyond 2^53")
	}
	_, ok := element.Named("F8_E4M3")
	require.False(t, ok)
}
