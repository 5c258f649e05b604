package optim_test

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// In these examples, minimized takes steps towards 1, 10 and 100 from zeros: the first
// gradients are -2, -20 and -200.
func ExampleClipValue() {
	fmt.Printf("%.3f\n", minimized(optim.ClipValue{Limit: 10, Optimizer: optim.SGD{Rate: new(0.1)}}, 1))
	// Output: [0.200 1.000 1.000]
}

// The gradient keeps its direction.
func ExampleClipNorm() {
	fmt.Printf("%.3f\n", minimized(optim.ClipNorm{Norm: 10, Optimizer: optim.SGD{Rate: new(0.1)}}, 1))
	// Output: [0.010 0.099 0.995]
}

// The length of all gradients before clipping is an output of the step.
func ExampleClipGlobalNorm() {
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{Training: true})
	w, v := b.Param("w", nil, 1), b.Param("v", nil, 1)
	loss := b.Add(b.Sum(b.Scale(w, 3)), b.Sum(b.Scale(v, 4)))
	optim.Minimize(b, optim.ClipGlobalNorm{Norm: 1, Output: "grad norm", Optimizer: optim.SGD{Rate: new(1.0)}}, graph.Task{Name: "loss", Loss: loss})
	step, err := b.Program()
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := cpu.Config{}.Compile(step)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	if err := vm.Run(m); err != nil {
		fmt.Println(err)
		return
	}
	norm, err := m.Number("loss/grad norm")
	fmt.Println(norm, err)
	fmt.Printf("w %.1f, v %.1f\n", p.Get("w").Floats(), p.Get("v").Floats())
	// Output:
	// 5 <nil>
	// w [-0.6], v [-0.8]
}

// With an L1 penalty of 3, the first weight stays close to 0. An L2 penalty makes all
// weights smaller in proportion.
func ExamplePenalty() {
	sgd := optim.SGD{Rate: new(0.01)}
	fmt.Printf("%.1f\n", minimized(optim.Penalty{L1: 3, Optimizer: sgd}, 1000))
	fmt.Printf("%.1f\n", minimized(optim.Penalty{L2: 2, Optimizer: sgd}, 1000))
	// Output:
	// [0.0 8.5 98.5]
	// [0.5 5.0 50.0]
}

// Weights that match a pattern decay, in addition to the steps of Lion.
func ExampleWeightDecay() {
	o := optim.WeightDecay{Decay: new(0.1), Weights: []string{"w*"}, Optimizer: optim.Lion{Rate: new(0.1)}}
	fmt.Printf("%.4f\n", minimized(o, 2))
	// Output: [0.1990 0.1990 0.1990]
}

// The average of the weights over steps is kept beside them, for evaluation.
func ExampleMovingAverage() {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{Training: true})
	loss := b.Sum(b.Scale(b.Param("w", nil, 1), -1))
	optim.Minimize(b, optim.MovingAverage{Decay: new(0.5), Optimizer: optim.SGD{Rate: new(1.0)}}, graph.Task{Name: "loss", Loss: loss})
	step, err := b.Program()
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := cpu.Config{}.Compile(step)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	for range 3 {
		if err := vm.Run(m); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("w %.3f, average %.3f\n", p.Get("w").Floats(), p.Get("loss/average/w").Floats())
	}
	averaged, err := optim.Averaged(p, "loss")
	if err != nil {
		fmt.Println(err)
		return
	}
	graph.New(averaged, graph.Config{}).Param("w", nil, 1)
	fmt.Printf("for evaluation %.3f\n", averaged.Get("w").Floats())
	// Output:
	// w [1.000], average [1.000]
	// w [2.000], average [1.667]
	// w [3.000], average [2.429]
	// for evaluation [2.429]
}

// The encoder learns slowly, by its own rule and rate. A schedule of "rate" would set the
// rates "loss/rate" and "loss/slow/rate".
func ExampleByName() {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{Training: true})
	loss := b.Add(b.Sum(b.Param("encoder/w", nil, 1)), b.Sum(b.Param("decoder/w", nil, 1)))
	optim.Minimize(b, optim.ByName{
		Rules:     []optim.Rule{{Name: "slow", Weights: []string{"encoder/*"}, Optimizer: optim.Adam{Rate: new(0.001)}}},
		Optimizer: optim.SGD{Rate: new(0.5)},
	}, graph.Task{Name: "loss", Loss: loss})
	step, err := b.Program()
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := cpu.Config{}.Compile(step)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	if err := vm.Run(m); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("encoder %.3f, decoder %.3f\n", p.Get("encoder/w").Floats(), p.Get("decoder/w").Floats())
	for _, in := range step.Inputs() {
		fmt.Println(in.Name, in.Default)
	}
	// Output:
	// encoder [-0.001], decoder [-0.500]
	// loss/rate 0.5
	// loss/slow/rate 0.001
}

// A batch of four samples goes through a model for two at a time. It takes the step of
// the whole batch: their mean is 4, so that w goes from 0 to 4 at rate 0.5.
func ExampleAccumulate() {
	p := graph.NewParams(graph.Float64, 1)
	var machines []vm.Machine
	for _, last := range []bool{false, true} {
		b := graph.New(p, graph.Config{Training: true})
		loss := b.Mean(b.Square(b.Sub(b.Param("w", nil, 1), b.Input("x", 2))))
		task := graph.Task{Name: "loss", Loss: loss}
		if last {
			optim.MinimizeAccumulated(b, optim.SGD{Rate: new(0.5)}, task)
		} else {
			optim.Accumulate(b, task)
		}
		program, err := b.Program()
		if err != nil {
			fmt.Println(err)
			return
		}
		m, err := cpu.Config{}.Compile(program)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer m.Close()
		machines = append(machines, m)
	}
	batch := []float64{1, 3, 5, 7}
	for i, m := range machines {
		if err := m.Set("loss/share", 0.5); err != nil {
			fmt.Println(err)
			return
		}
		if err := m.SetFloats("x", batch[2*i:2*i+2]); err != nil {
			fmt.Println(err)
			return
		}
		if err := vm.Run(m); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("w", p.Get("w").Floats(), "sum", p.Get("loss/sum/w").Floats())
	}
	// Output:
	// w [0] sum [-2]
	// w [4] sum [0]
}

// Only the length of the gradients is wanted.
func ExampleClipGlobalNorm_withoutClipping() {
	fmt.Printf("%.1f\n", minimized(optim.ClipGlobalNorm{Norm: math.Inf(1), Output: "grad norm", Optimizer: optim.SGD{Rate: new(0.1)}}, 1))
	// Output: [0.2 2.0 20.0]
}
