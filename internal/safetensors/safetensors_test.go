package safetensors

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

var example = File{
	Metadata: map[string]string{"model": "vae", "text": "äé\n\""},
	Arrays: []Array{
		{"b/w", []int{2, 3}, []float32{1, 2, 3, 4, 5, float32(math.Inf(-1))}, "F32"},
		{"a", []int{}, []float64{math.Pi}, "F64"},
		{"c", []int{0, 4}, []float32{}, "F32"},
	},
}

func written(t *testing.T, f File) []byte {
	var b bytes.Buffer
	require.NoError(t, Write(&b, f))
	return b.Bytes()
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	content := written(t, example)
	f, err := Parse(content)
	require.NoError(t, err)
	require.Equal(t, example.Metadata, f.Metadata)
	byName := map[string]Array{}
	for _, a := range f.Arrays {
		byName[a.Name] = a
	}
	for _, a := range example.Arrays {
		require.Equal(t, a, byName[a.Name])
	}
	require.Equal(t, content, written(t, f), "equal contents give equal bytes")
}

// Python's library writes this file for {"w": float32 [[1, 2]]}.
func TestTheFormatIsThatOfPythonsLibrary(t *testing.T) {
	header := `{"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}`
	for len(header)%8 > 0 {
		header += " "
	}
	content := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	content = append(content, header...)
	content = append(content, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40)
	f, err := Parse(content)
	require.NoError(t, err)
	require.Equal(t, []Array{{"w", []int{1, 2}, []float32{1, 2}, "F32"}}, f.Arrays)
	require.Equal(t, content, written(t, f))
}

func TestADamagedFileIsAnError(t *testing.T) {
	content := written(t, example)
	for n := range content {
		_, err := Parse(content[:n])
		require.Error(t, err, "cut to %d bytes", n)
	}
	_, err := Parse(append(bytes.Clone(content), 0))
	require.ErrorContains(t, err, "the arrays end at")
	for header, want := range map[string]string{
		`{"w":{"dtype":"F4","shape":[8],"data_offsets":[0,8]}}`:                                                       `"F4" are not supported`,
		`{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`:                                                      "needs 12 bytes, it has 8",
		`{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`:                                                     "negative extent",
		`{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}`:                                  "more elements",
		`{"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`:                                                     "want it to begin at 0",
		`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`: "want it to begin at 8",
		`[]`: "not a JSON object",
	} {
		content := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
		_, err := Parse(append(content, make([]byte, 8)...))
		require.ErrorContains(t, err, want, header)
	}
}

func TestWhatCannotBeWrittenIsAnError(t *testing.T) {
	for want, f := range map[string]File{
		"holds []int":          {Arrays: []Array{{Name: "a", Shape: []int{1}, Data: []int{1}}}},
		"names must be unique": {Arrays: []Array{{Name: "a", Data: []float32{1}}, {Name: "a", Data: []float32{1}}}},
	} {
		require.ErrorContains(t, Write(&bytes.Buffer{}, f), want)
	}
}

func FuzzParse(f *testing.F) {
	var b bytes.Buffer
	if err := Write(&b, example); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := Parse(content)
		if err == nil {
			require.NoError(t, Write(&bytes.Buffer{}, file))
		}
	})
}
