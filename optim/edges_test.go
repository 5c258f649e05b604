package optim_test

import (
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/optim"
)

func TestNoArgumentMakesAnOptimizerPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		p := graph.NewParams(graph.Float32, 1)
		b := graph.New(p, graph.Config{Training: true})
		w, x := b.Param("w", nil, 2), b.Input("x", 2)
		loss := b.Sum(b.Mul(w, x))
		task := graph.Task{Name: "loss", Loss: loss}
		matrix := b.Param("matrix", nil, 2, 3)
		return []any{optim.SGD{}, optim.SGD{Momentum: .9}, optim.Adam{}, optim.Adam{AMSGrad: true}, optim.AdamW{}, optim.RMSprop{},
				optim.RMSprop{Centred: true, Momentum: .9}, optim.Adagrad{}, optim.Adagrad{RateDecay: .1}, optim.Adadelta{}, optim.Adamax{},
				optim.NAdam{}, optim.Lion{}, optim.LAMB{}, optim.Muon{}, optim.ClipValue{}, optim.ClipNorm{}, optim.ClipGlobalNorm{Output: "norm"},
				optim.Penalty{L1: 1, L2: 1}, optim.WeightDecay{Weights: []string{"w"}}, optim.MovingAverage{}, optim.WeightDecay{Optimizer: optim.ByName{}},
				optim.WeightDecay{Optimizer: optim.ByName{Rules: []optim.Rule{{Name: "a", Weights: []string{"w"}, Optimizer: optim.Muon{}}}}}},
			map[string]any{"Minimize": optim.Minimize, "MinimizeAccumulated": optim.MinimizeAccumulated, "Accumulate": optim.Accumulate, "Averaged": optim.Averaged, "AverageOf": optim.AverageOf, "IsSum": optim.IsSum},
			[]any{b, p, w, x, matrix, []*graph.Node{w, matrix}, loss, b.Scalar("rate", 1), optim.SGD{}, optim.Adam{}, task,
				graph.Task{Loss: x}, graph.Task{Loss: loss, Trains: []string{}}, graph.Task{Loss: loss, Trains: []string{"", "!", "*", "?"}}}
	})
}
