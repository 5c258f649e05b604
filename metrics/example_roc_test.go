package metrics_test

import (
	"fmt"

	"github.com/stheno-ml/stheno/metrics"
)

func ExampleROCAUC() {
	scores, anomalous := []float64{.1, .9, .4, .8}, []bool{false, true, false, false}
	fmt.Println(metrics.ROCAUC(scores, anomalous), metrics.AveragePrecision(scores, anomalous))
	// Output: 1 1
}
