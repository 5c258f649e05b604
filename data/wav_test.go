package data

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// wavBytes returns a wav file; with extensible, code is the code within the extension.
func wavBytes(code uint16, channels, bits int, values []byte, extensible bool) []byte {
	order := binary.LittleEndian
	outer, form := code, []byte{}
	if extensible {
		outer, form = 0xfffe, append(order.AppendUint16([]byte{22, 0, 16, 0, 3, 0, 0, 0}, code), make([]byte, 14)...)
	}
	step := channels * bits / 8
	fields := order.AppendUint16(order.AppendUint16(nil, outer), uint16(channels))
	fields = order.AppendUint32(order.AppendUint32(fields, 8000), uint32(8000*step))
	fields = append(order.AppendUint16(order.AppendUint16(fields, uint16(step)), uint16(bits)), form...)
	file := append(order.AppendUint32([]byte("RIFF"), uint32(100+len(values))), "WAVELIST\x03\x00\x00\x00abc\x00fmt "...)
	file = append(order.AppendUint32(file, uint32(len(fields))), fields...)
	return append(order.AppendUint32(append(file, "data"...), uint32(len(values))), values...)
}

func TestWAVReadsEveryTypeOfNumber(t *testing.T) {
	bits := func(values any) []byte {
		var b bytes.Buffer
		binary.Write(&b, binary.LittleEndian, values)
		return b.Bytes()
	}
	for _, c := range []struct {
		code   uint16
		bits   int
		values []byte
		want   []float32
	}{
		{1, 8, []byte{128, 0, 255, 192}, []float32{0, -1, 127. / 128, .5}},
		{1, 16, bits([]int16{0, -32768, 32767, 16384}), []float32{0, -1, 32767. / 32768, .5}},
		{1, 24, []byte{0, 0, 0, 0, 0, 0x80, 0xff, 0xff, 0x7f, 0, 0, 0x40}, []float32{0, -1, 8388607. / 8388608, .5}},
		{1, 32, bits([]int32{0, math.MinInt32, math.MaxInt32, 1 << 30}), []float32{0, -1, 1, .5}},
		{3, 32, bits([]float32{0, -1.5, 1e-40, .5}), []float32{0, -1.5, 1e-40, .5}},
		{3, 64, bits([]float64{0, -1.5, .1, .5}), []float32{0, -1.5, .1, .5}},
	} {
		for _, extensible := range []bool{false, true} {
			t.Run(fmt.Sprint(c.code, c.bits, extensible), func(t *testing.T) {
				w, err := ReadWAV(bytes.NewReader(wavBytes(c.code, 2, c.bits, c.values, extensible)), "a.wav")
				require.NoError(t, err)
				require.Equal(t, &WAV{Name: "a.wav", Rate: 8000, Channels: 2, Values: c.want}, w)
				require.Equal(t, 2, w.Len())
				require.Equal(t, 2./8000, w.Seconds())
			})
		}
	}
}

func TestWindowsOfASoundHaveItsChannelsFirst(t *testing.T) {
	w := &WAV{Name: "a.wav", Rate: 8000, Channels: 2, Values: []float32{0, 100, 1, 101, 2, 102, 3, 103, 4, 104}}
	set := must(w.Windows(2, 0))(t)
	require.Equal(t, []Field{{Name: "x", Shape: []int{2, 2}}}, set.Fields())
	require.Equal(t, 2, set.Len())
	require.Equal(t, [][]float32{{2, 3, 102, 103}}, read(t, set, 1))
	set = must(w.Windows(3, 1))(t)
	require.Equal(t, 3, set.Len())
	require.Equal(t, [][]float32{{2, 3, 4, 102, 103, 104}}, read(t, set, 2))

	for want, c := range map[string][2]int{
		"a.wav: windows of 0 steps every 0 steps": {0, 0},
		"both are at least 1":                     {2, -1},
		"a window of 6 steps in a sound of 5":     {6, 1},
	} {
		_, err := w.Windows(c[0], c[1])
		require.ErrorContains(t, err, want)
	}
	_, err := (&WAV{}).Windows(1, 1)
	require.Error(t, err)
	_, err = (*WAV)(nil).Windows(1, 1)
	require.ErrorContains(t, err, "no sound")
}

