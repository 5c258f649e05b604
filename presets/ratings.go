package presets

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
)

// ratings are the presets that recommend items.
func ratings() []Preset {
	const (
		ndcg    = "nDCG@100"
		recall  = "Recall@20"
		dae     = "nDCG@100 of the denoising autoencoder"
		gain    = "nDCG@100 above the most popular items"
		ofIdeal = "share of the nDCG@100 of the true preferences"
	)
	return []Preset{movies(), {
		Name:    "multvae",
		Title:   "items recommended to users who were not trained on",
		Paper:   "Liang, Krishnan, Hoffman, Jebara, Variational autoencoders for collaborative filtering (2018)",
		Data:    "generated ratings with eight known factors, 500 items: 4,000 users to train on, 1,000 to test, of whose items four fifths are given and one fifth is to be found",
		Recipe:  "500-200-32-200-500, tanh, dropout .5, KL weight up to .2 over the first half; Adam 1e-3, batches of 100, 60 epochs; the denoising autoencoder likewise",
		Minutes: 1,
		Fast:    true,
		Figures: []Figure{{Metric: ndcg, Higher: true}, {Metric: recall, Higher: true}, {Metric: dae, Higher: true}, {Metric: gain, Higher: true, Target: .05}, {Metric: ofIdeal, Higher: true, Target: .85, Bound: 1}},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			const items = 500
			users, err := data.NewRatings(data.RatingsOptions{Users: 5000, Items: items, Seed: 1})
			if err != nil {
				return nil, err
			}
			training, test, err := data.Split(r.Limit(users), data.SplitOptions{Fraction: .2, Seed: 1})
			if err != nil {
				return nil, err
			}
			if training, err = wholeUsers(training, items); err != nil {
				return nil, err
			}
			values := map[string]float64{}
			for _, denoising := range []bool{false, true} {
				m := vae.Items{Config: vae.Config{Input: items, Hidden: []int{200}, Latent: 32, Beta: new(0.2)}, Denoising: denoising}
				o := train.Options{Batch: 100, Epochs: 60}
				stage := "denoising"
				if !denoising {
					stage = "variational"
					o.Schedules = map[string]train.Schedule{vae.InputBeta: train.WarmUp(.5, train.Constant(.2))}
				}
				p, err := r.Fit(ctx, stage, m, training, o)
				if err != nil {
					return nil, err
				}
				logits, err := r.Compute(m, p, test, "logits")
				if err != nil {
					return nil, err
				}
				score, err := rankHeld(test, logits[0].Data, 20)
				if err != nil {
					return nil, err
				}
				if denoising {
					values[dae] = score[0]
				} else {
					values[ndcg], values[recall] = score[0], score[1]
				}
			}
			popular, err := popularity(training, test.Len())
			if err != nil {
				return nil, err
			}
			preference, err := data.ArrayOf(test, "preference")
			if err != nil {
				return nil, err
			}
			byCount, err := rankHeld(test, popular, 20)
			if err != nil {
				return nil, err
			}
			ideal, err := rankHeld(test, preference.Values, 20)
			if err != nil {
				return nil, err
			}
			values[gain], values[ofIdeal] = values[ndcg]-byCount[0], values[ndcg]/ideal[0]
			r.Note("nDCG@100 and Recall@20 of the most popular items %.4f, %.4f, of the true preferences %.4f, %.4f", byCount[0], byCount[1], ideal[0], ideal[1])
			return values, nil
		},
	}}
}

