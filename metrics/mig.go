package metrics

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// migBins is the number of bins of a code's histogram (Locatello et al. 2019, appendix C).
const migBins = 20

// MIG is the mutual information gap of codes and the factors that generated their samples
// (Chen et al. 2018, eq. 6), from 0 to 1: the mean over factors v of
//
//	(I(z_j; v) - I(z_k; v)) / H(v)
//
// for the two dimensions of the code with the greatest mutual information with the factor.
// It is 1 if each factor is in one dimension of its own. The codes z [N, dims] count by
// histograms of 20 bins of equal width from the least to the greatest value of a
// dimension. The factors [N, kinds] are whole numbers from 0 to 65535; one that does not
// vary does not count.
func MIG(codes []float64, dims int, factors []int, kinds int) (float64, error) {
	information, err := CodeInformation(codes, dims, factors, kinds)
	if err != nil {
		return 0, err
	}
	sum, count := 0.0, 0
	for _, row := range information {
		if row == nil {
			continue
		}
		sorted := append(slices.Clone(row), 0) // a code of one dimension has a gap to nothing
		slices.SortFunc(sorted, func(a, b float64) int { return cmp.Compare(b, a) })
		sum += sorted[0] - sorted[1]
		count++
	}
	if count == 0 {
		return 0, fmt.Errorf("metrics: none of %d factors varies: the gap is not defined", kinds)
	}
	return sum / float64(count), nil
}

// CodeInformation is I(z_k; v) / H(v) for each factor v and each dimension k of the code,
// as MIG reads them: [kinds][dims], each from 0 to 1. The row of a factor that does not
// vary is nil.
func CodeInformation(codes []float64, dims int, factors []int, kinds int) ([][]float64, error) {
	if dims < 1 || kinds < 1 || len(codes) == 0 || len(codes)%dims != 0 || len(factors) != len(codes)/dims*kinds {
		return nil, fmt.Errorf("metrics: %d values of codes of %d dimensions and %d values of %d factors: want one code and one of each factor for each sample", len(codes), dims, len(factors), kinds)
	}
	n := len(codes) / dims
	bins := make([][]int, dims)
	for k := range dims {
		var err error
		if bins[k], err = binned(codes, k, dims); err != nil {
			return nil, err
		}
	}
	out := make([][]float64, kinds)
	for j := range kinds {
		label := make([]int, n)
		for i := range label {
			label[i] = factors[i*kinds+j]
		}
		for k := range dims {
			t, err := contingencyOf(label, bins[k])
			if err != nil {
				return nil, err
			}
			h := entropy(t.rows, t.n)
			if h == 0 {
				break
			}
			out[j] = append(out[j], max(0, t.mutual()/h))
		}
	}
	return out, nil
}

// mutual is the mutual information of rows and columns in nats.
func (t *contingency) mutual() (sum float64) {
	for i, row := range t.counts {
		for j, c := range row {
			if c > 0 {
				sum += c / t.n * math.Log(c*t.n/(t.rows[i]*t.columns[j]))
			}
		}
	}
	return sum
}

// binned are the bins of dimension k of the codes.
func binned(codes []float64, k, dims int) ([]int, error) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := k; i < len(codes); i += dims {
		if v := codes[i]; math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("metrics: code %d has a value that is not finite", i/dims)
		}
		lo, hi = min(lo, codes[i]), max(hi, codes[i])
	}
	out := make([]int, 0, len(codes)/dims)
	for i := k; i < len(codes); i += dims {
		bin := 0
		if hi > lo {
			bin = min(migBins-1, int((codes[i]-lo)/(hi-lo)*migBins))
		}
		out = append(out, bin)
	}
	return out, nil
}
