// Labels: which rows are known to be anomalies, and how well scores agree with them.

package detect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/metrics"
)

// Labels returns which rows of a set are anomalies by its field "label". The classes that
// are named are normal, and all others anomalies. The names are those of the frame's
// schema, or else the numbers of the classes. If none is named, the classes must be two
// that speak for themselves: 0 and 1, false and true, or one of them called normal.
func Labels(set data.Set, normal ...string) ([]bool, error) {
	var classes []string
	if frame, ok := set.(*data.Frame); ok {
		classes = frame.Schema.Classes()
	}
	return LabelsOf(set, classes, normal...)
}

// LabelsOf is Labels with the names of the classes. Those that have none are called by their
// numbers.
func LabelsOf(set data.Set, names []string, normal ...string) ([]bool, error) {
	label, err := data.ArrayOf(set, "label")
	if err != nil {
		return nil, fmt.Errorf("detect: labels: %w", err)
	}
	classes := slices.Clone(names)
	for k := len(classes); k < label.Classes; k++ {
		classes = append(classes, strconv.Itoa(k))
	}
	if len(normal) == 0 {
		if normal = evident(classes); normal == nil {
			return nil, fmt.Errorf("detect: labels: the classes are %q, and none is evidently normal: name those that are", classes)
		}
	}
	for _, name := range normal {
		if !slices.Contains(classes, name) {
			return nil, fmt.Errorf("detect: labels: there is no class %q; the classes are %q", name, classes)
		}
	}
	anomaly := make([]bool, len(label.Values))
	for i, v := range label.Values {
		anomaly[i] = !slices.Contains(normal, classes[int(v)])
	}
	return anomaly, nil
}

// evident returns the one of two classes that is normal by its name, or nil.
func evident(classes []string) []string {
	if len(classes) == 1 && (isZero(classes[0])) || len(classes) == 2 && isZero(classes[0]) && !isZero(classes[1]) {
		return classes[:1]
	}
	if len(classes) > 2 {
		return nil
	}
	for _, c := range classes {
		if strings.EqualFold(c, "normal") {
			return []string{c}
		}
	}
	return nil
}

func isZero(class string) bool {
	v, err := strconv.ParseFloat(class, 64)
	return err == nil && v == 0 || strings.EqualFold(class, "false")
}

// Quality is how well scores find anomalies.
type Quality struct {
	Rows, Anomalies int
	// ROCAUC is the probability that an anomaly scores higher than a normal row.
	ROCAUC float64
	// AveragePrecision is the area under the precision-recall curve.
	AveragePrecision float64
	// PrecisionAtN is the share of anomalies among the N rows with the highest scores, if
	// there are N anomalies.
	PrecisionAtN float64
}

// String has the numbers, such as "176 of 1831 rows: ROC-AUC 0.950, AP 0.610, P@n 0.620".
func (q Quality) String() string {
	return fmt.Sprintf("%d of %d rows: ROC-AUC %.3f, AP %.3f, P@n %.3f", q.Anomalies, q.Rows, q.ROCAUC, q.AveragePrecision, q.PrecisionAtN)
}

// Evaluate compares scores with labels. If all rows are of one class, nothing can be
// compared, which is an error.
func Evaluate(scores []float64, anomaly []bool) (Quality, error) {
	if len(scores) != len(anomaly) {
		return Quality{}, fmt.Errorf("detect: evaluate: %d scores and %d labels", len(scores), len(anomaly))
	}
	if _, err := sortedScores(scores); err != nil {
		return Quality{}, err
	}
	q := Quality{Rows: len(scores)}
	for _, a := range anomaly {
		if a {
			q.Anomalies++
		}
	}
	if q.Anomalies == 0 || q.Anomalies == q.Rows {
		return Quality{}, fmt.Errorf("detect: evaluate: all %d rows are of one class, so ROC-AUC and precision are not defined: labels must mark both normal rows and anomalies", q.Rows)
	}
	q.ROCAUC = metrics.ROCAUC(scores, anomaly)
	q.AveragePrecision = metrics.AveragePrecision(scores, anomaly)
	q.PrecisionAtN = metrics.PrecisionAt(scores, anomaly, q.Anomalies)
	return q, nil
}