// movies are the ratings of MovieLens, which are not ours to pass on.
func movies() Preset {
	const (
		ndcg   = "nDCG@100, one held out"
		recall = "Recall@100, one held out"
		source = "almightyGOSU/TheDatasetsDilemma, ML-100K, Mult-VAE; WMF .1310"
	)
	return Preset{
		Name:    "multvae-ml100k",
		Title:   "each user's last film, found among 1,349",
		Paper:   "Liang, Krishnan, Hoffman, Jebara, Variational autoencoders for collaborative filtering (2018)",
		Data:    "MovieLens 100K, ml-100k/u.data, users and films with five ratings or more: 943 x 1,349; trained on all but each user's last two, the last to be found given all before it",
		Recipe:  "1349-600-200-600-1349, tanh, dropout .5, KL weight up to .2 over the first half; Adam 1e-3, batches of 500, 100 epochs, both chosen by each user's last film but one",
		Minutes: 1,
		Figures: []Figure{{Metric: ndcg, Higher: true, Expected: .143, Source: source, Target: .14}, {Metric: recall, Higher: true, Expected: .529, Source: source, Target: .52}},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			path, err := r.File("ml-100k", "u.data")
			if err != nil {
				return nil, err
			}
			all, err := data.OpenRatings(path)
			if err != nil {
				return nil, err
			}
			training, err := data.LeaveOneOut{Least: 5, Back: 1}.Split(all)
			if err != nil {
				return nil, err
			}
			test, err := data.LeaveOneOut{Least: 5}.Split(all)
			if err != nil {
				return nil, err
			}
			films := training.Fields()[0].Shape[0]
			m := vae.Items{Config: vae.Config{Input: films, Beta: new(.2)}}
			p, err := r.Fit(ctx, "train", m, r.Limit(training), train.Options{
				Batch: 500, Epochs: 100, Schedules: map[string]train.Schedule{vae.InputBeta: train.WarmUp(.5, train.Constant(.2))},
			})
			if err != nil {
				return nil, err
			}
			logits, err := r.Compute(m, p, test, "logits")
			if err != nil {
				return nil, err
			}
			score, err := rankHeld(test, logits[0].Data, 100)
			return map[string]float64{ndcg: score[0], recall: score[1]}, err
		},
	}
}

// wholeUsers returns users with all their items, given and held out, as "x".
func wholeUsers(set data.Set, items int) (data.Set, error) {
	set, err := data.Select(set, graph.InputX, "held")
	if err != nil {
		return nil, err
	}
	whole, err := data.Map(set, []data.Field{{Name: graph.InputX, Shape: []int{items}}}, 0, func(_ int, _ *rand.Rand, from, to [][]float32) error {
		for k, v := range from[0] {
			to[0][k] = v + from[1][k]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	x, err := data.ArrayOf(whole, graph.InputX)
	if err != nil {
		return nil, err
	}
	return data.InMemory(x)
}

// popularity returns, for each of n users, how many users of a set have each item.
func popularity(set data.Set, n int) ([]float32, error) {
	x, err := data.ArrayOf(set, graph.InputX)
	if err != nil {
		return nil, err
	}
	items := x.Shape[0]
	counts := make([]float32, items)
	for i, v := range x.Values {
		counts[i%items] += v
	}
	var out []float32
	for range n {
		out = append(out, counts...)
	}
	return out, nil
}

// rankHeld ranks, for each user, the items that are not in "x" by scores [users, items],
// and returns the mean nDCG@100 and Recall@k of those in "held", over users that have
// any.
func rankHeld(set data.Set, scores []float32, k int) (means [2]float64, err error) {
	x, err := data.ArrayOf(set, graph.InputX)
	if err != nil {
		return means, err
	}
	held, err := data.ArrayOf(set, "held")
	if err != nil {
		return means, err
	}
	items, n := x.Shape[0], 0.0
	for u := range set.Len() {
		of := make([]float64, items)
		var seen, wanted []int
		for i := range items {
			of[i] = float64(scores[u*items+i])
			if x.Values[u*items+i] > 0 {
				seen = append(seen, i)
			}
			if held.Values[u*items+i] > 0 {
				wanted = append(wanted, i)
			}
		}
		if len(wanted) == 0 {
			continue
		}
		top := metrics.Top(of, seen, 100)
		means[0] += metrics.NDCG(top, wanted, 100)
		means[1] += metrics.Recall(top, wanted, k)
		n++
	}
	if n == 0 {
		return means, fmt.Errorf("no user of %d has an item that is held out", set.Len())
	}
	return [2]float64{means[0] / n, means[1] / n}, nil
}
