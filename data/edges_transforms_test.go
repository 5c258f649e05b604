package data

import (
	"context"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/internal/edges"
)

func TestNoArgumentMakesAPartAScalerOrAWindowPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		numbers, err := InMemory(Array{Name: "x", Shape: []int{2}, Values: []float32{1, 2, 3, 4, 5, 7}}, Labels([]int{0, 1, 0}))
		if err != nil {
			panic(err)
		}
		scaler, err := FitScaler(numbers, "x", ScaleOptions{})
		if err != nil {
			panic(err)
		}
		sampled, err := FitScaler(numbers, "x", ScaleOptions{Kind: SampleMinMax})
		if err != nil {
			panic(err)
		}
		windows, err := NewWindows(numbers, WindowOptions{Length: 2})
		if err != nil {
			panic(err)
		}
		part, err := Pick(numbers, []int{2, 0})
		if err != nil {
			panic(err)
		}
		nan := math.NaN()
		augmentation := func(a Augmentation) {
			for _, set := range []Set{numbers, NewDigits(1, 5)} {
				nextOf(NewBatches(set, BatchOptions{Augment: []Augmentation{a}, Prefetch: -1}))(context.Background())
			}
		}
		return []any{scaler, sampled, &Scaler{}, windows, &Windows{}, part}, map[string]any{
				"Split": Split, "Folds": Folds, "Pick": Pick, "Indices": Indices, "NewWindows": NewWindows, "Seconds": Seconds,
				"FitScaler": func(s Set, field string, o ScaleOptions, to Set) {
					if f, err := FitScaler(Limit(s, 5), field, o); err == nil {
						if scaled, err := f.Apply(to); err == nil {
							scaled.Read(0, NewSample(scaled))
						}
					}
				},
				"Scaler of JSON": func(text string) { json.Unmarshal([]byte(text), &Scaler{}) },
				"Augment":        augmentation,
				"Warp":           func(a Warp) { augmentation(a) },
				"Warp, numbers": func(rotate, shift, scale, shear, elastic, smooth float64) {
					augmentation(Warp{Rotate: rotate, Shift: shift, Scale: scale, Shear: shear, Elastic: elastic, Smooth: smooth})
				},
				"Crop":          func(pad int) { augmentation(Crop{Pad: pad}) },
				"Transpose":     func(most int) { augmentation(Transpose{Most: most}) },
				"Flip":          func(a, b float64) { augmentation(Flip{Horizontal: a, Vertical: b}) },
				"Erase":         func(p, a, b float64) { augmentation(Erase{Probability: p, Least: a, Most: b}) },
				"Noise":         func(d float64, a, b float32) { augmentation(Noise{Deviation: d, Min: a, Max: b}) },
				"SaltAndPepper": func(p float64) { augmentation(SaltAndPepper{Fraction: p}) },
				"Mixup":         func(fields []string, a float64) { augmentation(Mixup{Fields: fields, Alpha: a}) },
				"Windows, numbers": func(s Set, length, stride int, times []float64, gap float64, repair bool) {
					w, err := NewWindows(s, WindowOptions{Length: length, Stride: stride, CoverEnd: true, Time: times, MaxGap: gap, Sort: repair, DropRepeated: repair})
					if err == nil && w.Len() > 0 {
						w.Read(0, NewSample(w))
					}
				},
			}, []any{
				numbers, part, NewDigits(1, 5), NewDigits(1, 1<<40), "x", "label", []string{"x"}, []string{"label"}, []int{2, 0, 1}, 2, 3,
				0.5, 1., nan, []float64{1, 2, 3}, []float64{3, nan, 1}, []time.Time{{}, time.Now()}, []float32{1, 2}, make([]float32, 6), [][]float32{{0, 0}, {0}},
				SplitOptions{Count: 1}, SplitOptions{Fraction: 0.5, Stratify: "label"}, SplitOptions{Count: 1, Group: "label"}, SplitOptions{Count: 1, Time: "label"},
				SplitOptions{Fraction: nan}, SplitOptions{Count: -1}, FoldOptions{Stratify: "label"}, FoldOptions{Group: "x"}, FoldOptions{Time: "label"}, FoldOptions{InOrder: true},
				ScaleOptions{Kind: Robust}, ScaleOptions{Kind: MinMax, Per: PerChannel}, ScaleOptions{Kind: SampleMinMax}, ScaleOptions{Kind: Log}, ScaleOptions{LogFirst: true, Per: PerAll},
				WindowOptions{Length: 2}, WindowOptions{Length: 1, Series: "label"}, WindowOptions{Length: 2, StepsFirst: true, Field: "label"}, WindowOptions{Length: 1 << 40},
				Warp{Elastic: 1}, Augmentation(Erase{}), Augmentation((*Crop)(nil)), Augmentation(Mixup{Fields: []string{"x"}}),
				`{"field":"x","kind":"log","per":"channel","log":true,"center":[0],"width":[1]}`,
			}
	})
}
