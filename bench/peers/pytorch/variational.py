"""Autoencoders with random codes of models/vae, in PyTorch. Each takes the noise of a
step, or draws it."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from convert import same, transposed

DRAWS, SAMPLES = 5, 60000  # as in nets.go
CRITIC = (1000, 1000)  # layers of the adversary


def dense_weights(layers):
    """The weights and biases of dense layers, by the names of ours."""
    for name, l in layers.items():
        yield name + "/w", l.weight, transposed
        yield name + "/b", l.bias, same


class Coded(nn.Module):
    """Dense layers to a normal distribution of codes, and back to logits."""

    activation = staticmethod(F.relu)

    def __init__(self, net):
        super().__init__()
        sizes = [net["input"]] + net["hidden"]
        self.down = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.mu, self.logvar = nn.Linear(sizes[-1], net["code"]), nn.Linear(sizes[-1], net["code"])
        sizes = [net["code"]] + sizes[:0:-1]
        self.up = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.logits = nn.Linear(sizes[-1], net["input"])

    def encode(self, x):
        for l in self.down:
            x = self.activation(l(x))
        return self.mu(x), self.logvar(x).clamp(-30, 20)

    def decode(self, z):
        for l in self.up:
            z = self.activation(l(z))
        return self.logits(z)

    def weights(self):
        layers = {f"encoder/fc{i + 1}": l for i, l in enumerate(self.down)}
        layers |= {"encoder/mu": self.mu, "encoder/logvar": self.logvar}
        layers |= {f"decoder/fc{i + 1}": l for i, l in enumerate(self.up)}
        return dense_weights(layers | {"decoder/logits": self.logits})


class Importance(Coded):
    """The bound of several draws (Burda et al. 2016)."""

    activation = staticmethod(torch.tanh)

    def forward(self, x, eps=None):
        mu, logvar = (t.unsqueeze(1) for t in self.encode(x))
        n, d = x.shape[0], mu.shape[2]
        eps = torch.randn(n, DRAWS, d, device=x.device) if eps is None else eps.view(n, DRAWS, d)
        z = mu + torch.exp(0.5 * logvar) * eps
        y = self.decode(z)
        likelihood = -F.binary_cross_entropy_with_logits(y, x.unsqueeze(1).expand_as(y), reduction="none").sum(2)
        ratio = 0.5 * (eps * eps + logvar - z * z).sum(2)
        return math.log(DRAWS) - torch.logsumexp(likelihood + ratio, 1).mean()


class TotalCorrelation(Coded):
    """Beta-TC with minibatch-stratified sampling (Chen et al. 2018), beta 6."""

    def weigh(self, n, device):
        """Logarithms of the stratified weights of the samples of a batch."""
        others = n - 1
        w = torch.full((n, n), 1 / others, device=device)
        i = torch.arange(n, device=device)
        w[i, (i + 1) % n] = (SAMPLES - others) / (SAMPLES * others)
        w[i, i] = 1 / SAMPLES
        return w.log()

    def forward(self, x, eps=None):
        mu, logvar = self.encode(x)
        z = mu + torch.exp(0.5 * logvar) * (torch.randn_like(mu) if eps is None else eps)
        recon = F.binary_cross_entropy_with_logits(self.decode(z), x, reduction="sum") / x.shape[0]

        def density(z, mu, logvar):
            return -0.5 * (logvar + (z - mu) ** 2 * torch.exp(-logvar) + math.log(2 * math.pi))

        w = self.weigh(x.shape[0], x.device)
        every = density(z.unsqueeze(1), mu.unsqueeze(0), logvar.unsqueeze(0))
        joint = torch.logsumexp(every.sum(2) + w, 1)
        product = torch.logsumexp(every + w.unsqueeze(2), 1).sum(1)
        own = density(z, mu, logvar).sum(1)
        prior = -0.5 * (z * z + math.log(2 * math.pi)).sum(1)
        return recon + (own - joint).mean() + 6 * (joint - product).mean() + (product - prior).mean()


class Adversarial(nn.Module):
    """The adversarial autoencoder of Makhzani et al. (2015): in turn 0 of a step the
    autoencoder learns, in turn 1 the critic."""

    def __init__(self, net):
        super().__init__()
        (hidden,), code = net["hidden"], net["code"]
        self.fc1, self.code = nn.Linear(net["input"], hidden), nn.Linear(hidden, code)
        self.fc2, self.logits = nn.Linear(code, hidden), nn.Linear(hidden, net["input"])
        sizes = (code,) + CRITIC + (1,)
        self.critic = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def groups(self):
        """The parameters that learn in each turn."""
        critic = list(self.critic.parameters())
        return [[p for l in (self.fc1, self.code, self.fc2, self.logits) for p in l.parameters()], critic]

    def judge(self, z):
        for l in self.critic[:-1]:
            z = F.leaky_relu(l(z), 0.2)
        return self.critic[-1](z)

    def forward(self, x, eps=None, turn=0):
        z = self.code(F.relu(self.fc1(x)))
        if turn == 1:
            drawn = torch.randn_like(z) if eps is None else eps
            return F.softplus(-self.judge(drawn)).mean() + F.softplus(self.judge(z.detach())).mean()
        recon = F.binary_cross_entropy_with_logits(self.logits(F.relu(self.fc2(z))), x, reduction="sum") / x.shape[0]
        return recon + F.softplus(-self.judge(z)).mean()

    def weights(self):
        layers = {"encoder/fc1": self.fc1, "encoder/code": self.code, "decoder/fc1": self.fc2, "decoder/logits": self.logits}
        layers |= {f"critic/fc{i + 1}": l for i, l in enumerate(self.critic[:-1])}
        return dense_weights(layers | {"critic/logit": self.critic[-1]})


KINDS = {"iwae": Importance, "tc": TotalCorrelation, "aae": Adversarial}
