package dense_test

import (
	"fmt"
	"log"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

func ExampleConfig_Summary() {
	s, err := dense.Config{}.Summary()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(s)
	// Output:
	// dense autoencoder 784-128-64-32-64-128-784 relu bce
	// ------------------------------------
	// Layer        Kind   Output   Weights
	// ------------------------------------
	// encoder/fc1  Dense  [N 128]  100,480
	// encoder/fc2  Dense  [N 64]     8,256
	// encoder/fc3  Dense  [N 32]     2,080
	// decoder/fc1  Dense  [N 64]     2,112
	// decoder/fc2  Dense  [N 128]    8,320
	// decoder/fc3  Dense  [N 784]  101,136
	// ------------------------------------
	// Trainable weights: 222,384 (868.7 KiB)
	// States: 0 (0 B)
}

// A linear autoencoder with a code of one number learns that the points are on a
// line.
func ExampleConfig_Build() {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	net := dense.Config{Input: 2, Hidden: []int{1}, Activation: "linear", Loss: graph.MSE}.Build(b, 4)
	task := net.Tasks[0]
	optim.Minimize(b, optim.Adam{Rate: new(0.1)}, task)
	b.Output(task.Name, task.Loss)
	p, err := b.Program()
	if err != nil {
		log.Fatal(err)
	}
	m, err := cpu.Config{}.Compile(p)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	if err := m.Feed("x", []float32{0, 0, 1, 2, 2, 4, 3, 6}); err != nil {
		log.Fatal(err)
	}
	for range 300 {
		if err := vm.Run(m); err != nil {
			log.Fatal(err)
		}
	}
	loss, err := m.Number(task.Name)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s below 1e-4: %v\n", task.Name, loss < 1e-4)
	// Output: mse below 1e-4: true
}

// A stage trains one layer. The stages, the autoencoder and the classifier share
// parameters.
func ExampleConfig_Pretraining() {
	net := dense.Config{Input: 6, Hidden: []int{4, 3}, Noise: graph.Corruption{Kind: graph.Masking, Level: 0.25}}
	p := graph.NewParams(graph.Float32, 1)
	for _, stage := range net.Pretraining() {
		task := stage.Build(graph.New(p, graph.Config{Training: true}), 8).Tasks[0]
		fmt.Println(task.Name, "trains", task.Trains)
	}
	dense.Classifier{Config: net, Classes: 2}.Build(graph.New(p, graph.Config{Training: true}), 8)
	for _, q := range p.Trainable() {
		fmt.Println(q.Name(), q.Shape())
	}
	// Output:
	// layer1 trains [encoder/fc1/* decoder/fc2/*]
	// layer2 trains [encoder/fc2/* decoder/fc1/*]
	// encoder/fc1/w [6 4]
	// encoder/fc1/b [4]
	// decoder/fc2/w [4 6]
	// decoder/fc2/b [6]
	// encoder/fc2/w [4 3]
	// encoder/fc2/b [3]
	// decoder/fc1/w [3 4]
	// decoder/fc1/b [4]
	// head/w [3 2]
	// head/b [2]
}

func ExampleConfig_String() {
	fmt.Println(dense.Config{})
	fmt.Println(dense.Config{Hidden: []int{1000}, CodeActivation: "linear", Tied: true, Sparsity: dense.Sparsity{K: 25, EvalK: 50}})
	fmt.Println(dense.Config{Hidden: []int{1000}, Overcomplete: true, Activation: "sigmoid", Contraction: dense.Contraction{Weight: new(0.1)}})
	// Output:
	// 784-128-64-32-64-128-784 relu bce
	// 784-1000-784 relu code linear bce tied k 25 (50 in evaluation)
	// 784-1000-784 sigmoid bce contraction 0.1
}
