package sequence

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/stheno-ml/stheno/data"
)

// ticks are those of a step in a MIDI file.
const ticks = 480

// WriteMIDI writes a piece as a standard MIDI file with one track of a piano. A step is a quarter note; perMinute is the
// number of steps in a minute, 10 to 1000. A pitch that sounds in steps one after the other is one long note.
func WriteMIDI(w io.Writer, piece data.Piece, perMinute float64) error {
	if err := checkPiece(w, piece, perMinute); err != nil {
		return err
	}
	track := []byte{0, 0xff, 0x51, 3} // the tempo: microseconds for a quarter note
	tempo := uint32(60e6 / perMinute)
	track = append(track, byte(tempo>>16), byte(tempo>>8), byte(tempo), 0, 0xc0, 0)
	since := 0
	event := func(status byte, pitch int, velocity byte) {
		track = append(variable(track, since), status, byte(pitch), velocity)
		since = 0
	}
	var on []int
	for t := range len(piece) + 1 {
		var now []int
		if t < len(piece) {
			now = piece[t]
		}
		for _, pitch := range on {
			if !slices.Contains(now, pitch) {
				event(0x80, pitch, 0)
			}
		}
		var held []int
		for _, pitch := range now {
			if slices.Contains(held, pitch) {
				continue
			}
			if held = append(held, pitch); !slices.Contains(on, pitch) {
				event(0x90, pitch, 80)
			}
		}
		on, since = held, since+ticks
	}
	track = append(track, 0, 0xff, 0x2f, 0) // the end
	file := append([]byte("MThd"), 0, 0, 0, 6, 0, 0, 0, 1, ticks>>8, ticks&0xff)
	file = binary.BigEndian.AppendUint32(append(file, "MTrk"...), uint32(len(track)))
	_, err := w.Write(append(file, track...))
	return err
}

// variable appends a number in groups of seven bits, as MIDI has it.
func variable(to []byte, n int) []byte {
	groups := []byte{byte(n & 0x7f)}
	for n >>= 7; n > 0; n >>= 7 {
		groups = append(groups, byte(n&0x7f|0x80))
	}
	slices.Reverse(groups)
	return append(to, groups...)
}

// checkPiece checks what is to be written.
func checkPiece(w io.Writer, piece data.Piece, perMinute float64) error {
	switch {
	case w == nil:
		return errors.New("sequence: nothing to write to")
	case !(perMinute >= 10 && perMinute <= 1000):
		return fmt.Errorf("sequence: %g steps in a minute: want 10 to 1000", perMinute)
	case len(piece) > 1<<16:
		return fmt.Errorf("sequence: a piece of %d steps: want at most %d", len(piece), 1<<16)
	}
	for t, pitches := range piece {
		for _, pitch := range pitches {
			if pitch < 0 || pitch > 127 {
				return fmt.Errorf("sequence: step %d: pitch %d is not from 0 to 127", t, pitch)
			}
		}
	}
	return nil
}
