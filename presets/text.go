package presets

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/smiles"
	"github.com/stheno-ml/stheno/train"
)

// text are presets of variational autoencoders of texts.
func text() []Preset { return []Preset{charVAE(), smilesVAE()} }

// charVAE learns first names, letter by letter.
func charVAE() Preset {
	const (
		bound   = "test -ELBO, nats a name"
		kl      = "KL, nats a name"
		right   = "letters reconstructed"
		sampled = "samples new and plausible"
	)
	return Preset{
		Name:    "char-vae",
		Title:   "a variational autoencoder of first names",
		Paper:   "Bowman et al., Generating Sentences from a Continuous Space (2016)",
		Data:    "29,494 different first names, nine tenths to train on and a tenth to test, drawn once for all seeds",
		Recipe:  "embedding 32, bidirectional GRU 128, code 16, GRU 128; a fifth of the letters hidden from the decoder, .15 nats a dimension free, beta 0 to 1 over the first half; Adam 3e-3 to 1e-4 by a cosine, batches of 128, 20 epochs",
		Minutes: 3,
		Figures: []Figure{
			{Metric: bound, Expected: 15.95, Source: "a trigram model of the same names; 17.58 by a bigram model", Target: 15.95},
			{Metric: kl, Higher: true, Target: 2},
			{Metric: right, Higher: true},
			{Metric: sampled, Higher: true, Target: .5},
		},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			path, err := r.File("text", "names.txt")
			if err != nil {
				return nil, err
			}
			lines, err := data.OpenLines(path)
			if err != nil {
				return nil, err
			}
			c, err := newCorpus(r, lines, func(s string) ([]string, error) { return data.Characters(s), nil })
			if err != nil {
				return nil, err
			}
			m := seq.VAE{FreeBits: .15, Config: seq.Config{
				Steps: c.steps, Vocabulary: c.vocabulary.Size(), Hidden: []int{128}, Code: 16, Cell: seq.GRU,
				Bidirectional: true, TeacherForcing: true, WordDropout: .2, Lengths: true,
			}}
			p, err := r.Fit(ctx, "train", m, c.training, train.Options{
				Epochs: 20, Optimizer: optim.Adam{Rate: new(3e-3)},
				Schedules: map[string]train.Schedule{"rate": train.Cosine(3e-3, 1e-4), "beta": train.WarmUp(.5, train.Constant(1))},
			})
			if err != nil {
				return nil, err
			}
			means, err := r.Evaluate(ctx, m, p, c.test)
			if err != nil {
				return nil, err
			}
			samples, err := c.sample(r, m, p, r.Size(1000, 20))
			if err != nil {
				return nil, err
			}
			for order := 2; order <= 3; order++ {
				r.Note("a %d-gram model of the same names: %.2f nats a name", order, c.ngramNats(order))
			}
			trigrams := newNgram(3, c.vocabulary.Size(), c.numbers[0])
			plausible := 0
			for _, s := range samples {
				if trigrams.knows(s) && !c.known[c.write(s)] {
					plausible++
				}
			}
			c.show(r, samples)
			return map[string]float64{
				bound: means["recon"] + means["kl"], kl: means["kl"], right: means[seq.MetricAccuracy],
				sampled: float64(plausible) / float64(len(samples)),
			}, nil
		},
	}
}

