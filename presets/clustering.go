package presets

import (
	"context"
	"slices"

	"github.com/stheno-ml/stheno/cluster"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/train"
)

// clustering are the presets that find classes without labels.
func clustering() []Preset {
	const source = "XifengGuo/DEC-keras, README, mean of 10"
	return []Preset{
		embedded("dec", "mnist", "MNIST", [2]Figure{
			{Metric: "ACC", Higher: true, Expected: .912, Source: source, Target: .88},
			{Metric: "NMI", Higher: true, Expected: .869, Source: source, Target: .84},
		}),
		embedded("dec-fashion", "fashion-mnist", "Fashion-MNIST", [2]Figure{
			{Metric: "ACC", Higher: true, Expected: .618, Source: source, Target: .60},
			{Metric: "NMI", Higher: true, Expected: .651, Source: source, Target: .64},
		}),
	}
}

// embedded is deep embedded clustering of Xie et al. (2016) on a data set.
func embedded(name, set, title string, figures [2]Figure) Preset {
	const gain = "ACC above k-means on the autoencoder's codes"
	return Preset{
		Name:    name,
		Title:   "ten clusters of " + title + " found without labels",
		Paper:   "Xie, Girshick, Farhadi, Unsupervised deep embedding for clustering analysis (2016)",
		Data:    title + ", all 70,000 images to train on and to score; labels only to score",
		Recipe:  "784-500-500-2000-10, ReLU, squared error; Adam 1e-3 with a cosine, batches of 256, 60 epochs; k-means, 20 starts; SGD .01, momentum .9, target every 140 steps, until fewer than .1 % of the images change their cluster, 100 rounds at most",
		Minutes: 25,
		Figures: append(figures[:], Figure{Metric: "ARI", Higher: true}, Figure{Metric: gain, Higher: true, Target: .02}),
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			all, label, err := openAll(ctx, r, set)
			if err != nil {
				return nil, err
			}
			m := dense.Clustering{Config: dense.Config{Hidden: []int{500, 500, 2000, 10}, CodeActivation: "linear", Loss: graph.MSE}}
			p, err := r.Fit(ctx, "autoencoder", m.Config, all, train.Options{
				Batch: 256, Epochs: 60, Schedules: map[string]train.Schedule{"rate": train.Cosine(1e-3, 1e-5)},
			})
			if err != nil {
				return nil, err
			}
			assigned, before, err := findClusters(ctx, r, m, p, all, rounds{most: r.Size(100, 2), steps: r.Size(140, 2), changes: 1e-3})
			if err != nil {
				return nil, err
			}
			values, err := scoreClusters(label, assigned)
			if err != nil {
				return nil, err
			}
			first, err := scoreClusters(label, before)
			if err != nil {
				return nil, err
			}
			values[gain] = values["ACC"] - first["ACC"]
			if err := drawClusters(r, all, assigned); err != nil {
				return nil, err
			}
			r.Note("k-means on the autoencoder's codes: ACC %.4f, NMI %.4f, ARI %.4f", first["ACC"], first["NMI"], first["ARI"])
			return values, nil
		},
	}
}

// openAll returns training and test images as one set in memory, and their classes.
func openAll(ctx context.Context, r *Run, name string) (data.Set, []int, error) {
	training, test, err := r.Open(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	all := data.Array{Name: graph.InputX}
	var label []int
	for _, set := range []data.Set{training, test} {
		x, err := data.ArrayOf(set, graph.InputX)
		if err != nil {
			return nil, nil, err
		}
		y, err := data.ArrayOf(set, graph.InputLabel)
		if err != nil {
			return nil, nil, err
		}
		all.Shape, all.Values = x.Shape, append(all.Values, x.Values...)
		for _, v := range y.Values {
			label = append(label, int(v))
		}
	}
	set, err := data.InMemory(all)
	return set, label, err
}

// drawClusters draws a row for each cluster: the first twelve images that are in it.
func drawClusters(r *Run, set data.Set, assigned []int) error {
	if r.Untrained {
		return nil
	}
	x, err := data.ArrayOf(set, graph.InputX)
	if err != nil {
		return err
	}
	const columns = 12
	size := graph.Shape(x.Shape).Size()
	rows := make([][]float32, slices.Max(assigned)+1)
	for i, c := range assigned {
		if len(rows[c]) < columns*size {
			rows[c] = append(rows[c], x.Values[i*size:(i+1)*size]...)
		}
	}
	for i, row := range rows {
		rows[i] = append(row, make([]float32, columns*size-len(row))...)
	}
	return r.Grid("clusters", x.Shape, rows...)
}

// rounds are the settings of clustering.
type rounds struct {
	most    int     // rounds
	steps   int     // of training in a round
	changes float64 // the share of samples whose change of cluster ends it
}

// findClusters finds the clusters of samples by the codes of a pretrained model. It returns them
// at the end and before the first round. It is not resumed: it starts again from the
// pretrained weights.
func findClusters(ctx context.Context, r *Run, m dense.Clustering, p *graph.Params, set data.Set, of rounds) (assigned, before []int, err error) {
	if r.Untrained {
		of.most = -1
	}
	found, err := cluster.Embedded{
		Starts: r.Size(20, 1), Rounds: of.most, Steps: of.steps, Changes: of.changes, Seed: r.Seed, Progress: r.Progress, Name: r.Name,
	}.Fit(ctx, m.Config, m, set, train.Options{Backend: r.Backend, Params: p})
	if err != nil {
		return nil, nil, err
	}
	return found.Cluster, found.Start, nil
}

func scoreClusters(label, assigned []int) (map[string]float64, error) {
	a, err := cluster.Scores(label, assigned)
	return map[string]float64{"ACC": a.Accuracy, "NMI": a.NMI, "ARI": a.ARI}, err
}
