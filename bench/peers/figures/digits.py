"""MNIST as NumPy arrays, from the four files in a folder."""

import gzip
import pathlib

import numpy as np


def images(folder, part, limit=None):
    """The images [N,1,28,28] in [0,1] of "train" or "t10k"; limit is the most to return."""
    path = pathlib.Path(folder) / "mnist" / f"{part}-images-idx3-ubyte.gz"
    with gzip.open(path) as f:
        pixels = np.frombuffer(f.read(), np.uint8, offset=16)
    x = pixels.reshape(-1, 1, 28, 28)[:limit]
    return (x / 255).astype(np.float32)
