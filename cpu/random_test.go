package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

func TestRandomNumbersAreThoseOfTheDefinition(t *testing.T) {
	team := team.New(2)
	defer team.Close()
	clock := lower.ClockWords(3, 70001)
	for _, isa := range kernel.Supported() {
		for _, p := range []lower.Random{
			{Kind: lower.RandomNormal, Key: 12345678901234, Shape: lower.Shape{37, 21}},
			{Kind: lower.RandomUniform, Key: 99, Shape: lower.Shape{200, 3, 2}},
			{Kind: lower.RandomNormal, Key: 7, Shape: lower.Shape{2, 900}},
		} {
			out := lower.NewArray[float32](p.Shape)
			in := lower.ArrayOf([]float32{float32(clock[0]), float32(clock[1]), float32(clock[2]), float32(clock[3])}, lower.Shape{4})
			require.NoError(t, newRandomStep[float32](p, isa, 2).run(team, []lower.Array[float32]{in}, []lower.Array[float32]{out}))
			row := p.Shape[1:].Size()
			for i, v := range out.Data {
				require.Equal(t, p.At(3, 70001+uint64(i/row), i%row), v, "%s, %v: element %d", isa, p, i)
			}
		}
	}
}
