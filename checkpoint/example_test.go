package checkpoint_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/graph"
)

// A layer starts from the weights of one of PyTorch's, which are transposed there.
func ExampleRestore() {
	dir, err := os.MkdirTemp("", "weights")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "net.safetensors")

	// What safetensors.torch.save_file writes for a Linear(3, 2).
	there := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	there.Param("fc.weight", graph.Ones(), 2, 3)
	there.Param("fc.bias", graph.Ones(), 2)
	if err := checkpoint.WriteWeights(path, there.Params(), checkpoint.WriteOptions{}); err != nil {
		panic(err)
	}

	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{})
	graph.Dense{Units: 2}.Apply(b.Scope("encoder"), b.Input("x", 1, 3))
	_, err = checkpoint.Restore(p, path, checkpoint.RestoreOptions{})
	fmt.Println(err != nil)
	r, err := checkpoint.Restore(p, path, checkpoint.RestoreOptions{Names: checkpoint.PyTorch(checkpoint.Dense, "encoder", "fc")})
	fmt.Println(r, err)
	// Output:
	// true
	// 2 of 2 parameters taken over, 0 arrays of the file unused <nil>
}
