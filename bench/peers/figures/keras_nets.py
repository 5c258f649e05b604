"""The autoencoders of the Keras blog, and one over the rows of an image, in PyTorch, with the layers' own initial weights."""

import torch
import torch.nn.functional as F
from torch import nn

import digits


def dense(*sizes):
    """The layers of an autoencoder, with ReLU between them; the last returns logits."""
    layers = [nn.Flatten()]
    for n, m in zip(sizes, sizes[1:]):
        layers += [nn.Linear(n, m), nn.ReLU()]
    return nn.Sequential(*layers[:-1], nn.Unflatten(1, (1, 28, 28)))


def convolutional():
    """Convolutions 16-8-8 with pooling, to a code of 8x4x4, and back."""
    conv = lambda n, m, **more: [nn.Conv2d(n, m, 3, padding=1, **more), nn.ReLU()]
    pool = lambda: nn.MaxPool2d(2, ceil_mode=True)
    up = lambda: nn.Upsample(scale_factor=2)
    return nn.Sequential(
        *conv(1, 16), pool(), *conv(16, 8), pool(), *conv(8, 8), pool(),
        *conv(8, 8), up(), *conv(8, 8), up(), nn.Conv2d(8, 16, 3), nn.ReLU(), up(),
        nn.Conv2d(16, 1, 3, padding=1),
    )  # fmt: skip


class Rows(nn.Module):
    """An LSTM over 28 rows of 28 pixels to a code of 32, and one back."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(28, 128, batch_first=True)
        self.code = nn.Linear(128, 32)
        self.decoder = nn.LSTM(32, 128, batch_first=True)
        self.out = nn.Linear(128, 28)

    def forward(self, x):
        _, (h, _) = self.encoder(x.squeeze(1))
        z = self.code(h[-1])
        y, _ = self.decoder(z.unsqueeze(1).expand(-1, 28, -1))
        return self.out(y).unsqueeze(1)


def bce(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x)


def mse(logits, x):
    return F.mse_loss(logits.sigmoid(), x)


BCE, MSE = "test BCE, nats a pixel", "test MSE a pixel"

# Net, loss of training, metric and its loss, batch, epochs, and the rates at the start and, by a cosine, at the end.
RECIPES = {
    "keras-simple": (lambda: dense(784, 32, 784), bce, BCE, bce, 256, 50, 1e-3, 1e-3),
    "keras-deep": (lambda: dense(784, 128, 64, 32, 64, 128, 784), bce, BCE, bce, 256, 50, 1e-3, 1e-3),
    "keras-deep-mse": (lambda: dense(784, 128, 64, 32, 64, 128, 784), mse, MSE, mse, 256, 50, 1e-3, 1e-3),
    "keras-conv": (convolutional, bce, BCE, bce, 128, 50, 1e-3, 1e-3),
    "lstm-rows": (Rows, bce, "test MSE", mse, 128, 20, 2e-3, 1e-4),
}


def run(job):
    build, loss, metric, measure, batch, epochs, first, last = RECIPES[job.name]
    torch.manual_seed(job.seed)
    limit = 2000 if job.quick else None
    x = torch.from_numpy(digits.images(job.data, "train", limit))
    test = torch.from_numpy(digits.images(job.data, "t10k", limit))
    epochs = 1 if job.quick else epochs
    net = build()
    adam = torch.optim.Adam(net.parameters(), lr=first)
    steps = epochs * -(-len(x) // batch)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps, eta_min=last)
    for _ in range(epochs):
        for part in torch.randperm(len(x)).split(batch):
            adam.zero_grad()
            loss(net(x[part]), x[part]).backward()
            adam.step()
            cosine.step()
    net.eval()
    with torch.no_grad():
        means = [measure(net(part), part).item() * len(part) for part in test.split(500)]
    return f"PyTorch {torch.__version__.split('+')[0]}", epochs, {metric: sum(means) / len(test)}
