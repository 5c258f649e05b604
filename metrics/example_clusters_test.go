package metrics_test

import (
	"fmt"

	"github.com/stheno-ml/stheno/metrics"
)

// Points on a line in two groups, and the classes they have.
func ExampleKMeans() {
	x := []float64{0.1, 9.8, 0.3, 10.1, 0.2}
	found, err := metrics.KMeans{Clusters: 2, Seed: 1}.Fit(x, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	class := []int{0, 1, 0, 1, 1}
	acc, err := metrics.ClusterAccuracy(class, found.Label)
	fmt.Println(acc, err)
	// Output: 0.8 <nil>
}

// Of three relevant items, two are among the first four.
func ExampleNDCG() {
	scores := []float64{0.9, 0.1, 0.8, 0.7, 0.2, 0.6}
	ranking := metrics.Top(scores, []int{0}, 4) // the user has item 0 already
	relevant := []int{2, 4, 1}
	fmt.Printf("%v nDCG %.3f recall %.3f\n", ranking, metrics.NDCG(ranking, relevant, 4), metrics.Recall(ranking, relevant, 4))
	// Output: [2 3 5 4] nDCG 0.671 recall 0.667
}
