// Package picture draws what an autoencoder does: reconstructions below their inputs,
// samples, and the plane of two-dimensional codes. Writer is a callback that writes such
// pictures as PNG files while training.
package picture
