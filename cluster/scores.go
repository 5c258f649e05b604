package cluster

import "github.com/stheno-ml/stheno/metrics"

// Agreement says how well clusters agree with classes.
type Agreement struct {
	// Accuracy is the share of samples whose cluster is that of their class, for the best
	// assignment; see metrics.ClusterAccuracy.
	Accuracy float64 `json:"accuracy"`
	// NMI is the normalised mutual information, and ARI the adjusted Rand index.
	NMI float64 `json:"nmi"`
	ARI float64 `json:"ari"`
}

// Scores compares the clusters of samples with their classes, both counted from 0.
func Scores(label, cluster []int) (a Agreement, err error) {
	if a.Accuracy, err = metrics.ClusterAccuracy(label, cluster); err == nil {
		if a.NMI, err = metrics.NMI(label, cluster); err == nil {
			a.ARI, err = metrics.ARI(label, cluster)
		}
	}
	return a, err
}
