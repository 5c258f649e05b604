package recipe

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/restore"
)

// CleanedSounds is what DenoiseSound has done.
type CleanedSounds struct {
	What   string         `json:"what,omitempty"` // the damage
	Sounds []CleanedSound `json:"sounds"`
	// Methods compares the net with others by means over the sounds; nil if the originals
	// are not known.
	Methods []SoundMethod `json:"methods,omitempty"`
}

// CleanedSound is a sound with its signal-to-noise ratio in dB by each method.
type CleanedSound struct {
	From    string             `json:"from"`
	To      string             `json:"to,omitempty"`
	Seconds float64            `json:"seconds"`
	SNR     map[string]float64 `json:"snr,omitempty"`
}

// SoundMethod is a method with the mean over all sounds.
type SoundMethod struct {
	Name    string  `json:"name"`
	Setting string  `json:"setting,omitempty"` // the best of those that were tried
	SNR     float64 `json:"snr"`
}

// IsSound reports whether a path is a wav file, or a folder that has some and no pictures.
func IsSound(path string) bool {
	info, err := os.Stat(path)
	switch {
	case err != nil || !info.IsDir():
		return extension(path) == "wav"
	}
	if _, err := data.OpenImageFolder(path, data.ImageFolderOptions{Flat: true}); err == nil {
		return false
	}
	_, err = soundFiles(path)
	return err == nil
}

// wienerWindows are the windows in steps of the Wiener filters that a net is compared with.
func wienerWindows() []int { return []int{256, 512, 1024, 2048} }

// DenoiseSound cleans a wav file, or those of a folder, by a model of windows [1,steps]: in
// windows that overlap by half, each channel by itself. It writes wav files of float32 with
// the same rate and channels under the same names. Of d, Compare does not count. If the
// clean sounds are known, the result compares the net with a median filter and a Wiener
// filter, each with its best setting.
func (r *Run) DenoiseSound(ctx context.Context, d Denoising) (*CleanedSounds, error) {
	shape, ok := r.Model.Shape(graph.InputX)
	if !ok || len(shape) != 2 || shape[0] != 1 {
		return nil, fmt.Errorf("the model takes samples %v, not windows [1,steps] of sounds: train one on wav files", shape)
	}
	if same, err := sameFolder(d.From, d.Out); err != nil || same {
		return nil, errors.Join(err, fmt.Errorf("-o %s is what is cleaned: choose another", d.Out))
	}
	if d.Check && d.Clean != "" {
		return nil, errors.New("the sounds are damaged first, so they are the clean ones: leave out the clean ones")
	}
	if d.Damage.Kind == "" {
		d.Damage = r.Recipe.Data.Damage
	}
	if d.Check && d.Damage.Kind == "" {
		return nil, errors.New("no damage: say which with --damage.kind")
	}
	files, err := soundFiles(d.From)
	if err != nil {
		return nil, err
	}
	if d.Limit > 0 {
		files = files[:min(len(files), d.Limit)]
	}
	done := &CleanedSounds{}
	if d.Check {
		done.What = d.Damage.String()
	}
	for i, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		one, err := r.cleanSound(file, shape[1], uint64(i), d)
		if err != nil {
			return nil, err
		}
		done.Sounds = append(done.Sounds, one)
	}
	done.average()
	return done, nil
}

