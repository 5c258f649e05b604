package baseline

// The nets that read a whole image at once: dense, convolutional, variational.

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func dense(b *builder) forward {
	x := b.input("images", b.batch, pixels)
	h, in := x, pixels
	for i, out := range []int{128, 64, 32, 64, 128} {
		h = relu(b.affine(fmt.Sprintf("dense%d", i+1), in, out).of(h))
		in = out
	}
	logits := b.affine("logits", in, pixels).of(h)
	return forward{
		images: G.Nodes{x},
		logits: G.Nodes{logits},
		loss:   G.Must(G.Mean(crossEntropy(logits, x))),
	}
}

func conv(b *builder) forward {
	x := b.input("images", b.batch, 1, side, side)
	h := pool(relu(b.conv3("conv1", x, 1, 16)))
	h = pool(relu(b.conv3("conv2", h, 16, 8)))
	h = relu(b.conv3("conv3", h, 8, 8))
	h = up(relu(b.conv3("conv4", h, 8, 8)))
	h = up(relu(b.conv3("conv5", h, 8, 8)))
	h = relu(b.conv3("conv6", h, 8, 16))
	logits := b.conv3("logits", h, 16, 1)
	return forward{
		images: G.Nodes{x},
		logits: G.Nodes{logits},
		loss:   G.Must(G.Mean(crossEntropy(logits, x))),
	}
}

// conv3 is a 3x3 convolution of x [batch,in,H,W] to [batch,out,H,W] with a
// bias for each channel. The bias is repeated along axes 0, 2 and 3 in this
// order, so its gradient sums the last remaining axis, the last again, then the
// first: Gorgonia's sum over a middle axis is wrong.
func (b *builder) conv3(name string, x *G.Node, in, out int) *G.Node {
	w := b.glorot(name+".w", 9*in, 9*out, out, in, 3, 3)
	y := G.Must(G.Conv2d(x, w, tensor.Shape{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1}))
	return G.Must(G.BroadcastAdd(y, b.bias(name+".bias", 0, 1, out, 1, 1), nil, []byte{0, 2, 3}))
}

// pool halves height and width by the maximum of 2x2 pixels.
func pool(x *G.Node) *G.Node {
	return G.Must(G.MaxPool2D(x, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
}

// up doubles height and width by repeating pixels.
func up(x *G.Node) *G.Node { return G.Must(G.Upsample2D(x, 2)) }

// vae is the variational autoencoder of Kingma and Welling (2013), appendix C:
// q(z|x) = N(mu, exp(logVar)), p(z) = N(0, 1), p(x|z) Bernoulli. The noise of
// the latent is an input, because Gorgonia's random nodes take no seed. With n
// images, m = 784 pixels and l = 20 latents the loss in nats per image is
//
//	m mean(crossEntropy) + l/2 mean(mu² + exp(logVar) - logVar) - l/2
//
// whose last two terms are the divergence of q from p in closed form (their
// equation 10). Evaluation decodes the mean once more, for the reconstruction.
func vae(b *builder) forward {
	const hidden, latent = 400, 20
	x := b.input("images", b.batch, pixels)
	noise := b.input("noise", b.batch, latent)
	h := relu(b.affine("encoder", pixels, hidden).of(x))
	mu := b.affine("mu", hidden, latent).of(h)
	logVar := b.affine("logVar", hidden, latent).of(h)
	sigma := G.Must(G.Exp(G.Must(G.HadamardProd(logVar, b.constant(.5)))))
	z := G.Must(G.Add(mu, G.Must(G.HadamardProd(sigma, noise))))

	first, last := b.affine("decoder", latent, hidden), b.affine("logits", hidden, pixels)
	decode := func(z *G.Node) *G.Node { return last.of(relu(first.of(z))) }
	logits := decode(z)

	xent := G.Must(G.Mean(crossEntropy(logits, x)))
	square := G.Must(G.Add(G.Must(G.Square(mu)), G.Must(G.Square(sigma))))
	kl := G.Must(G.Mean(G.Must(G.Sub(square, logVar))))
	loss := G.Must(G.Add(
		G.Must(G.HadamardProd(xent, b.constant(pixels))),
		G.Must(G.HadamardProd(kl, b.constant(latent/2)))))
	loss = G.Must(G.Add(loss, b.constant(-latent/2)))
	if !b.training {
		logits = decode(mu)
	}
	return forward{images: G.Nodes{x}, logits: G.Nodes{logits}, noise: noise, loss: loss}
}
