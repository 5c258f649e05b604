"""A variational autoencoder 784-400-40 of binary images, by the recipe with which Pythae reaches its published figure."""

import copy
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import digits


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(784, 400)
        self.mean, self.log_variance = nn.Linear(400, 40), nn.Linear(400, 40)
        self.decoder = nn.Sequential(nn.Linear(40, 400), nn.ReLU(), nn.Linear(400, 784))

    def posterior(self, x):
        h = F.relu(self.encoder(x))
        return self.mean(h), self.log_variance(h)

    def log_weight(self, x, mean, log_variance):
        """log p(x,z) - log q(z|x) of one drawn code z for each image."""
        noise = torch.randn_like(mean)
        z = mean + torch.exp(log_variance / 2) * noise
        bits = F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="none").sum(1)
        return 0.5 * (noise**2 + log_variance - z**2).sum(1) - bits

    def loss(self, x):
        """The negative evidence lower bound of one drawn code; the divergence is exact."""
        mean, log_variance = self.posterior(x)
        z = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
        bits = F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="none").sum(1)
        return (bits + 0.5 * (mean**2 + log_variance.exp() - log_variance - 1).sum(1)).mean()


def binarized(folder, part, limit):
    """Each pixel drawn once, 1 with the probability of its grey value."""
    x = digits.images(folder, part, limit).reshape(-1, 784)
    return torch.from_numpy((np.random.default_rng(1).random(x.shape) < x).astype(np.float32))


def run(job):
    torch.manual_seed(job.seed)
    epochs, draws, limit = (1, 2, 1200) if job.quick else (500, 200, None)
    x = binarized(job.data, "train", limit)
    training, validation = x[: len(x) * 5 // 6], x[len(x) * 5 // 6 :]
    test = binarized(job.data, "t10k", limit)
    net = VAE()
    adam = torch.optim.Adam(net.parameters(), lr=1e-4)
    steps = torch.optim.lr_scheduler.MultiStepLR(adam, [200, 350], 10**-0.2)
    best = (math.inf, None)
    for _ in range(epochs):
        for part in torch.randperm(len(training)).split(100):
            adam.zero_grad()
            net.loss(training[part]).backward()
            adam.step()
        steps.step()
        with torch.no_grad():
            loss = net.loss(validation).item()
        if loss < best[0]:
            best = (loss, copy.deepcopy(net.state_dict()))
    net.load_state_dict(best[1])
    total = 0.0
    with torch.no_grad():
        for part in test.split(1000):
            posterior = net.posterior(part)
            weights = torch.stack([net.log_weight(part, *posterior) for _ in range(draws)])
            total += (math.log(draws) - torch.logsumexp(weights, 0)).sum().item()
    return f"PyTorch {torch.__version__.split('+')[0]}", epochs, {"test NLL, nats an image, 200 draws": total / len(test)}
