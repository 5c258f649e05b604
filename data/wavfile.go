// Reading and writing wav files.

package data

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/internal/regular"
)

// maxChannels is the most channels of a sound.
const maxChannels = 1 << 10

// OpenWAV reads the wav file at path. See ReadWAV.
func OpenWAV(path string) (*WAV, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadWAV(f, path)
}

// ReadWAV reads a wav file from r, up to the end of its sound; name is used in errors. The sound is PCM of 8, 16, 24 or
// 32 bits or float of 32 or 64 bits, with any number of channels and at any rate, which stays as it is. Other encodings
// are errors that name them.
//
// The format: a RIFF file of chunks, "fmt " before "data"; others are passed over. A data chunk whose size is the largest
// possible, as programs write it that do not know the size, ends with the file.
func ReadWAV(r io.Reader, name string) (*WAV, error) {
	if r == nil {
		return nil, fmt.Errorf("%s: %w", name, errNoReader)
	}
	w, err := readWAV(bufio.NewReader(r))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	w.Name = name
	return w, nil
}

func readWAV(r *bufio.Reader) (*WAV, error) {
	head, _ := r.Peek(sniffed) // on an error, the next read says more
	if len(head) < 12 || string(head[:4]) != "RIFF" || string(head[8:12]) != "WAVE" {
		if f, ok := recognise(head); ok {
			return nil, errors.New("not a wav file: " + f.String())
		}
		return nil, errors.New("not a wav file: it does not begin with RIFF and WAVE")
	}
	r.Discard(12)
	var form *wavForm
	for {
		var chunk [8]byte
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return nil, fmt.Errorf("no sound before the end: there is no chunk \"data\": %w", cut(err))
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch id := string(chunk[:4]); {
		case id == "data" && form == nil:
			return nil, errors.New("the chunk \"fmt \", which says what the sound is, does not come before the sound")
		case id == "data":
			return form.sound(r, size)
		case id == "fmt " && form == nil:
			var err error
			if form, err = readForm(r, size); err != nil {
				return nil, fmt.Errorf("chunk \"fmt \": %w", err)
			}
			size &= 1 // the byte that makes the size even
		default:
			size += size & 1
		}
		if _, err := io.CopyN(io.Discard, r, size); err != nil {
			return nil, fmt.Errorf("chunk %q: %w", chunk[:4], cut(err))
		}
	}
}

// A wavForm says how the sound is stored.
type wavForm struct {
	element        element
	zero, scale    float64 // a number v in the file is the amplitude (v - zero) * scale
	channels, rate int
}

// readForm reads the chunk "fmt ".
func readForm(r io.Reader, size int64) (*wavForm, error) {
	if size < 16 || size > 1<<12 {
		return nil, fmt.Errorf("%d bytes; it has 16, 18 or 40", size)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, cut(err)
	}
	word := binary.LittleEndian.Uint16
	code, bits, align := word(b), int(word(b[14:])), int(word(b[12:]))
	const extensible = 0xfffe
	if code == extensible {
		if size < 26 {
			return nil, fmt.Errorf("%d bytes; the extensible form has 40", size)
		}
		code = word(b[24:])
	}
	f := &wavForm{channels: int(word(b[2:])), rate: int(binary.LittleEndian.Uint32(b[4:])), scale: 1}
	type kind struct {
		code uint16
		bits int
	}
	var ok bool
	switch k := (kind{code, bits}); k {
	case kind{1, 8}:
		f.element, f.zero, f.scale, ok = uint8s(), 128, 1./128, true
	case kind{1, 16}:
		f.element, f.scale, ok = int16s(), 1./(1<<15), true
	case kind{1, 24}:
		f.element, f.scale, ok = int24s(), 1./(1<<23), true
	case kind{1, 32}:
		f.element, f.scale, ok = int32s(), 1./(1<<31), true
	case kind{3, 32}:
		f.element, ok = float32s(), true
	case kind{3, 64}:
		f.element, ok = float64s(), true
	}
	names := map[uint16]string{1: "PCM", 2: "ADPCM", 3: "float", 6: "A-law", 7: "mu-law", 0x11: "IMA ADPCM", 0x50: "MPEG", 0x55: "MP3"}
	switch {
	case !ok:
		name := names[code]
		if name == "" {
			name = fmt.Sprintf("encoding 0x%04x", code)
		}
		return nil, fmt.Errorf("%s of %d bits cannot be read: convert it with ffmpeg -i in.wav -c:a pcm_s16le out.wav", name, bits)
	case f.channels < 1 || f.channels > maxChannels:
		return nil, fmt.Errorf("%d channels; between 1 and %d are possible", f.channels, maxChannels)
	case align != f.channels*f.element.size:
		return nil, fmt.Errorf("%d channels of %d bits in %d bytes", f.channels, bits, align)
	case f.rate < 1:
		return nil, fmt.Errorf("a rate of %d", f.rate)
	}
	return f, nil
}

