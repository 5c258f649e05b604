// Package search looks for the settings of a model and of its training that give the
// best result on a validation set.
//
//	space := search.Space{
//		search.Int("net.hidden.0", 64, 512).Log(),
//		search.Int("net.hidden.1", 8, 64).Log(),
//		search.Choice("net.activation", "relu", "tanh"),
//		search.Float("train.rate", 1e-4, 1e-1).Log(),
//	}
//	build := func(v search.Values) (train.Model, train.Options, error) {
//		var net dense.Config
//		o := train.Options{Epochs: 5}
//		err := errors.Join(v.Into("net", &net), v.Training("train", &o))
//		return net, o, err
//	}
//	found, err := search.Run(ctx, space, build, training, validation, search.Options{
//		Trials: 30, Backends: []vm.Backend{cpu.Config{}}, Dir: "trials", Log: os.Stderr,
//	})
//	best := found.Best()
//
// A parameter can depend on another: search.Int("conv.kernel", 3, 5).When("model",
// "conv") is there only in trials of that model. So one search goes over several
// families, each with a space of its own.
//
// A Method suggests what to try: Grid, Random, TPE and GP. Halving says for how many
// epochs: it trains many trials for a few epochs and goes on with the best of them. The
// suggestions of a round depend on the rounds before it, and not on how many trials run
// side by side or which ends first. A search in a folder goes on after it was killed, and
// ends in the same table.
//
// Package figure draws a Result. Optimizer has the methods without the training, for any function.
package search
