"""The benchmark's nets in PyTorch, from the entries of nets.json.

Every net is a module whose forward takes a batch x and returns the loss, or the
code if the entry says "encode". Its weights() maps our models' names of weights to
its own parameters, and says how to convert ours to them.
"""

import torch
import torch.nn.functional as F
from torch import nn

import variants
import variational
from convert import same, transposed, turned


class Conv(nn.Module):
    """Convolutions with max pooling down and nearest neighbours up, or with
    strides down and transposed convolutions up.

    If a stride leaves an odd margin, our models pad at the bottom and right,
    PyTorch's layers at the top and left. So the strided net works on images rotated
    by 180 degrees, with rotated kernels: the same sums without a padding pass.
    """

    def __init__(self, net):
        super().__init__()
        self.strided, self.encode = net.get("strided", False), net.get("encode", False)
        self.turn = self.strided
        down, up = net["hidden"], net["hidden"][::-1]
        ins = [net["channels"]] + down
        self.down = nn.ModuleList(
            nn.Conv2d(ins[i], c, 3, stride=2 if self.strided and i < len(down) - 1 else 1, padding=1) for i, c in enumerate(down)
        )
        if self.encode:
            return
        self.up = nn.ModuleList([nn.Conv2d(down[-1], up[0], 3, padding=1)])
        for a, b in zip(up, up[1:]):
            if self.strided:
                self.up.append(nn.ConvTranspose2d(a, b, 3, stride=2, padding=1, output_padding=1))
            else:
                self.up.append(nn.Conv2d(a, b, 3, padding=1))
        self.out = nn.Conv2d(up[-1], net["channels"], 3, padding=1)

    def forward(self, x, _=None):
        h = x
        for i, layer in enumerate(self.down):
            h = F.relu(layer(h))
            if not self.strided and i < len(self.down) - 1:
                h = F.max_pool2d(h, 2)
        if self.encode:
            return h
        for i, layer in enumerate(self.up):
            if i > 0 and not self.strided:
                h = F.interpolate(h, scale_factor=2, mode="nearest")
            h = F.relu(layer(h))
        return F.binary_cross_entropy_with_logits(self.out(h), x)

    def weights(self):
        layers = {f"encoder/conv{i + 1}": l for i, l in enumerate(self.down)}
        if not self.encode:
            last = len(self.up)
            for i, l in enumerate(self.up):
                layers["decoder/" + (f"up{i}" if self.strided and i > 0 else f"conv{i + 1}")] = l
            layers["decoder/" + ("conv2" if self.strided else f"conv{last + 1}")] = self.out
        for name, l in layers.items():
            yield name + "/w", l.weight, turned if self.turn else same
            yield name + "/b", l.bias, same


class Dense(nn.Module):
    """Fully connected layers to the code and back."""

    def __init__(self, net):
        super().__init__()
        sizes = [net["input"]] + net["hidden"]
        sizes += sizes[-2::-1]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x, _=None):
        h = x
        for layer in self.layers[:-1]:
            h = F.relu(layer(h))
        return F.binary_cross_entropy_with_logits(self.layers[-1](h), x)

    def weights(self):
        half = len(self.layers) // 2
        for i, l in enumerate(self.layers):
            name = f"encoder/fc{i + 1}" if i < half else f"decoder/fc{i - half + 1}"
            yield name + "/w", l.weight, transposed
            yield name + "/b", l.bias, same


class VAE(nn.Module):
    """The variational autoencoder with one hidden layer on each side. The step
    draws the noise, except in the check, which uses ours."""

    def __init__(self, net):
        super().__init__()
        (hidden,), code = net["hidden"], net["code"]
        self.fc1, self.mu, self.logvar = nn.Linear(net["input"], hidden), nn.Linear(hidden, code), nn.Linear(hidden, code)
        self.fc2, self.logits = nn.Linear(code, hidden), nn.Linear(hidden, net["input"])

    def forward(self, x, eps=None):
        h = F.relu(self.fc1(x))
        mu, logvar = self.mu(h), self.logvar(h)
        if eps is None:
            eps = torch.randn_like(mu)
        z = mu + torch.exp(0.5 * logvar) * eps
        y = self.logits(F.relu(self.fc2(z)))
        recon = F.binary_cross_entropy_with_logits(y, x, reduction="sum")
        kl = 0.5 * torch.sum(mu * mu + torch.expm1(logvar) - logvar)
        return (recon + kl) / x.shape[0]

    def weights(self):
        for name, l in {
            "encoder/fc1": self.fc1, "encoder/mu": self.mu, "encoder/logvar": self.logvar,
            "decoder/fc1": self.fc2, "decoder/logits": self.logits,
        }.items():
            yield name + "/w", l.weight, transposed
            yield name + "/b", l.bias, same


class LSTM(nn.Module):
    """An LSTM to the code and one back, which reads the code at every step. PyTorch
    has two biases for each LSTM; the second stays at zero, untrained."""

    def __init__(self, net):
        super().__init__()
        (units,), features, code = net["hidden"], net["input"], net["code"]
        self.steps, self.features = net["steps"], features
        self.down = nn.LSTM(features, units, batch_first=True)
        self.code = nn.Linear(units, code)
        self.up = nn.LSTM(code, units, batch_first=True)
        self.out = nn.Linear(units, features)
        for l in (self.down, self.up):
            l.bias_hh_l0.requires_grad_(False).zero_()

    def forward(self, x, _=None):
        x = x.view(-1, self.steps, self.features)
        _, (h, _) = self.down(x)
        z = self.code(h[0])
        y, _ = self.up(z.unsqueeze(1).expand(-1, self.steps, -1))
        return F.binary_cross_entropy_with_logits(self.out(y), x)

    def weights(self):
        for name, l in {"encoder/lstm1": self.down, "decoder/lstm1": self.up}.items():
            yield name + "/wx", l.weight_ih_l0, transposed
            yield name + "/wh", l.weight_hh_l0, transposed
            yield name + "/b", l.bias_ih_l0, same
        for name, l in {"encoder/code": self.code, "decoder/out": self.out}.items():
            yield name + "/w", l.weight, transposed
            yield name + "/b", l.bias, same


KINDS = {"conv": Conv, "dense": Dense, "vae": VAE, "lstm": LSTM} | variants.KINDS | variational.KINDS


def build(net):
    return KINDS[net["kind"]](net)


def count(model):
    """The number of learnable numbers of a net."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad) - getattr(model, "untrained", 0)


def shape(net):
    """The shape of one sample."""
    if "size" in net:
        return (net["channels"], net["size"], net["size"])
    if net["kind"] == "conv1d":
        return (1, net["steps"])
    return (net.get("steps", 1) * net["input"],)