// cleanSound cleans a file.
func (r *Run) cleanSound(file string, window int, number uint64, d Denoising) (CleanedSound, error) {
	one := CleanedSound{From: file}
	w, err := data.OpenWAV(file)
	if err != nil {
		return one, err
	}
	if rate := r.Recipe.Data.SampleRate; rate != 0 {
		if err := checkRate(file, w.Rate, rate); err != nil {
			return one, err
		}
	}
	if w.Len() == 0 {
		return one, fmt.Errorf("%s has no sound in it", file)
	}
	one.Seconds = w.Seconds()
	channels := channelsOf(w)
	var want [][]float32
	switch {
	case d.Check:
		want, channels = channels, make([][]float32, w.Channels)
		for c, x := range want {
			if channels[c], err = d.Damage.Of(x, []int{1, 1, len(x)}, r.Recipe.Seed+1000*number+uint64(c)); err != nil {
				return one, fmt.Errorf("%s: %w", file, err)
			}
		}
	case d.Clean != "":
		if want, err = cleanOf(file, w, d); err != nil {
			return one, err
		}
	}
	after := make([][]float32, len(channels))
	for c, x := range channels {
		t, err := restore.Cover([]int{1, 1, len(x)}, []int{1, 1, window})
		if err != nil {
			return one, err
		}
		if after[c], err = t.Restore(x, nil, func(_ int, tiles, _ []float32) ([]float32, error) {
			return r.restore([]int{1, window}, tiles, nil)
		}); err != nil {
			return one, fmt.Errorf("%s: %w", file, err)
		}
	}
	if d.Out != "" {
		if one.To, err = writeSound(w, after, d); err != nil {
			return one, err
		}
	}
	if want != nil {
		one.SNR, err = soundMethods(channels, after, want)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return one, err
}

// cleanOf reads the clean sound of a file.
func cleanOf(file string, w *data.WAV, d Denoising) ([][]float32, error) {
	path := d.Clean
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		name, err := filepath.Rel(d.From, file)
		if err != nil || name == "." {
			name = filepath.Base(file)
		}
		path = filepath.Join(path, name)
	}
	clean, err := data.OpenWAV(path)
	if err != nil {
		return nil, fmt.Errorf("the clean sound of %s: %w", file, err)
	}
	if clean.Rate != w.Rate || clean.Channels != w.Channels || clean.Len() != w.Len() {
		return nil, fmt.Errorf("%s has %d steps of %d channels at %d Hz, and the clean one %s has %d of %d at %d Hz: want the same",
			file, w.Len(), w.Channels, w.Rate, path, clean.Len(), clean.Channels, clean.Rate)
	}
	return channelsOf(clean), nil
}

// writeSound writes a sound: to the file that is named, or in a folder under its own name.
func writeSound(w *data.WAV, channels [][]float32, d Denoising) (string, error) {
	path := d.Out
	if info, err := os.Stat(d.From); err != nil || info.IsDir() || extension(path) != "wav" {
		name, err := filepath.Rel(d.From, w.Name)
		if err != nil || name == "." {
			name = filepath.Base(w.Name)
		}
		path = filepath.Join(d.Out, strings.TrimSuffix(name, filepath.Ext(name))+".wav")
	}
	out := &data.WAV{Rate: w.Rate, Channels: w.Channels, Values: interleave(channels)}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return path, data.SaveWAV(path, out)
}

func interleave(channels [][]float32) []float32 {
	out := make([]float32, 0, len(channels)*len(channels[0]))
	for i := range channels[0] {
		for _, c := range channels {
			out = append(out, c[i])
		}
	}
	return out
}

// soundMethods are the signal-to-noise ratios by method; those with a setting have it in
// their name.
func soundMethods(channels, after, want [][]float32) (map[string]float64, error) {
	truth := interleave(want)
	snr := map[string]float64{}
	add := func(name string, of func(x []float32) ([]float32, error)) error {
		got := make([][]float32, len(channels))
		for c, x := range channels {
			var err error
			if got[c], err = of(x); err != nil {
				return err
			}
		}
		v, err := restore.SNR(interleave(got), truth)
		snr[name] = v
		return err
	}
	err := add(Before, func(x []float32) ([]float32, error) { return x, nil })
	for _, radius := range radii() {
		err = errors.Join(err, add(fmt.Sprintf("%s, radius %d", MedianFilter, radius), func(x []float32) ([]float32, error) {
			return restore.Median(x, []int{1, 1, len(x)}, radius)
		}))
	}
	for _, window := range wienerWindows() {
		err = errors.Join(err, add(fmt.Sprintf("%s, window %d", WienerFilter, window), func(x []float32) ([]float32, error) { return restore.Wiener(x, window) }))
	}
	if err != nil {
		return nil, err
	}
	v, err := restore.SNR(interleave(after), truth)
	snr[Net] = v
	return snr, err
}

// average finds the means over the sounds, and the best setting of each method.
func (d *CleanedSounds) average() {
	if len(d.Sounds) == 0 || d.Sounds[0].SNR == nil {
		return
	}
	for _, name := range []string{Before, MedianFilter, WienerFilter, Net} {
		best := SoundMethod{Name: name, SNR: math.Inf(-1)}
		for full := range d.Sounds[0].SNR {
			is, setting, _ := strings.Cut(full, ", ")
			if is != name {
				continue
			}
			mean := 0.0
			for _, s := range d.Sounds {
				mean += s.SNR[full] / float64(len(d.Sounds))
			}
			if mean > best.SNR {
				best.Setting, best.SNR = setting, mean
			}
		}
		d.Methods = append(d.Methods, best)
	}
}
