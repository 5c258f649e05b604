package zoo

// dictionaries are the sparse autoencoders whose code is larger than the sample.
func dictionaries() []Entry { return nil }