// smilesVAE learns molecules, token by token.
func smilesVAE() Preset {
	const (
		bound = "test recon + KL, nats a molecule"
		valid = "samples well formed"
		bonds = "samples well formed with possible valences"
		right = "tokens reconstructed"
		kl    = "KL, nats a molecule"
		fresh = "well-formed samples that are different and new"
	)
	return Preset{
		Name:    "smiles-vae",
		Title:   "a variational autoencoder of molecules as SMILES",
		Paper:   "Gómez-Bombarelli et al., Automatic Chemical Design (2018); data and figures: Polykovskiy et al., MOSES (2020)",
		Data:    "the 176,074 molecules of MOSES' test set, nine tenths to train on and a tenth to test, drawn once for all seeds",
		Recipe:  "embedding 32, GRU 256, code 64, GRU 256; beta 0 to .6 over the first half; Adam 3e-3 to 1e-4 by a cosine, batches of 64, 4 epochs",
		Minutes: 12,
		Figures: []Figure{
			{Metric: bound},
			{Metric: valid, Higher: true, Expected: .977, Source: "MOSES' VAE, by RDKit, which also checks valences and aromaticity; trained on nine times the molecules", Target: .85},
			{Metric: bonds, Higher: true},
			{Metric: right, Higher: true, Target: .5},
			{Metric: kl, Higher: true, Target: 5},
			{Metric: fresh, Higher: true},
		},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			path, err := r.File("molecules", "moses-test.csv.gz")
			if err != nil {
				return nil, err
			}
			lines, err := data.OpenLines(path)
			if err != nil {
				return nil, err
			}
			c, err := newCorpus(r, lines[1:], smiles.Tokens) // the first line is a header
			if err != nil {
				return nil, err
			}
			m := seq.VAE{Config: seq.Config{
				Steps: c.steps, Vocabulary: c.vocabulary.Size(), Hidden: []int{256}, Code: 64, Cell: seq.GRU,
				TeacherForcing: true, Lengths: true,
			}}
			p, err := r.Fit(ctx, "train", m, c.training, train.Options{
				Batch: 64, Epochs: 4, Optimizer: optim.Adam{Rate: new(3e-3)},
				Schedules: map[string]train.Schedule{"rate": train.Cosine(3e-3, 1e-4), "beta": train.WarmUp(.5, train.Constant(.6))},
			})
			if err != nil {
				return nil, err
			}
			means, err := r.Evaluate(ctx, m, p, data.Limit(c.test, r.Size(5000, 200)))
			if err != nil {
				return nil, err
			}
			samples, err := c.sample(r, m, p, r.Size(2000, 20))
			if err != nil {
				return nil, err
			}
			formed, possible, different := 0, 0, map[string]bool{}
			for _, s := range samples {
				molecule := c.write(s)
				parsed, err := smiles.Parse(molecule)
				if err != nil {
					continue
				}
				formed++
				if parsed.Valences() == nil && parsed.Kekule() == nil {
					possible++
				}
				if !c.known[molecule] {
					different[molecule] = true
				}
			}
			c.show(r, samples)
			n := float64(len(samples))
			return map[string]float64{
				bound: means["recon"] + means["kl"], kl: means["kl"], right: means[seq.MetricAccuracy],
				valid: float64(formed) / n, bonds: float64(possible) / n, fresh: float64(len(different)) / max(1, float64(formed)),
			}, nil
		},
	}
}

// corpus is texts to train on and to test on.
type corpus struct {
	vocabulary     *data.Vocabulary // of the texts to train on
	steps          int              // of the longest text and its end
	training, test data.Set
	numbers        [2][][]int      // the tokens of the texts to train on and to test on
	known          map[string]bool // the texts to train on
}

// newCorpus parts the texts, each taken once, into nine tenths to train on and a tenth to test on, the same
// for all seeds.
func newCorpus(r *Run, texts []string, cut func(string) ([]string, error)) (*corpus, error) {
	seen := map[string]bool{}
	texts = slices.DeleteFunc(slices.Clone(texts), func(t string) bool {
		again := seen[t]
		seen[t] = true
		return again
	})
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(texts), func(i, k int) { texts[i], texts[k] = texts[k], texts[i] })
	if n := 2 * r.Trial.Samples; n > 0 {
		texts = texts[:min(n, len(texts))]
	}
	all := make([][]string, len(texts))
	for i, t := range texts {
		var err error
		if all[i], err = cut(t); err != nil {
			return nil, err
		}
	}
	n := len(all) * 9 / 10
	c := &corpus{vocabulary: data.NewVocabulary(all[:n], 0), known: map[string]bool{}}
	for i, t := range all {
		c.steps = max(c.steps, len(t)+1)
		var numbers []int
		for _, token := range t {
			numbers = append(numbers, c.vocabulary.Number(token))
		}
		if i < n {
			c.numbers[0], c.known[texts[i]] = append(c.numbers[0], numbers), true
		} else {
			c.numbers[1] = append(c.numbers[1], numbers)
		}
	}
	var err error
	if c.training, err = data.Text(all[:n], c.vocabulary, c.steps); err != nil {
		return nil, err
	}
	c.test, err = data.Text(all[n:], c.vocabulary, c.steps)
	return c, err
}

// write is the text of token numbers.
func (c *corpus) write(numbers []int) string { return strings.Join(c.vocabulary.Tokens(numbers), "") }

// sample draws n texts from codes of the prior.
func (c *corpus) sample(r *Run, m seq.VAE, p *graph.Params, n int) ([][]int, error) {
	codes, err := r.priorCodes(m, p, n)
	if err != nil {
		return nil, err
	}
	return r.generate(m.Config, p, codes, 1)
}

// show notes a few texts.
func (c *corpus) show(r *Run, samples [][]int) {
	var texts []string
	for _, s := range samples[:min(10, len(samples))] {
		texts = append(texts, c.write(s))
	}
	r.Note("samples: %s", strings.Join(texts, " "))
}

// ngramNats is -log p of a test text by an n-gram model of the texts to train on, the
// mean over the texts.
func (c *corpus) ngramNats(order int) float64 {
	m, sum := newNgram(order, c.vocabulary.Size(), c.numbers[0]), 0.0
	for _, t := range c.numbers[1] {
		sum += m.nats(t)
	}
	return sum / float64(len(c.numbers[1]))
}
