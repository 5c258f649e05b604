"""Our weights in PyTorch: a reader of safetensors files, and loading them into a model."""

import json

import torch


def load(path):
    """The tensors of a file of float32 numbers, by name."""
    with open(path, "rb") as f:
        size = int.from_bytes(f.read(8), "little")
        header = json.loads(f.read(size))
        body = bytearray(f.read())
    out = {}
    for name, t in header.items():
        start, end = t["data_offsets"]
        out[name] = torch.frombuffer(body, dtype=torch.float32, count=(end - start) // 4, offset=start).view(t["shape"])
    return out


def put(model, tensors):
    """Give the model the weights "w/..."; every weight of the file and of the model must be used."""
    ours = {name.removeprefix("w/"): t for name, t in tensors.items() if name.startswith("w/")}
    with torch.no_grad():
        for name, parameter, turn in model.weights():
            w = turn(ours.pop(name))
            # One weight of ours may be several of PyTorch's.
            for part, to in zip(w, parameter) if isinstance(parameter, tuple) else [(w, parameter)]:
                if part.shape != to.shape:
                    raise ValueError(f"weight {name}: ours is {tuple(part.shape)}, PyTorch's {tuple(to.shape)}")
                to.copy_(part)
    if ours:
        raise ValueError(f"weights that PyTorch's net lacks: {', '.join(ours)}")
