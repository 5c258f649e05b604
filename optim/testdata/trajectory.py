"""Trains the problem of problem_test.go with PyTorch's optimisers, in float64.

Standard input has, as JSON, x [N,3], y [N,4], the start of w [3,4], b [4] and s, the
number of steps, and the cases: an optimiser's name with its arguments, and the largest
absolute gradient if gradients are clipped. Standard output has, for each case, all
weights after each step, or null if this PyTorch lacks the optimiser.
"""

import inspect
import json
import sys

import torch


def make_muon_exact():
    """Makes PyTorch's Muon iterate in float64 instead of bfloat16."""
    from torch.optim import _muon

    source = inspect.getsource(_muon._zeropower_via_newtonschulz)
    assert "grad.bfloat16()" in source
    exec(source.replace("grad.bfloat16()", "grad.clone()"), _muon.__dict__)


def train(given, case):
    array = lambda name, *shape: torch.tensor(given[name], dtype=torch.float64).reshape(shape)
    x, y = array("x", -1, 3), array("y", -1, 4)
    # A matrix here is [in, out], for Muon in PyTorch [out, in].
    flipped = case["optimizer"] == "Muon"
    w = array("w", 3, 4)
    w = (w.T.contiguous() if flipped else w).requires_grad_()
    b, s = array("b", 4).requires_grad_(), array("s").requires_grad_()
    kind = getattr(torch.optim, case["optimizer"], None)
    if kind is None:
        return None
    optimizers = [kind([w] if flipped else [w, b, s], **case["args"])]
    if flipped:
        optimizers.append(torch.optim.AdamW([b, s]))
    out = []
    for _ in range(given["steps"]):
        for o in optimizers:
            o.zero_grad()
        loss = ((s * torch.tanh(x @ (w.T if flipped else w) + b) - y) ** 2).mean()
        loss.backward()
        if case["clip"] > 0:
            torch.nn.utils.clip_grad_value_([w, b, s], case["clip"])
        for o in optimizers:
            o.step()
        plain = (w.T if flipped else w).detach().reshape(-1).tolist()
        out.append(plain + b.detach().tolist() + [s.item()])
    return out


if hasattr(torch.optim, "Muon"):
    make_muon_exact()
given = json.load(sys.stdin)
json.dump([train(given, case) for case in given["cases"]], sys.stdout)
