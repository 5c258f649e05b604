package detect_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flag"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/detect"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/models/conv"
)

var classes = flag.String("classes", "0,1,2,3,4,5,6,7,8,9", "the normal classes of TestOneClass")

// bars returns n images of 8x8 with a horizontal bar, whose row and brightness vary, and a
// dot in one place if dot is set.
func bars(t *testing.T, n int, dot bool) data.Set {
	var x []float32
	for i := range n {
		image := make([]float32, 64)
		for c := range 8 {
			image[8*(1+i%5)+c] = .6 + .4*float32(math.Sin(float64(i*i)))
		}
		if dot {
			image[8*7+6] = 1
		}
		x = append(x, image...)
	}
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{1, 8, 8}, Values: x})
	require.NoError(t, err)
	return set
}

func TestTheHeatMapShowsWhereAnImageIsStrange(t *testing.T) {
	for _, d := range []detect.Images{
		{Training: detect.Training{Epochs: 30, Batch: 16, Rate: 3e-3}},
		{Model: conv.Config{Size: graph.Pair{8, 8}, Encoder: []int{8, 4}, Code: 4, CodeActivation: "linear", Loss: graph.MSE}, Training: detect.Training{Epochs: 60, Batch: 16, Rate: 5e-3}},
	} {
		m, err := d.Fit(t.Context(), bars(t, 200, false), detect.Options{Seed: 1})
		require.NoError(t, err)
		defer m.Close()
		normal, err := m.Score(bars(t, 20, false))
		require.NoError(t, err)
		strange, err := m.Score(bars(t, 20, true))
		require.NoError(t, err)
		require.Equal(t, 1., metrics.ROCAUC(append(normal, strange...), append(make([]bool, 20), all(20)...)))
		heat, err := m.HeatMaps(bars(t, 3, true))
		require.NoError(t, err)
		require.Len(t, heat, 3*64)
		hottest := 0
		for i, v := range heat[:64] {
			if v > heat[hottest] {
				hottest = i
			}
		}
		require.Equal(t, 8*7+6, hottest)
	}
}

func all(n int) []bool {
	x := make([]bool, n)
	for i := range x {
		x[i] = true
	}
	return x
}

func TestWrongImagesAreErrors(t *testing.T) {
	m, err := detect.Images{Training: detect.Training{Steps: 2}}.Fit(t.Context(), bars(t, 20, false), detect.Options{})
	require.NoError(t, err)
	defer m.Close()
	other, err := data.InMemory(data.Array{Name: "x", Shape: []int{1, 4, 16}, Values: make([]float32, 64)})
	require.NoError(t, err)
	_, err = m.Score(other)
	require.ErrorContains(t, err, "they have the shape [1 4 16], those that were fitted [1 8 8]")
	bad, err := data.InMemory(data.Array{Name: "x", Shape: []int{1, 1, 2}, Values: []float32{1, 2, 3, float32(math.NaN())}})
	require.NoError(t, err)
	_, err = detect.Images{}.Fit(t.Context(), bad, detect.Options{})
	require.ErrorContains(t, err, "image 1: value 1 is NaN")
	_, err = detect.Images{}.Fit(t.Context(), nil, detect.Options{})
	require.Error(t, err)
	_, err = detect.Images{}.Fit(t.Context(), data.Limit(bars(t, 2, false), 0), detect.Options{})
	require.Error(t, err)
	_, err = (*detect.ImageModel)(nil).Score(other)
	require.ErrorContains(t, err, "no model")
	_, err = detect.Images{Training: detect.Training{Rate: -1}}.Fit(t.Context(), bars(t, 20, false), detect.Options{})
	require.ErrorContains(t, err, "none can be negative")
}

// TestOneClass prints, for each class, the ROC-AUC on the test images of a detector that
// learned from the training images of that class, and fails below that of 32 principal
// components.
func TestOneClass(t *testing.T) {
	dir := os.Getenv("STHENO_DATA")
	if dir == "" || os.Getenv("STHENO_FIGURES") == "" {
		t.Skip("set STHENO_DATA to the folder that holds mnist and fashion-mnist, and STHENO_FIGURES=1: minutes of training")
	}
	for _, c := range []struct {
		name string
		pca  float64 // mean ROC-AUC of 32 principal components
	}{{"mnist", .955}, {"fashion-mnist", .905}} {
		t.Run(c.name, func(t *testing.T) {
			images, err := data.Open(t.Context(), filepath.Join(dir, c.name), data.Options{Offline: true})
			require.NoError(t, err)
			label, err := data.ArrayOf(images.Test, "label")
			require.NoError(t, err)
			mean, n := 0., 0.
			for class := range 10 {
				if !strings.Contains(*classes, fmt.Sprint(class)) {
					continue
				}
				normal, err := data.OfClasses(images.Train, "label", class)
				require.NoError(t, err)
				m, err := detect.Images{}.Fit(t.Context(), normal, detect.Options{Seed: 1, Backend: cpu.Config{Threads: 1}})
				require.NoError(t, err)
				scores, err := m.Score(images.Test)
				require.NoError(t, err)
				anomaly := make([]bool, len(scores))
				for i, v := range label.Values {
					anomaly[i] = int(v) != class
				}
				area := metrics.ROCAUC(scores, anomaly)
				mean, n = mean+area, n+1
				fmt.Printf("%s, class %d: ROC-AUC %.4f\n", c.name, class, area)
				require.NoError(t, m.Close())
			}
			fmt.Printf("%s, mean of %.0f classes: %.4f\n", c.name, n, mean/max(1, n))
			if n == 10 {
				require.Greater(t, mean/n, c.pca)
			}
		})
	}
}
