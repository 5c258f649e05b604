package detect

// Default is the detector for a table of which nothing is known: the consensus of an
// autoencoder, a variational one, an isolation forest, nearest neighbours in small samples,
// and principal components, with one and a half times the weight of the others, and with
// half of it where they are whitened.
//
// All settings and weights are fixed. They were chosen by the mean ROC-AUC over the 17
// tables of ODDS, and by the distance to PCA on the worst of them; see TestODDS.
func Default() Consensus {
	return Consensus{Members: []Member{
		{Detector: PCA{}, Weight: 1.5},
		{Detector: PCA{Whiten: 1}, Weight: 0.5},
		{Detector: Autoencoder{}},
		{Detector: VAE{}},
		{Detector: IsolationForest{}},
		{Detector: Neighbours{}},
	}}
}
