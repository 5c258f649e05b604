// Package roc measures how well scores separate anomalies from normal samples.
package roc

// Area is the area under the ROC curve: the share of pairs of an anomaly and a normal
// sample in which the anomaly has the higher score. Equal scores count half. anomalies and
// normal are indices of scores.
func Area(scores []float32, anomalies, normal []int) (share float64) {
	for _, a := range anomalies {
		for _, n := range normal {
			if scores[a] > scores[n] {
				share++
			} else if scores[a] == scores[n] {
				share += 0.5
			}
		}
	}
	return share / float64(len(anomalies)*len(normal))
}
