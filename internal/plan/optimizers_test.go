package plan

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
)

// trainedBy returns the plan of a training step of a dense autoencoder, as the CPU plans it.
func trainedBy(t *testing.T, o graph.Optimizer) *Plan {
	t.Helper()
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	net := dense.Config{Input: 30, Hidden: []int{20}}.Build(b, 8)
	optim.Minimize(b, o, net.Tasks[0])
	b.Output("loss", net.Tasks[0].Loss)
	program, err := b.Program()
	require.NoError(t, err)
	p, err := Make(SourceOf(program), designTarget)
	require.NoError(t, err)
	return p
}

// TestOptimizersAroundAnotherAddNoPassOverTheWeights checks that one step writes a weight,
// the moments and the average, and that nothing else reads the moments or the average. The
// squares that ClipGlobalNorm sums are those of a gradient while its product is computed.
func TestOptimizersAroundAnotherAddNoPassOverTheWeights(t *testing.T) {
	around := optim.MovingAverage{Optimizer: optim.WeightDecay{Weights: []string{"*/w"}, Optimizer: optim.Penalty{L1: 0.1, L2: 0.1, Optimizer: optim.Adam{}}}}
	for _, c := range []struct {
		opt    graph.Optimizer
		states []string
		sums   int
	}{
		{optim.Adam{}, []string{"adam/m", "adam/v"}, 0},
		{optim.Adam{AMSGrad: true}, []string{"adam/m", "adam/v", "adam/vmax"}, 0},
		{around, []string{"adam/m", "adam/v", "average"}, 0},
		{optim.ClipGlobalNorm{Optimizer: around}, []string{"adam/m", "adam/v", "average"}, 2},
	} {
		listing := trainedBy(t, c.opt).String()
		lines := strings.Split(listing, "\n")
		for _, weight := range []string{"encoder/fc1/w", "encoder/fc1/b", "decoder/fc1/w", "decoder/fc1/b"} {
			writes := containing(lines, " in "+weight+"( |$)")
			require.Len(t, writes, 1, "%T %s", c.opt, weight)
			for _, state := range c.states {
				name := "bce/" + state + "/" + weight
				require.Equal(t, writes, containing(lines, " in "+name+"( |$)"), "%T %s", c.opt, name)
				input := containing(lines, `^%\d+ = `+name+` `)
				require.Len(t, input, 1)
				number := input[0][:strings.Index(input[0], " ")]
				require.Equal(t, writes, containing(lines, `.* `+number+`[ \[]`), "%T %s", c.opt, name)
			}
		}
		require.Equal(t, c.sums, strings.Count(listing, "= matmul then {a0; sum[0 1] mul(a0,a0)}"), listing)
	}
}

// containing returns the lines that match a pattern.
func containing(lines []string, pattern string) (out []string) {
	match := regexp.MustCompile(pattern)
	for _, line := range lines {
		if match.MatchString(line) {
			out = append(out, line)
		}
	}
	return out
}
