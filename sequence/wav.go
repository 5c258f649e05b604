package sequence

import (
	"encoding/binary"
	"io"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/data"
)

// rate is the sample rate of sounds.
const rate = 22050

// WriteWAV writes a piece as sound, a wav file of 16 bits and one channel at 22,050 Hz: each note is four partials that
// fade. perMinute is the number of steps in a minute, 10 to 1000. A pitch that sounds in steps one after the other is one
// long note.
func WriteWAV(w io.Writer, piece data.Piece, perMinute float64) error {
	if err := checkPiece(w, piece, perMinute); err != nil {
		return err
	}
	step := int(60 / perMinute * rate)
	sound := make([]float64, (len(piece)+1)*step)
	for t, pitches := range piece {
		for k, pitch := range pitches {
			if slices.Contains(pitches[:k], pitch) || t > 0 && slices.Contains(piece[t-1], pitch) {
				continue
			}
			n := 1
			for t+n < len(piece) && slices.Contains(piece[t+n], pitch) {
				n++
			}
			note(sound[t*step:(t+n+1)*step], n*step, pitch)
		}
	}
	most := 1e-9
	for _, v := range sound {
		most = max(most, math.Abs(v))
	}
	order := binary.LittleEndian
	file := order.AppendUint32([]byte("RIFF"), uint32(36+2*len(sound)))
	file = order.AppendUint32(append(file, "WAVEfmt "...), 16)
	file = order.AppendUint16(order.AppendUint16(file, 1), 1)
	file = order.AppendUint32(order.AppendUint32(file, rate), 2*rate)
	file = order.AppendUint16(order.AppendUint16(file, 2), 16)
	file = order.AppendUint32(append(file, "data"...), uint32(2*len(sound)))
	for _, v := range sound {
		file = order.AppendUint16(file, uint16(int16(30000*v/max(most, 1))))
	}
	_, err := w.Write(file)
	return err
}

// note adds a note that is let go after n samples.
func note(to []float64, n, pitch int) {
	hertz := 440 * math.Exp2(float64(pitch-69)/12)
	for i := range to {
		t := float64(i) / rate
		loud := min(1, t/.01) * math.Exp(-1.2*t)
		if i > n {
			loud *= math.Exp(-float64(i-n) / rate / .05)
		}
		for partial := 1.0; partial <= 4 && partial*hertz < rate/2; partial++ {
			to[i] += loud / (partial * partial) * math.Sin(2*math.Pi*partial*hertz*t)
		}
	}
}
