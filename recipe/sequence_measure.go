// What texts and music are measured by, besides losses.

package recipe

import (
	"context"
	"maps"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/smiles"
)

// How many samples are measured.
const (
	mostReconstructed = 2000
	mostSampled       = 1000
)

// measureSequences adds measures of texts and music to the means of an evaluation.
//
// Of music: "recon + kl, a step". Of texts: "reconstructed whole", the part of the first texts whose reconstruction
// is the text. Of 1,000 texts from the prior at temperature 1: "samples unique", the part that are different; "samples
// new", the part of these that the model was not trained on; for SMILES "samples valid", the part that pass smiles.Check,
// and then the other two are of the valid ones, as in MOSES (Polykovskiy et al. 2020).
func (r *Run) measureSequences(ctx context.Context, in *Input, means map[string]float64) error {
	if !in.Sequence.texts() {
		return perStep(in, means)
	}
	some := data.Limit(in, mostReconstructed)
	out, err := r.Model.Compute(some, graph.OutputRecon)
	if err != nil {
		return err
	}
	x, err := data.ArrayOf(some, graph.InputX)
	if err != nil {
		return err
	}
	texts, again := in.Sequence.of(x.Values, some.Len()).Texts, in.Sequence.of(out[0].Data, some.Len()).Texts
	same := 0
	for i := range texts {
		if texts[i] == again[i] {
			same++
		}
	}
	means["reconstructed whole"] = float64(same) / float64(len(texts))
	if _, prior := r.Model.Shape(graph.OutputPrior); !prior {
		return nil
	}
	drawn, err := r.GenerateSequences(ctx, Generation{N: mostSampled, Sampler: "prior", Seed: 1})
	if err != nil {
		return err
	}
	maps.Copy(means, r.measureTexts(ctx, in.Sequence, drawn.Texts))
	return nil
}

// perStep adds the bound on a step of music.
func perStep(in *Input, means map[string]float64) error {
	lengths, err := data.ArrayOf(in, graph.InputLengths)
	if err != nil {
		return err
	}
	steps := 0.0
	for _, n := range lengths.Values {
		steps += float64(n)
	}
	if kl, variational := means["kl"]; variational && steps > 0 {
		means["recon + kl, a step"] = (means["recon"] + kl) * float64(in.Len()) / steps
	}
	return nil
}

// measureTexts measures texts that were drawn.
func (r *Run) measureTexts(ctx context.Context, s *Sequence, texts []string) map[string]float64 {
	out := map[string]float64{}
	if s.Tokens == "smiles" {
		n := len(texts)
		texts = slices.DeleteFunc(slices.Clone(texts), func(t string) bool { return smiles.Check(t) != nil })
		out["samples valid"] = float64(len(texts)) / float64(max(1, n))
	}
	different := map[string]bool{}
	for _, t := range texts {
		different[t] = true
	}
	out["samples unique"] = float64(len(different)) / float64(max(1, len(texts)))
	trained, err := r.part(ctx, TrainPart)
	if err != nil {
		return out // the training texts are not on this machine
	}
	x, err := data.ArrayOf(trained, graph.InputX)
	if err != nil {
		return out
	}
	n := len(different)
	for _, t := range s.of(x.Values, trained.Len()).Texts {
		delete(different, t)
	}
	out["samples new"] = float64(len(different)) / float64(max(1, n))
	return out
}
