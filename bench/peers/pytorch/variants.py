"""The nets of nets.json whose models are in models.go: the same nets in PyTorch."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from convert import same, transposed, turned

HEADS, ENTRIES, CODES = 4, 512, 16  # as in models.go


def weights_of(layers, convert):
    """The weights and biases of layers, by the names of ours."""
    for name, l in layers.items():
        yield name + "/w", l.weight, convert
        yield name + "/b", l.bias, same


class GRU(nn.Module):
    """A GRU to the code and one back, which reads the code at every step. Ours has
    one bias for the gates r and u, PyTorch two; the second stays at zero, untrained."""

    def __init__(self, net):
        super().__init__()
        (units,), features, code = net["hidden"], net["input"], net["code"]
        self.steps, self.features, self.units = net["steps"], features, units
        self.down = nn.GRU(features, units, batch_first=True)
        self.code = nn.Linear(units, code)
        self.up = nn.GRU(code, units, batch_first=True)
        self.out = nn.Linear(units, features)
        self.untrained = 0
        for l in (self.down, self.up):
            with torch.no_grad():
                l.bias_hh_l0[: 2 * units] = 0
            l.bias_hh_l0.register_hook(self.without_gates)
            self.untrained += 2 * units

    def without_gates(self, grad):
        """The gradient of a second bias with zeros for the gates r and u."""
        return torch.cat([torch.zeros_like(grad[: 2 * self.units]), grad[2 * self.units :]])

    def forward(self, x, _=None):
        x = x.view(-1, self.steps, self.features)
        _, h = self.down(x)
        z = self.code(h[0])
        y, _ = self.up(z.unsqueeze(1).expand(-1, self.steps, -1))
        return F.binary_cross_entropy_with_logits(self.out(y), x)

    def weights(self):
        for name, l in {"encoder/gru": self.down, "decoder/gru": self.up}.items():
            yield name + "/wx", l.weight_ih_l0, transposed
            yield name + "/wh", l.weight_hh_l0, transposed
            split = 3 * self.units
            yield name + "/b", (l.bias_ih_l0, l.bias_hh_l0[2 * self.units :]), lambda b: (b[:split], b[split:])
        yield from weights_of({"encoder/code": self.code, "decoder/out": self.out}, transposed)


class Attention(nn.Module):
    """One transformer block between dense layers, with sine positions."""

    def __init__(self, net):
        super().__init__()
        (hidden,), self.features, width, self.steps = net["hidden"], net["input"], net["code"], net["steps"]
        self.embed = nn.Linear(self.features, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))
        self.dense1, self.dense2 = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.out = nn.Linear(width, self.features)
        at = torch.arange(self.steps).unsqueeze(1) * torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
        self.register_buffer("positions", torch.stack([at.sin(), at.cos()], 2).view(self.steps, width))

    def heads(self, x):
        return x.view(-1, self.steps, HEADS, x.shape[-1] // HEADS).transpose(1, 2)

    def forward(self, x, _=None):
        x = x.view(-1, self.steps, self.features)
        z = self.embed(x) + self.positions
        h = self.norm1(z)
        a = F.scaled_dot_product_attention(self.heads(self.q(h)), self.heads(self.k(h)), self.heads(self.v(h)))
        z = z + self.o(a.transpose(1, 2).reshape(z.shape))
        z = z + self.dense2(F.gelu(self.dense1(self.norm2(z))))
        return F.binary_cross_entropy_with_logits(self.out(z), x)

    def weights(self):
        yield from weights_of({"embed": self.embed, "block/dense1": self.dense1, "block/dense2": self.dense2, "out": self.out}, transposed)
        for name, l in {"q": self.q, "k": self.k, "v": self.v, "out": self.o}.items():
            yield "block/attention/" + name, l.weight, transposed
            yield f"block/attention/{name}_bias", l.bias, same
        for name, l in {"norm1": self.norm1, "norm2": self.norm2}.items():
            yield f"block/{name}/gamma", l.weight, same
            yield f"block/{name}/beta", l.bias, same


class VQ(nn.Module):
    """Codes quantised to the nearest vector of a codebook trained by gradient."""

    def __init__(self, net):
        super().__init__()
        (hidden,), size, self.code = net["hidden"], net["input"], net["code"]
        self.fc1, self.fc2 = nn.Linear(size, hidden), nn.Linear(hidden, CODES * self.code)
        self.book = nn.Parameter(torch.empty(ENTRIES, self.code).normal_())
        self.fc3, self.fc4 = nn.Linear(CODES * self.code, hidden), nn.Linear(hidden, size)

    def forward(self, x, _=None):
        z = self.fc2(F.relu(self.fc1(x))).view(-1, self.code)
        with torch.no_grad():
            chosen = torch.argmin(torch.addmm((self.book * self.book).sum(1), z, self.book.t(), alpha=-2), 1)
        nearest = F.embedding(chosen, self.book)
        extra = F.mse_loss(nearest, z.detach()) + 0.25 * F.mse_loss(z, nearest.detach())
        q = (z + (nearest - z).detach()).view(x.shape[0], -1)
        y = self.fc4(F.relu(self.fc3(q)))
        return F.binary_cross_entropy_with_logits(y, x) + extra

    def weights(self):
        yield from weights_of({"encoder/fc1": self.fc1, "encoder/fc2": self.fc2, "decoder/fc1": self.fc3, "decoder/fc2": self.fc4}, transposed)
        yield "codebook", self.book, same


class TopK(nn.Module):
    """A sparse autoencoder that keeps the greatest units of its code."""

    def __init__(self, net):
        super().__init__()
        (hidden,), self.kept = net["hidden"], net["code"]
        self.enc, self.dec = nn.Linear(net["input"], hidden), nn.Linear(hidden, net["input"])

    def forward(self, x, _=None):
        values, at = torch.topk(self.enc(x), self.kept)
        z = torch.zeros(x.shape[0], self.enc.out_features, device=x.device).scatter(1, at, values)
        return F.mse_loss(self.dec(z), x)

    def weights(self):
        yield from weights_of({"encoder": self.enc, "decoder": self.dec}, transposed)


class Conv1D(nn.Module):
    """Strided convolutions of signals, and transposed ones back. Like the strided net
    of images, it works on reversed signals."""

    turn = True

    def __init__(self, net):
        super().__init__()
        sizes, lengths = [1] + net["hidden"], [net["steps"]]
        for _ in net["hidden"]:
            lengths.append((lengths[-1] + 1) // 2)
        self.down = nn.ModuleList(nn.Conv1d(a, b, 7, stride=2, padding=3) for a, b in zip(sizes, sizes[1:]))
        back = list(zip(sizes[:0:-1], sizes[-2::-1], lengths[-2::-1]))
        self.up = nn.ModuleList(nn.ConvTranspose1d(a, b, 7, stride=2, padding=3, output_padding=1 - n % 2) for a, b, n in back)

    def forward(self, x, _=None):
        h = x
        for l in self.down:
            h = F.relu(l(h))
        for l in self.up[:-1]:
            h = F.relu(l(h))
        return F.mse_loss(self.up[-1](h), x)

    def weights(self):
        down = {f"encoder/conv{i + 1}": l for i, l in enumerate(self.down)}
        up = {f"decoder/up{i + 1}": l for i, l in enumerate(self.up)}
        yield from weights_of(down | up, turned)


class Residual(nn.Module):
    """A convolutional autoencoder with a block of two convolutions and a skip
    connection at each size."""

    def __init__(self, net):
        super().__init__()
        (w,), c, code = net["hidden"], net["channels"], net["code"]
        sizes = {"encoder/in": (c, w), "encoder/code": (w, code), "decoder/in": (code, w), "decoder/out": (w, c)}
        for side in ("encoder", "decoder"):
            for block in (1, 2):
                for k in (1, 2):
                    sizes[f"{side}/block{block}/conv{k}"] = (w, w)
        self.convs = nn.ModuleDict({name: nn.Conv2d(a, b, 3, padding=1) for name, (a, b) in sizes.items()})

    def block(self, name, h):
        return F.relu(h + self.convs[name + "/conv2"](F.relu(self.convs[name + "/conv1"](h))))

    def forward(self, x, _=None):
        h = F.relu(self.convs["encoder/in"](x))
        for i in (1, 2):
            h = self.block(f"encoder/block{i}", F.max_pool2d(h, 2))
        h = F.relu(self.convs["decoder/in"](self.convs["encoder/code"](h)))
        for i in (1, 2):
            h = F.interpolate(self.block(f"decoder/block{i}", h), scale_factor=2, mode="nearest")
        return F.binary_cross_entropy_with_logits(self.convs["decoder/out"](h), x)

    def weights(self):
        yield from weights_of(self.convs, same)


class Greatest(nn.Module):
    """An op alone: the greatest values of a row, in order."""

    def __init__(self, net):
        super().__init__()
        self.k = net["code"]

    def forward(self, x):
        return torch.topk(x, self.k)[0]

    def weights(self):
        return iter(())


class Embedded(nn.Module):
    """A lookup alone: the sum of the vectors that a row chooses from a table."""

    def __init__(self, net):
        super().__init__()
        (self.rows,) = net["hidden"]
        self.table = nn.Embedding(self.rows, net["code"])

    def forward(self, x):
        return F.embedding_bag((x * self.rows).long(), self.table.weight, mode="sum")

    def weights(self):
        yield "table", self.table.weight, same


KINDS = {"gru": GRU, "attention": Attention, "vq": VQ, "topk": TopK, "conv1d": Conv1D, "residual": Residual, "greatest": Greatest, "embedded": Embedded}
