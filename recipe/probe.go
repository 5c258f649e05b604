package recipe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/vm"
)

// Probing says how codes are probed. The zero value is 100 labels, 1,000 labels and all, as
// far as there are so many, without fine-tuning.
type Probing struct {
	// Labels are numbers of training samples whose label is used, as many of each class as
	// is possible; "all" means all. nil means 100, 1000 and all.
	Labels []string
	// Neighbours are the numbers of neighbours that vote; nil means 1 and 5.
	Neighbours []int
	// FineTune trains the net with a softmax head on the code, from the weights of the run
	// and from new ones.
	FineTune bool
	// Steps is the number of steps of that, and of the steps before of the head alone if the
	// encoder was trained; 0 means five epochs, and at least 500 steps, and 500 of the head.
	Steps int
	// Seed determines which labels are used, and the weights and the order of fine-tuning.
	Seed uint64
}

// Probed says how well the classes of samples are found.
type Probed struct {
	Dims    int `json:"dims"`    // values of a code
	Classes int `json:"classes"` // of the samples
	Test    int `json:"test"`    // samples to test on
	// Rows have the accuracy of each method for each number of labels.
	Rows []ProbedRow `json:"rows"`
}

// ProbedRow is the accuracy of a method: the share of test samples whose class is found.
type ProbedRow struct {
	Labels   int     `json:"labels"`
	Method   string  `json:"method"`
	Accuracy float64 `json:"accuracy"`
}

// The methods of Probe besides neighbours, as they are named in its rows.
const (
	LinearOnCodes = "logistic regression, codes"
	LinearOnPCA   = "logistic regression, PCA"
	FineTuned     = "net, fine-tuned"
	FromScratch   = "net, from scratch"
)

// mostProbed is the number of samples that principal components are computed from, and of
// those to test on.
const mostProbed = 10_000

// Probe fits classifiers to the codes of labelled training samples, and to as many
// principal components, and tests them on the test samples. Both parts need labels, and the
// codes must not depend on them.
func (r *Run) Probe(ctx context.Context, o Probing) (*Probed, error) {
	training, err := r.points(ctx, TrainPart, 1<<20)
	if err != nil {
		return nil, err
	}
	test, err := r.points(ctx, "", mostProbed)
	if err != nil {
		return nil, err
	}
	for _, p := range []*points{training, test} {
		if p.label == nil {
			return nil, fmt.Errorf("%s: the samples have no classes to find: for a table, set data.label", p.in.Where)
		}
	}
	if err := r.checkBlind(training); err != nil {
		return nil, err
	}
	counts, err := labelCounts(o.Labels, training.n)
	if err != nil {
		return nil, err
	}
	if o.Neighbours == nil {
		o.Neighbours = []int{1, 5}
	}
	for _, k := range o.Neighbours {
		if k < 1 || k > counts[0] {
			return nil, fmt.Errorf("%d neighbours among %d labels: want at least 1, and no more than labels", k, counts[0])
		}
	}
	if o.Steps < 0 {
		return nil, fmt.Errorf("%d steps: want at least 1, or 0 for five epochs", o.Steps)
	}
	pca, err := metrics.FitPCA(training.x[:min(training.n, mostProbed)*training.width], training.width, min(training.dims, training.width))
	if err != nil {
		return nil, err
	}
	k := len(pca.Variances)
	of, on := project(pca, training.x), project(pca, test.x)
	out := &Probed{Dims: training.dims, Classes: max(training.classes, test.classes), Test: test.n}
	for _, n := range counts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		chosen := balanced(training.label, n, o.Seed)
		label := make([]int, n)
		for i, at := range chosen {
			label[i] = training.label[at]
		}
		add := func(method string, wrong float64) {
			out.Rows = append(out.Rows, ProbedRow{n, method, 1 - wrong})
		}
		for _, s := range []struct {
			linear, name string
			of, on       []float64
			dims         int
		}{{LinearOnCodes, "codes", training.codes, test.codes, training.dims}, {LinearOnPCA, "PCA", of, on, k}} {
			x := rowsOf(s.of, s.dims, chosen)
			linear, err := metrics.Probe{L2: 1e-4}.Fit(x, s.dims, label)
			if err != nil {
				return nil, err
			}
			wrong, err := linear.Error(s.on, test.label)
			if err != nil {
				return nil, err
			}
			add(s.linear, wrong)
			for _, k := range o.Neighbours {
				near, err := metrics.Neighbours{K: k}.Fit(x, s.dims, label)
				if err != nil {
					return nil, err
				}
				if wrong, err = near.Error(s.on, test.label); err != nil {
					return nil, err
				}
				add(NeighboursMethod(k, s.name), wrong)
			}
		}
		if !o.FineTune {
			continue
		}
		labelled, err := data.Pick(training.set, chosen)
		if err != nil {
			return nil, err
		}
		for _, s := range []struct {
			method string
			from   *graph.Params
		}{{FineTuned, r.Model.Params()}, {FromScratch, nil}} {
			wrong, err := r.fineTune(ctx, labelled, test, out.Classes, s.from, o)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.method, err)
			}
			add(s.method, wrong)
		}
	}
	return out, nil
}

