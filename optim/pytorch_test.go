package optim_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
)

// args are the arguments of an optimiser of PyTorch's.
type args map[string]any

// TestTrajectoriesAreThoseOfPyTorch trains the same problem with PyTorch. Set
// STHENO_PYTHON to a Python that has it.
func TestTrajectoriesAreThoseOfPyTorch(t *testing.T) {
	python := os.Getenv("STHENO_PYTHON")
	if python == "" {
		t.Skip("set STHENO_PYTHON to a Python interpreter that has PyTorch, such as venv/bin/python, to compare with its optimisers")
	}
	if err := exec.Command(python, "-c", "import torch").Run(); err != nil {
		t.Skipf("the Python in STHENO_PYTHON has no PyTorch: %v", err)
	}
	type pytorchCase struct {
		Optimizer string          `json:"optimizer"`
		Args      args            `json:"args"`
		Clip      float64         `json:"clip"`
		opt       graph.Optimizer // ours
	}
	cases := []pytorchCase{
		{"SGD", args{"lr": 0.1}, 0, optim.SGD{Rate: new(0.1)}},
		{"SGD", args{"lr": 0.05, "momentum": 0.9, "weight_decay": 0.01}, 0, optim.SGD{Rate: new(0.05), Momentum: 0.9, WeightDecay: 0.01}},
		{"SGD", args{"lr": 0.05, "momentum": 0.9, "nesterov": true}, 0, optim.SGD{Rate: new(0.05), Momentum: 0.9, Nesterov: true}},
		{"SGD", args{"lr": 0.1}, 0.05, optim.ClipValue{Limit: 0.05, Optimizer: optim.SGD{Rate: new(0.1)}}},
		{"RMSprop", args{}, 0, optim.RMSprop{}},
		{"RMSprop", args{"centered": true}, 0, optim.RMSprop{Centred: true}},
		{"RMSprop", args{"lr": 1e-3, "alpha": 0.9, "momentum": 0.8, "centered": true}, 0, optim.RMSprop{Rate: new(1e-3), Decay: new(0.9), Momentum: 0.8, Centred: true}},
		{"Adagrad", args{}, 0, optim.Adagrad{}},
		{"Adagrad", args{"lr": 0.1, "lr_decay": 0.05, "initial_accumulator_value": 0.2}, 0, optim.Adagrad{Rate: new(0.1), RateDecay: 0.05, InitialSum: 0.2}},
		{"Adadelta", args{}, 0, optim.Adadelta{}},
		{"Adam", args{}, 0, optim.Adam{}},
		{"Adam", args{"lr": 0.05, "betas": []float64{0.9, 0.5}, "amsgrad": true}, 0, optim.Adam{Rate: new(0.05), Beta2: new(0.5), AMSGrad: true}},
		{"AdamW", args{}, 0, optim.AdamW{}},
		{"AdamW", args{"lr": 0.01, "weight_decay": 0.1, "amsgrad": true}, 0, optim.AdamW{Adam: optim.Adam{Rate: new(0.01), AMSGrad: true}, WeightDecay: new(0.1)}},
		{"Adamax", args{}, 0, optim.Adamax{}},
		{"NAdam", args{}, 0, optim.NAdam{}},
		{"NAdam", args{"lr": 0.01, "momentum_decay": 0.5}, 0, optim.NAdam{Rate: new(0.01), MomentumDecay: new(0.5)}},
		{"Muon", args{}, 0, optim.Muon{}},
		{"Muon", args{"lr": 0.02, "weight_decay": 0.01, "nesterov": false, "adjust_lr_fn": "match_rms_adamw"}, 0,
			optim.Muon{Rate: new(0.02), WeightDecay: new(0.01), NoNesterov: true, MatchAdamW: true, Others: optim.AdamW{}}},
	}
	given := map[string]any{"x": problemX, "y": problemY, "steps": 100, "cases": cases}
	for _, p := range problemStart() {
		given[p.name] = p.w
	}
	text, err := json.Marshal(given)
	require.NoError(t, err)
	run := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "trajectory.py"))
	var said bytes.Buffer
	run.Stdin, run.Stderr = bytes.NewReader(text), &said
	out, err := run.Output()
	require.NoError(t, err, "%s", said.String())
	var theirs [][][]float64
	require.NoError(t, json.Unmarshal(out, &theirs))
	require.Len(t, theirs, len(cases))
	for i, c := range cases {
		arguments, err := json.Marshal(c.Args)
		require.NoError(t, err)
		t.Run(c.Optimizer+string(arguments), func(t *testing.T) {
			if theirs[i] == nil {
				t.Skipf("this PyTorch has no %s", c.Optimizer)
			}
			requireClose(t, theirs[i], trajectory(t, cpu.Config{}, graph.NewParams(graph.Float64, 1), c.opt, 100), 1e-8)
		})
	}
}
