package detect

// Default is the detector for a table of which nothing is known: the consensus of an
// autoencoder, a variational one, principal components, nearest neighbours in small
// samples and, with twice their weight, an isolation forest. PCA has one and a half times
// the weight of the others.
//
// All settings and weights are fixed. They were chosen by the mean ROC-AUC over the 17
// tables of ODDS, and by the distance to PCA on the worst of them; see TestODDS.
func Default() Consensus {
	return Consensus{Members: []Member{
		{Detector: PCA{}, Weight: 1.5},
		{Detector: Autoencoder{}},
		{Detector: VAE{}},
		{Detector: IsolationForest{}, Weight: 2},
		{Detector: Neighbours{}},
	}}
}
