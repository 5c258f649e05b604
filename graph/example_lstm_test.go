package graph_test

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Two LSTMs read a sequence in both directions. A decoder starts from the state after
// the last step.
func ExampleLSTM() {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	x := b.Input("x", 16, 20, 3) // 16 samples of 20 steps of 3 features
	ahead, end := graph.LSTM{Units: 8}.ApplyFrom(b.Scope("ahead"), x, graph.LSTMState{})
	back := graph.LSTM{Units: 8, Reverse: true, ReturnSequences: true}.Apply(b.Scope("back"), x)
	both := b.Concat(2, ahead, back)

	token := b.Input("token", 16, 5) // the same input at each of 10 steps
	out, _ := graph.LSTM{Units: 8, Steps: 10}.ApplyFrom(b.Scope("decoder"), token, end)
	if err := b.Err(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(both.Shape(), out.Shape())
	fmt.Println(b.Params().Get("back/wx").Shape(), b.Params().Get("back/wh").Shape(), b.Params().Get("back/b").Shape())
	// Output:
	// (16, 20, 16) (16, 10, 8)
	// [3 32] [8 32] [32]
}
