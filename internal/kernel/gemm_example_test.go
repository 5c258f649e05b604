package kernel

import "fmt"

func ExampleGemm() {
	// The gradient of a dense layer's weights [3,2]: xᵀ·dy over a batch of 4,
	// where x [4,3] and dy [4,2] are stored by rows.
	g, err := PlanGemm[float32](Best(), GemmShape{M: 3, N: 2, K: 4, A: Strides{Row: 1, Col: 3}, B: Strides{Row: 2, Col: 1}, LDC: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	dw := make([]float32, 6)
	err = g.Run(GemmArgs[float32]{
		A: []float32{1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3},
		B: []float32{1, 0, 0, 1, 1, 0, 0, 1},
		C: dw,
	}, make([]float32, g.Scratch()))
	fmt.Println(dw, err)
	// Output: [2 2 4 4 6 6] <nil>
}