// NeighboursMethod is the name of a method in the rows of Probe: k neighbours by "codes" or
// "PCA".
func NeighboursMethod(k int, by string) string {
	if k == 1 {
		return "nearest neighbour, " + by
	}
	return fmt.Sprintf("%d nearest neighbours, %s", k, by)
}

// labelCounts are the numbers of labels in ascending order.
func labelCounts(want []string, n int) (counts []int, err error) {
	if want == nil {
		for _, c := range []int{100, 1000} {
			if c < n {
				counts = append(counts, c)
			}
		}
		return append(counts, n), nil
	}
	for _, text := range want {
		c, err := strconv.Atoi(text)
		switch {
		case text == "all":
			c = n
		case err != nil || c < 2:
			return nil, fmt.Errorf("labels: %q is neither a number from 2 on nor \"all\"", text)
		case c > n:
			return nil, fmt.Errorf("labels: %d: the training part has %d samples", c, n)
		}
		counts = append(counts, c)
	}
	if len(counts) == 0 {
		return nil, errors.New("labels: none: want numbers of labels, such as 100,all")
	}
	slices.Sort(counts)
	return slices.Compact(counts), nil
}

// balanced chooses n samples, as many of each class as is possible, in the order of the
// samples.
func balanced(label []int, n int, seed uint64) []int {
	order := rand.New(rand.NewPCG(seed, 0x1abe1)).Perm(len(label))
	rank := make([]int, len(label)) // how many of the same class come before
	seen := map[int]int{}
	for _, i := range order {
		rank[i] = seen[label[i]]
		seen[label[i]]++
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rank[a], rank[b]) })
	chosen := order[:n]
	slices.Sort(chosen)
	return chosen
}

// rowsOf are some rows of an array.
func rowsOf(x []float64, width int, at []int) []float64 {
	out := make([]float64, 0, len(at)*width)
	for _, i := range at {
		out = append(out, x[i*width:(i+1)*width]...)
	}
	return out
}

// checkBlind returns an error if the codes depend on the labels.
func (r *Run) checkBlind(p *points) error {
	if _, reads := r.Model.Shape(graph.InputLabel); !reads {
		return nil
	}
	n := min(p.n, 8)
	some := data.Limit(p.set, n)
	x, err := data.ArrayOf(some, graph.InputX)
	if err != nil {
		return err
	}
	label := make([]float32, n)
	for i := range label {
		label[i] = float32((p.label[i] + 1) % max(2, p.classes))
	}
	other, err := r.Model.Encode(x.Values, vm.Array{Name: graph.InputLabel, Shape: []int{n}, Data: label})
	if err != nil {
		return err
	}
	for i, v := range float64s(other) {
		if v != p.codes[i] {
			return errors.New("the model reads the class of a sample to make its code, so the code cannot be probed for it: probe a model without model.classes")
		}
	}
	return nil
}
