package zoo

// vaeConditional are the variational autoencoders that are given more than the sample,
// or less: labels, parts, masks, clusters.
func vaeConditional() []Entry { return nil }
