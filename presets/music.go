package presets

import (
	"context"
	"image"
	"image/color"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/sequence"
	"github.com/stheno-ml/stheno/train"
)

// musicVAE learns chorales, chord by chord.
func musicVAE() Preset {
	const (
		bound = "test recon + KL, nats a step"
		kl    = "KL, nats a chorale"
	)
	return Preset{
		Name:    "music-vae",
		Title:   "a variational autoencoder of chorales",
		Paper:   "Fabius and van Amersfoort, Variational Recurrent Auto-Encoders (2014); data of Boulanger-Lewandowski et al. (2012)",
		Data:    "JSB chorales in quarter notes: 229 to train on, 77 to test (4,725 steps of 88 keys)",
		Recipe:  "bidirectional GRU 128, code 16, GRU 128 that reads the chord before; chorales transposed by up to 6 semitones at random, beta 0 to 1 over the first half; Adam 3e-3 to 0 by a cosine, batches of 4, 300 epochs",
		Minutes: 12,
		Figures: []Figure{
			{Metric: bound, Expected: 8.45, Source: "an LSTM without a code, Bai et al. (2018); 6.87 by a deep Markov model (Pyro)", Target: 8.4},
			{Metric: kl, Higher: true},
		},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			path, err := r.File("music", "jsb-chorales-quarter.json")
			if err != nil {
				return nil, err
			}
			sets, err := data.OpenPianoRolls(path)
			if err != nil {
				return nil, err
			}
			model := func(set data.Set) seq.VAE {
				return seq.VAE{Config: seq.Config{
					Steps: set.Fields()[0].Shape[0], Features: data.PianoKeys, Hidden: []int{128}, Code: 16, Cell: seq.GRU,
					Bidirectional: true, TeacherForcing: true, Lengths: true,
				}}
			}
			training := r.Limit(sets["train"])
			p, err := r.Fit(ctx, "train", model(training), training, train.Options{
				Batch: 4, Epochs: 300, Optimizer: optim.Adam{Rate: new(3e-3)},
				Augment:   []data.Augmentation{data.Transpose{Most: 6}},
				Schedules: map[string]train.Schedule{"rate": train.Cosine(3e-3, 0), "beta": train.WarmUp(.5, train.Constant(1))},
			})
			if err != nil {
				return nil, err
			}
			test := sets["test"]
			means, err := r.Evaluate(ctx, model(test), p, test)
			if err != nil {
				return nil, err
			}
			lengths, err := data.ArrayOf(test, graph.InputLengths)
			if err != nil {
				return nil, err
			}
			steps := 0.0
			for _, n := range lengths.Values {
				steps += float64(n)
			}
			out := map[string]float64{bound: (means["recon"] + means["kl"]) * float64(test.Len()) / steps, kl: means["kl"]}
			return out, r.rolls("chorales, and what is drawn from their codes", model(test), p, test)
		},
	}
}

// rolls draws the first piano rolls of a set next to pieces that are drawn from their codes,
// low notes at the bottom.
func (r *Run) rolls(title string, m seq.VAE, p *graph.Params, set data.Set) error {
	if r.Untrained {
		return nil
	}
	set = data.Limit(set, 4)
	x, err := data.ArrayOf(set, graph.InputX)
	if err != nil {
		return err
	}
	lengths, err := data.ArrayOf(set, graph.InputLengths)
	if err != nil {
		return err
	}
	code, err := r.Compute(m, p, set, graph.OutputCode)
	if err != nil {
		return err
	}
	steps, keys := x.Shape[0], x.Shape[1]
	d, err := sequence.NewDecoder(m, p, r.Backend)
	if err != nil {
		return err
	}
	defer d.Close()
	drawn, err := d.Rolls(code[0].Data, sequence.Options{Steps: steps, Seed: r.Seed})
	if err != nil {
		return err
	}
	const gap = 4
	img := image.NewGray(image.Rect(0, 0, 2*steps+gap, set.Len()*(keys+gap)))
	for i := range x.Values {
		n, t, key := i/(steps*keys), i/keys%steps, i%keys
		if t >= int(lengths.Values[n]) {
			continue
		}
		y := n*(keys+gap) + keys - 1 - key
		img.SetGray(t, y, color.Gray{Y: uint8(255 * x.Values[i])})
		img.SetGray(steps+gap+t, y, color.Gray{Y: uint8(255 * drawn[i])})
	}
	return r.Picture(title, img)
}
