package optim_test

import (
	"fmt"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// minimized returns w after some steps of an optimiser, where w starts at zeros and the
// loss is the sum of (w-target)^2, with targets 1, 10 and 100.
func minimized(o graph.Optimizer, steps int) []float64 {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{Training: true})
	w := b.Param("w", nil, 3)
	loss := b.Sum(b.Square(b.Sub(w, b.Constant([]float64{1, 10, 100}, 3))))
	optim.Minimize(b, o, graph.Task{Name: "loss", Loss: loss})
	program, err := b.Program()
	if err != nil {
		fmt.Println(err)
		return nil
	}
	m, err := cpu.Config{}.Compile(program)
	if err != nil {
		fmt.Println(err)
		return nil
	}
	defer m.Close()
	for range steps {
		if err := vm.Run(m); err != nil {
			fmt.Println(err)
			return nil
		}
	}
	return p.Get("w").Floats()
}

// In these examples, minimized takes steps towards 1, 10 and 100 from zeros. Gradient
// descent goes the same part of the way to each.
func ExampleSGD() {
	fmt.Printf("%.3f\n", minimized(optim.SGD{Rate: new(0.1)}, 2))
	fmt.Printf("%.3f\n", minimized(optim.SGD{Rate: new(0.1), Momentum: 0.9}, 2))
	fmt.Printf("%.3f\n", minimized(optim.SGD{Rate: new(0.1), Momentum: 0.9, Nesterov: true}, 2))
	// Output:
	// [0.360 3.600 36.000]
	// [0.540 5.400 54.000]
	// [0.778 7.776 77.760]
}

// The first steps have the length of the rate, whatever the gradient.
func ExampleAdam() {
	fmt.Printf("%.3f\n", minimized(optim.Adam{Rate: new(0.1)}, 2))
	fmt.Printf("%.3f\n", minimized(optim.Adam{Rate: new(0.1), AMSGrad: true}, 2))
	// Output:
	// [0.200 0.200 0.200]
	// [0.200 0.200 0.200]
}

func ExampleAdamW() {
	fmt.Printf("%.3f\n", minimized(optim.AdamW{Adam: optim.Adam{Rate: new(0.1)}, WeightDecay: new(1.0)}, 2))
	// Output: [0.190 0.190 0.190]
}

func ExampleAdamax() {
	fmt.Printf("%.3f\n", minimized(optim.Adamax{Rate: new(0.1)}, 2))
	// Output: [0.195 0.200 0.200]
}

func ExampleNAdam() {
	fmt.Printf("%.3f\n", minimized(optim.NAdam{Rate: new(0.1)}, 2))
	// Output: [0.180 0.184 0.184]
}

// The running mean starts at zero, so that the first steps are long.
func ExampleRMSprop() {
	fmt.Printf("%.3f\n", minimized(optim.RMSprop{Rate: new(0.01)}, 2))
	fmt.Printf("%.3f\n", minimized(optim.RMSprop{Rate: new(0.01), Centred: true, Momentum: 0.9}, 2))
	// Output:
	// [0.167 0.171 0.171]
	// [0.259 0.262 0.263]
}

// The steps become shorter as the squares of the gradient add up.
func ExampleAdagrad() {
	fmt.Printf("%.3f\n", minimized(optim.Adagrad{Rate: new(0.1)}, 2))
	// Output: [0.167 0.170 0.171]
}

// The steps depend on past steps rather than on the rate.
func ExampleAdadelta() {
	fmt.Printf("%.3f\n", minimized(optim.Adadelta{}, 2))
	// Output: [0.006 0.006 0.006]
}

// Every step has the length of the rate.
func ExampleLion() {
	fmt.Printf("%.3f\n", minimized(optim.Lion{Rate: new(0.1)}, 5))
	// Output: [0.500 0.500 0.500]
}

// While a weight is zero, LAMB's steps are Adam's. Then they are as long as the rate
// times the length of the weight.
func ExampleLAMB() {
	fmt.Printf("%.3f\n", minimized(optim.LAMB{Rate: new(0.1)}, 1))
	fmt.Printf("%.3f\n", minimized(optim.LAMB{Rate: new(0.1)}, 2))
	// Output:
	// [0.100 0.100 0.100]
	// [0.110 0.110 0.110]
}

// Muon moves the matrix of a dense layer, and AdamW its bias. Its step has about the
// length of the rate along each singular vector of the gradient.
func ExampleMuon() {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{Training: true})
	w, bias := b.Param("w", nil, 2, 2), b.Param("b", nil, 2)
	loss := b.Add(b.Sum(b.Mul(w, b.Constant([]float64{3, 0, 0, -2}, 2, 2))), b.Sum(bias))
	optim.Minimize(b, optim.Muon{Rate: new(0.02), Others: optim.Adam{Rate: new(0.001)}}, graph.Task{Name: "loss", Loss: loss})
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
	fmt.Printf("w %.3f, b %.3f\n", p.Get("w").Floats(), p.Get("b").Floats())
	// Output: w [-0.022 0.000 0.000 0.014], b [-0.001 -0.001]
}
