package detect

// Default is the detector for a table of which nothing is known: the consensus of
// principal components, with and without whitening, an autoencoder, a variational one,
// nearest neighbours in small samples, and an isolation forest. The forest has twice the
// weight of the others, and PCA one and three quarters.
//
// All settings and weights are fixed. They were chosen by the ROC-AUC on the tables of
// ODDS and ADBench: its mean, and the distance to PCA on the worst; see TestODDS.
func Default() Consensus {
	return Consensus{Members: []Member{
		{Detector: PCA{}, Weight: 1.75},
		{Detector: PCA{Whiten: 1}},
		{Detector: Autoencoder{}},
		{Detector: VAE{}},
		{Detector: IsolationForest{}, Weight: 2},
		{Detector: Neighbours{}},
	}}
}
