package presets

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
)

// missing is the imputation of Mattei and Frellsen (2019).
func missing() Preset {
	const metric = "MSE of missing values, standardised"
	return Preset{
		Name:    "miwae",
		Title:   "half of a table's values imputed",
		Paper:   "Mattei, Frellsen, MIWAE: deep generative modelling and imputation of incomplete data sets (2019)",
		Data:    "UCI breast cancer (diagnostic), 569 rows of 30 standardised columns, half of all values missing completely at random, by the seed; a tenth of the rows to stop early by, without their missing values",
		Recipe:  "30-128-128-10, tanh, Student's t, 20 draws in training and 1,000 to impute; Adam 1e-3, batches of 64, up to 1,000 epochs with a patience of 100",
		Minutes: 1.5,
		Fast:    true,
		Figures: []Figure{{Metric: metric, Expected: .280, Source: "the paper's table 2; .28 by its code in PyTorch, mean of two masks", Target: .30}},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			path, err := r.File("imputation", "breast_cancer.csv")
			if err != nil {
				return nil, err
			}
			full, err := openBreastCancer(path)
			if err != nil {
				return nil, err
			}
			if full, err = data.Standardize(r.Limit(full), graph.InputX, r.Limit(full)); err != nil {
				return nil, err
			}
			holed, err := data.Map(full, []data.Field{{Name: graph.InputX, Shape: []int{30}}, {Name: graph.InputMask, Shape: []int{30}}}, r.Seed, func(_ int, random *rand.Rand, from, to [][]float32) error {
				for k, v := range from[0] {
					to[0][k], to[1][k] = 0, 0
					if random.Float64() < 0.5 {
						to[0][k], to[1][k] = v, 1
					}
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
			training, held, err := data.Split(holed, data.SplitOptions{Fraction: 0.1, Seed: r.Seed})
			if err != nil {
				return nil, err
			}
			m := vae.Missing{Config: vae.Config{Input: 30, Hidden: []int{128, 128}, Latent: 10, Activation: "tanh", Likelihood: vae.StudentT}}
			p, err := r.Fit(ctx, "train", m, training, train.Options{
				Batch: 64, Epochs: 1000, Validation: held, Callbacks: []train.Callback{&train.EarlyStopping{Metric: "bound", Patience: 100}},
			})
			if err != nil {
				return nil, err
			}
			m.Draws = r.Size(1000, 10)
			out, err := r.Compute(m, p, holed, "imputed")
			if err != nil {
				return nil, err
			}
			mse, err := errorOfMissing(full, holed, out[0].Data)
			if err != nil {
				return nil, err
			}
			return map[string]float64{metric: mse}, drawTables(r, full, holed, out[0].Data)
		},
	}
}

// drawTables draws the first rows of a table as a picture: as it is, with its holes, and imputed.
func drawTables(r *Run, full, holed data.Set, imputed []float32) error {
	var tables []float32
	rows, columns := min(60, full.Len()), 0
	for _, set := range []data.Set{full, holed} {
		x, err := data.ArrayOf(set, graph.InputX)
		if err != nil {
			return err
		}
		columns = graph.Shape(x.Shape).Size()
		tables = append(tables, x.Values[:rows*columns]...)
	}
	return r.Grid("the table, with holes, imputed", []int{1, rows, columns}, append(tables, imputed[:rows*columns]...))
}

// errorOfMissing is the mean squared error of the values where the mask is 0.
func errorOfMissing(full, holed data.Set, imputed []float32) (float64, error) {
	x, err := data.ArrayOf(full, graph.InputX)
	if err != nil {
		return 0, err
	}
	mask, err := data.ArrayOf(holed, graph.InputMask)
	if err != nil {
		return 0, err
	}
	sum, n := 0.0, 0.0
	for i, m := range mask.Values {
		if m == 0 {
			d := float64(imputed[i] - x.Values[i])
			sum, n = sum+d*d, n+1
		}
	}
	return sum / n, nil
}

// openBreastCancer reads the table: a first line of counts and names, then 30 columns and
// the class.
func openBreastCancer(path string) (data.Set, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const columns = 30
	x := data.Array{Name: graph.InputX, Shape: []int{columns}}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		values := strings.Split(lines.Text(), ",")
		if n == 1 {
			continue
		}
		if len(values) != columns+1 {
			return nil, fmt.Errorf("%s, line %d: %d values, want %d and the class", path, n, len(values), columns)
		}
		for _, text := range values[:columns] {
			v, err := strconv.ParseFloat(text, 32)
			if err != nil {
				return nil, fmt.Errorf("%s, line %d: %w", path, n, err)
			}
			x.Values = append(x.Values, float32(v))
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return data.InMemory(x)
}
