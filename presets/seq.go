package presets

import (
	"context"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// sequences are presets of recurrent autoencoders of series of values.
func sequences() []Preset { return []Preset{ecgLSTM(), lstmRows(), musicVAE()} }

// ecgLSTM finds abnormal heartbeats by their reconstruction error.
func ecgLSTM() Preset {
	const area, precision = "ROC-AUC", "average precision"
	return Preset{
		Name:    "ecg-lstm",
		Title:   "abnormal heartbeats by an LSTM autoencoder of normal ones",
		Paper:   "Malhotra et al., LSTM-based Encoder-Decoder for Multi-sensor Anomaly Detection (2016)",
		Data:    "ECG5000, 2,335 normal beats to train on; 584 normal and 2,081 abnormal ones to test; each step scaled to [0,1] by the training beats",
		Recipe:  "140x1, LSTM 64, code 16, LSTM 64, mean squared error; Adam 3e-3 to 1e-4 by a cosine, batches of 32, 30 epochs",
		Minutes: 2,
		Figures: []Figure{
			{Metric: area, Higher: true, Expected: .987, Source: "PCA; .992 by the five nearest neighbours", Target: .99},
			{Metric: precision, Higher: true},
		},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			training, test, abnormal, err := heartbeats(r)
			if err != nil {
				return nil, err
			}
			m := seq.Config{Steps: 140, Features: 1, Hidden: []int{64}, Code: 16, Loss: graph.MSE}
			p, err := r.Fit(ctx, "train", m, training, train.Options{
				Batch: 32, Epochs: 30, Optimizer: optim.Adam{Rate: new(3e-3)},
				Schedules: map[string]train.Schedule{"rate": train.Cosine(3e-3, 1e-4)},
			})
			if err != nil {
				return nil, err
			}
			out, err := r.Compute(m, p, test, graph.OutputScore)
			if err != nil {
				return nil, err
			}
			scores := make([]float64, test.Len())
			for i, v := range out[0].Data {
				scores[i] = float64(v)
			}
			return map[string]float64{area: metrics.ROCAUC(scores, abnormal), precision: metrics.AveragePrecision(scores, abnormal)}, nil
		},
	}
}

// heartbeats returns the normal beats to train on, all beats to test on, as sequences
// [140, 1], and which of the latter are abnormal.
func heartbeats(r *Run) (training, test data.Set, abnormal []bool, err error) {
	var arrays []data.Array
	for _, name := range []string{"train_data.npy", "test_data.npy", "test_labels.npy"} {
		path, err := r.File("timeseries", "ecg5000", name)
		if err != nil {
			return nil, nil, nil, err
		}
		a, err := data.OpenNPY(path)
		if err != nil {
			return nil, nil, nil, err
		}
		arrays = append(arrays, a)
	}
	for i := range arrays[:2] {
		arrays[i].Shape = append(slices.Clone(arrays[i].Shape), 1)
	}
	if training, err = data.InMemory(arrays[0]); err != nil {
		return nil, nil, nil, err
	}
	if test, err = data.InMemory(arrays[1]); err != nil {
		return nil, nil, nil, err
	}
	for _, label := range arrays[2].Values {
		abnormal = append(abnormal, label != 0)
	}
	return r.Limit(training), test, abnormal, nil
}

// lstmRows reads digits row by row.
func lstmRows() Preset {
	const mse = "test MSE"
	return Preset{
		Name:    "lstm-rows",
		Title:   "digits as 28 steps of 28 pixels",
		Paper:   "Srivastava et al., Unsupervised Learning of Video Representations using LSTMs (2015)",
		Data:    "MNIST, 60,000 to train on, 10,000 to test",
		Recipe:  "28x28, LSTM 128, code 32, LSTM 128, cross entropy; Adam 2e-3 to 1e-4 by a cosine, batches of 128, 20 epochs",
		Minutes: 6,
		Figures: []Figure{{Metric: mse, Target: .0110}},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			images, test, err := r.Open(ctx, "mnist")
			if err != nil {
				return nil, err
			}
			training, err := rows(images)
			if err != nil {
				return nil, err
			}
			if test, err = rows(test); err != nil {
				return nil, err
			}
			m := seq.Config{}
			p, err := r.Fit(ctx, "train", m, training, train.Options{
				Epochs: 20, Optimizer: optim.Adam{Rate: new(2e-3)},
				Schedules: map[string]train.Schedule{"rate": train.Cosine(2e-3, 1e-4)},
			})
			if err != nil {
				return nil, err
			}
			means, err := r.Evaluate(ctx, m, p, test)
			if err != nil {
				return nil, err
			}
			shown := data.Limit(test, 12)
			x, err := data.ArrayOf(shown, graph.InputX)
			if err != nil {
				return nil, err
			}
			recon, err := r.Compute(m, p, shown, graph.OutputRecon)
			if err != nil {
				return nil, err
			}
			return map[string]float64{mse: means[train.MSE]}, r.Grid("reconstructions", []int{1, 28, 28}, x.Values, recon[0].Data)
		},
	}
}

// rows takes images [1,28,28] to sequences of their rows [28,28].
func rows(images data.Set) (data.Set, error) {
	return data.Reshape(images, graph.InputX, 28, 28)
}