func TestWhatIsSavedAsWAVReadsAsTheSame(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wav")
	w := &WAV{Name: path, Rate: 44100, Channels: 3, Values: []float32{.1, -2, 3, 4, 5, 6}}
	require.NoError(t, SaveWAV(path, w))
	again, err := OpenWAV(path)
	require.NoError(t, err)
	require.Equal(t, w, again)

	require.ErrorIs(t, WriteWAV(nil, w), errNoWriter)
	for want, w := range map[string]*WAV{
		"no sound":                         nil,
		"0 channels at a rate of 0":        {},
		"1 channels at a rate of -1":       {Channels: 1, Rate: -1},
		"3 values of 2 channels: a whole":  {Channels: 2, Rate: 1, Values: make([]float32, 3)},
		"2 channels at a rate of 99999999": {Channels: 2, Rate: 9999999999},
	} {
		require.ErrorContains(t, WriteWAV(io.Discard, w), "write wav: "+want)
	}
}

func TestASoundOfUnknownLengthEndsWithTheFile(t *testing.T) {
	file := wavBytes(1, 1, 16, []byte{0, 64, 0, 192, 7}, false)
	copy(file[len(file)-9:], []byte{255, 255, 255, 255})
	w, err := ReadWAV(bytes.NewReader(file), "a.wav")
	require.NoError(t, err)
	require.Equal(t, []float32{.5, -.5}, w.Values)
}

func TestWhatIsNoWAVIsSaid(t *testing.T) {
	good := wavBytes(1, 2, 16, make([]byte, 8), false)
	form := bytes.Index(good, []byte("fmt ")) + 8
	change := func(at int, to byte) []byte {
		file := slices.Clone(good)
		file[form+at] = to
		return file
	}
	for want, file := range map[string][]byte{
		"it is an HTML page":                   []byte("<!DOCTYPE html>"),
		"it does not begin with RIFF":          []byte("RIFX0000WAVE"),
		"no sound before the end":              good[:form+16],
		"does not come before the sound":       slices.Concat(good[:12], good[form+16:]),
		`chunk "fmt ": the file is cut short`:  good[:form+9],
		"A-law of 16 bits cannot be read":      change(0, 6),
		"encoding 0x0099 of 16 bits":           change(0, 0x99),
		"PCM of 12 bits":                       change(14, 12),
		"0 channels":                           change(2, 0),
		"3 channels of 16 bits in 4 bytes":     change(2, 3),
		"not a whole number of steps of 4":     wavBytes(1, 2, 16, make([]byte, 6), false),
		"value 0 of 4: the file is cut short":  good[:len(good)-1],
		`chunk "LIST": the file is cut short`:  good[:22],
		"17000 bytes; it has 16, 18 or 40":     nil,
		"18 bytes; the extensible form has 40": nil,
	} {
		switch want {
		case "17000 bytes; it has 16, 18 or 40":
			file = slices.Clone(good)
			binary.LittleEndian.PutUint32(file[form-4:], 17000)
		case "18 bytes; the extensible form has 40":
			file = slices.Clone(change(0, 0xfe))
			file[form+1], file[form-4] = 0xff, 18
		}
		_, err := ReadWAV(bytes.NewReader(file), "a.wav")
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "a.wav: ")
	}
	_, err := ReadWAV(nil, "a.wav")
	require.ErrorIs(t, err, errNoReader)
	_, err = OpenWAV(filepath.Join(t.TempDir(), "none.wav"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// FuzzWAV reads any bytes as a wav file: no panic, no memory beyond what the bytes hold, and a sound that is accepted
// reads as the same after it is written.
func FuzzWAV(f *testing.F) {
	for _, seed := range [][]byte{
		nil, wavBytes(1, 2, 16, make([]byte, 8), false), wavBytes(3, 1, 64, make([]byte, 16), true), wavBytes(1, 1, 8, []byte{1, 2, 3}, false),
		wavBytes(1, 1, 24, make([]byte, 9), true), wavBytes(6, 1, 8, make([]byte, 9), false), []byte("RIFF\x00\x00\x00\x00WAVEdata\xff\xff\xff\xff"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var w *WAV
		var err error
		bounded(t, len(file), 64, 1<<18, func() { w, err = ReadWAV(bytes.NewReader(file), "fuzz.wav") })
		if err != nil {
			return
		}
		require.Equal(t, len(w.Values), w.Len()*w.Channels)
		var again bytes.Buffer
		if WriteWAV(&again, w) != nil {
			return // the rate is too high
		}
		same, err := ReadWAV(&again, "fuzz.wav")
		require.NoError(t, err)
		for i, v := range same.Values {
			require.Equal(t, math.Float32bits(w.Values[i]), math.Float32bits(v))
		}
		if set, err := w.Windows(max(1, w.Len()/2), 1); err == nil {
			read(t, set, set.Len()-1)
		}
	})
}
