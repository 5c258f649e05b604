"""Writes nets of PyTorch with random weights to the folder given, for pytorch_test.go:
NAME.safetensors with the weights, and NAME.npz with an input x and the output y."""

import sys

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn


class Last(nn.Module):
    """Returns the output of all steps of a recurrent layer."""

    def __init__(self, rnn):
        super().__init__()
        self.rnn = rnn

    def forward(self, x):
        return self.rnn(x)[0]


nets = {
    "dense": (nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.LayerNorm(7), nn.Linear(7, 3)), (4, 5)),
    "conv": (
        nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.Conv2d(4, 8, 3, groups=4),
            nn.ConvTranspose2d(8, 3, 2, stride=2),
        ),
        (2, 2, 6, 5),
    ),
    "conv1d": (nn.Sequential(nn.Conv1d(2, 4, 3), nn.ConvTranspose1d(4, 3, 3, stride=2)), (2, 2, 9)),
    "lstm": (Last(nn.LSTM(5, 6, batch_first=True)), (3, 4, 5)),
    "deep": (Last(nn.LSTM(5, 6, num_layers=2, bidirectional=True, batch_first=True)), (3, 4, 5)),
    "gru": (Last(nn.GRU(5, 6, batch_first=True)), (3, 4, 5)),
    "rnn": (Last(nn.RNN(5, 6, batch_first=True)), (3, 4, 5)),
}

torch.manual_seed(1)
for name, (net, shape) in nets.items():
    for key, value in net.state_dict().items():
        if value.dtype == torch.float32:
            value.copy_(0.5 * torch.randn(value.shape))
        if key.endswith("running_var"):
            value.abs_().add_(0.5)
    net.eval()
    x = torch.randn(shape)
    with torch.no_grad():
        y = net(x)
    save_file(net.state_dict(), f"{sys.argv[1]}/{name}.safetensors")
    np.savez(f"{sys.argv[1]}/{name}.npz", x=x.numpy(), y=y.numpy())
    if name == "dense":
        half = {k: v.to(torch.bfloat16) for k, v in net.state_dict().items()}
        save_file(half, f"{sys.argv[1]}/bfloat16.safetensors")
        half = {k: v.to(torch.float16) for k, v in net.state_dict().items()}
        save_file(half, f"{sys.argv[1]}/float16.safetensors")
