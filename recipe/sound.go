package recipe

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// soundWindow is the length of the windows of a sound in steps, if data.window says nothing.
const soundWindow = 1024

// soundFiles lists the wav files in a folder and below it, sorted; or the file itself.
func soundFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && extension(name) == "wav" {
			files = append(files, name)
		}
		return err
	})
	slices.Sort(files)
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s has no wav files: their names end in .wav", path)
	}
	return files, err
}

// openSounds reads a wav file or the wav files of a folder as windows, x [1,steps]: those of
// each channel one after the other.
func (d Data) openSounds(path string) (*source, error) {
	files, err := soundFiles(path)
	if err != nil {
		return nil, err
	}
	s := &soundSet{window: d.Window}
	if s.window == 0 {
		s.window = soundWindow
	}
	stride := d.Stride
	if stride == 0 {
		stride = max(1, s.window/2)
	}
	rate, steps := d.SampleRate, 0
	for _, file := range files {
		w, err := data.OpenWAV(file)
		if err != nil {
			return nil, err
		}
		if rate == 0 {
			rate = w.Rate
		}
		if err := checkRate(file, w.Rate, rate); err != nil {
			return nil, err
		}
		steps += w.Len()
		for _, c := range channelsOf(w) {
			for from := 0; from+s.window <= len(c); from += stride {
				s.at = append(s.at, c[from:from+s.window])
			}
		}
	}
	if len(s.at) == 0 {
		return nil, fmt.Errorf("%s: no sound is as long as a window of %d steps: set data.window to less", path, s.window)
	}
	return &source{train: s, sound: true, rate: rate, where: fmt.Sprintf("%s, %d windows of %d sounds of %.1f s at %d Hz", path, len(s.at), len(files), float64(steps)/float64(rate), rate)}, nil
}

// checkRate returns an error if a sound has another rate than the one wanted.
func checkRate(file string, rate, want int) error {
	if rate != want {
		return fmt.Errorf("%s has %d steps in a second, want %d: convert it, for instance with ffmpeg -i IN.wav -ar %d OUT.wav", file, rate, want, want)
	}
	return nil
}

// channelsOf are the channels of a sound, each by itself.
func channelsOf(w *data.WAV) [][]float32 {
	out := make([][]float32, w.Channels)
	for i, v := range w.Values {
		out[i%w.Channels] = append(out[i%w.Channels], v)
	}
	return out
}

// soundSet is windows of sounds.
type soundSet struct {
	window int
	at     [][]float32
}

func (s *soundSet) Len() int { return len(s.at) }

func (s *soundSet) Fields() []data.Field {
	return []data.Field{{Name: graph.InputX, Shape: []int{1, s.window}}}
}

func (s *soundSet) Read(i int, to [][]float32) error {
	if i < 0 || i >= len(s.at) || len(to) != 1 {
		return errors.New("no such window of a sound")
	}
	copy(to[0], s.at[i])
	return nil
}