// sound reads the chunk "data" of size bytes.
func (f *wavForm) sound(r io.Reader, size int64) (*WAV, error) {
	step := int64(f.channels * f.element.size)
	const unknown = math.MaxUint32
	w := &WAV{Rate: f.rate, Channels: f.channels}
	var err error
	switch {
	case size == unknown:
		var raw []byte
		if raw, err = io.ReadAll(r); err == nil {
			w.Values = make([]float32, int64(len(raw))/step*int64(f.channels))
			f.element.floats(binary.LittleEndian, raw, w.Values)
		}
	case size%step != 0:
		return nil, fmt.Errorf("chunk \"data\": %d bytes are not a whole number of steps of %d bytes", size, step)
	case size/int64(f.element.size) > maxVolume:
		return nil, fmt.Errorf("chunk \"data\": %d bytes are more than %d numbers", size, maxVolume)
	default:
		w.Values, err = f.element.read(r, binary.LittleEndian, int(size)/f.element.size)
	}
	if err != nil {
		return nil, fmt.Errorf("chunk \"data\": %w", err)
	}
	if f.zero != 0 || f.scale != 1 {
		for i, v := range w.Values {
			w.Values[i] = float32((float64(v) - f.zero) * f.scale)
		}
	}
	return w, nil
}

// SaveWAV writes a sound as the wav file at path. See WriteWAV.
func SaveWAV(path string, w *WAV) error {
	return atomicfile.Write(path, func(to io.Writer) error { return WriteWAV(to, w) })
}

// WriteWAV writes a sound as a wav file of float32 numbers, which ReadWAV reads as the same to the last bit.
func WriteWAV(to io.Writer, w *WAV) error {
	const most = math.MaxUint32 - 1<<10
	switch {
	case to == nil:
		return fmt.Errorf("write wav: %w", errNoWriter)
	case w == nil:
		return errors.New("write wav: no sound: give one with Rate, Channels and Values")
	case w.Channels < 1 || w.Channels > maxChannels || w.Rate < 1 || int64(w.Rate) > math.MaxUint32/int64(4*w.Channels):
		return fmt.Errorf("write wav: %d channels at a rate of %d are not possible", w.Channels, w.Rate)
	case len(w.Values)%w.Channels != 0 || int64(len(w.Values)) > most/4:
		return fmt.Errorf("write wav: %d values of %d channels: a whole number of steps and at most %d bytes are possible", len(w.Values), w.Channels, most)
	}
	size, step := uint32(4*len(w.Values)), 4*w.Channels
	order := binary.LittleEndian
	head := append(order.AppendUint32([]byte("RIFF"), 36+size), "WAVEfmt "...)
	head = order.AppendUint16(order.AppendUint16(order.AppendUint32(head, 16), 3), uint16(w.Channels))
	head = order.AppendUint32(order.AppendUint32(head, uint32(w.Rate)), uint32(w.Rate*step))
	head = order.AppendUint16(order.AppendUint16(head, uint16(step)), 32)
	head = order.AppendUint32(append(head, "data"...), size)
	out := bufio.NewWriter(to)
	out.Write(head)
	for _, v := range w.Values {
		if _, err := out.Write(order.AppendUint32(out.AvailableBuffer(), math.Float32bits(v))); err != nil {
			return err
		}
	}
	return out.Flush()
}
