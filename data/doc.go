// Package data gives samples to models: MNIST and its like from files or from the network, digits that it draws itself,
// tables, arrays, pictures and sounds from files, the caller's own numbers, and batches of any of them.
//
// Open finds a data set by name; if the real files cannot be had, it falls back to generated digits and says so:
//
//	set, err := data.Open(ctx, "mnist", data.Options{})
//	batches, err := data.NewBatches(set.Train, data.BatchOptions{Size: 128, Shuffle: true, Seed: 1})
//	defer batches.Close()
//	for range epochs {
//		for {
//			batch, err := batches.Next(ctx)
//			if err == io.EOF {
//				break // the epoch has ended; the next call begins another
//			}
//			images, labels := batch.Field("x"), batch.Field("label") // [128,1,28,28] and [128]
//			...
//		}
//	}
//
// A sample consists of fields, each with a name, a shape and float32 values. The usual names are those of a net's inputs:
// "x" is what a model reads, "label" the number of a class; "target", "mask", "lengths" and "condition" are others.
// InMemory makes a set of the caller's numbers, and Table makes one of rows and labels. Files become sets:
//
//	OpenCSV, OpenARFF       a Frame: numbers, a block of x for each column of categories, a mask of what is known, a label
//	OpenNPZ, OpenNPY        arrays of NumPy, which SaveNPZ and SaveNPY write; OpenMAT: those of MATLAB
//	OpenImageFolder         pictures, which are decoded when they are read; the folders are the classes
//	OpenWAV                 a sound, of which Windows makes samples
//	OpenDisk, OpenDiskNPY   numbers that stay in a file larger than memory
//	OpenLines               texts, of which Text makes sequences of tokens, numbered by a Vocabulary
//	OpenPianoRolls          music, as the keys that sound at each step; OpenMusic and PianoRoll are its two halves
//	OpenIDX                 the files of MNIST, which NewImages makes a set of
//
// Functions that make sets from sets: Select, Rename, Reshape and With arrange fields; Map, OneHot, Standardize and a
// Scaler compute them; Subset, Limit, Pick and OfClasses choose samples; Split and Folds part them for training and
// testing; NewWindows makes samples of a time series:
//
//	hot, err := data.OneHot(set.Train, "label")
//	train, err := data.Rename(hot, "label", "condition") // fields x [1 28 28] and condition [10]
//
// A Set is read by index, a Stream only forwards; ArrayOf reads a field of all samples. Batches and Stream have a
// Position, a small value that goes into a checkpoint as JSON; after Seek to it, exactly the same samples follow.
//
// BatchOptions.Augment changes the samples of each batch at random, for training: Warp, Crop, Flip, Erase, Noise,
// SaltAndPepper, Mixup, Transpose.
//
// Everything random is the same on every platform for the same seed: the order of an
// epoch, augmentation, splits, the digits, their labels.
package data
