"""Checks of the nets that need no other program: run by `bench/peers/run -quick`."""

import json
import pathlib

import torch
import torch.nn.functional as F

import nets
import peer
import steps


def check_parameters(entry):
    """The net has the same number of parameters as our model of that name."""
    model = nets.build(entry)
    count = nets.count(model)
    assert count == entry["params"], f"{entry['name']} has {count} parameters, want {entry['params']}"
    given = sum(sum(q.numel() for q in p) if isinstance(p, tuple) else p.numel() for _, p, _ in model.weights())
    assert given == count, f"{entry['name']} takes {given} of its {count} parameters from ours"


def check_learning(entry):
    """A few steps on one batch lower the loss."""
    torch.manual_seed(1)
    model, x = nets.build(entry), torch.rand(8, *nets.shape(entry))
    adam = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-3)
    losses = []
    for _ in range(10):
        adam.zero_grad()
        loss = model(x)
        loss.backward()
        adam.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0], f"{entry['name']} learns nothing: {losses}"


def check_turning():
    """A strided convolution of rotated images with rotated kernels is the rotated
    result of the convolution padded at the bottom and right."""
    x, w = torch.rand(2, 3, 10, 10), torch.rand(4, 3, 3, 3)
    want = F.conv2d(F.pad(x, (0, 1, 0, 1)), w, stride=2)
    got = F.conv2d(x.flip(2, 3), w.flip(2, 3), stride=2, padding=1).flip(2, 3)
    assert torch.allclose(got, want, atol=1e-5), "turned images are another net"


def check_refusal():
    """Without a GPU, backends that need one raise an error and do not run on the CPU."""
    if torch.cuda.is_available():
        return
    for backend in peer.WORDS:
        p = peer.Peer(backend)
        assert p.gpu == ("cuda" in backend), backend
        if not p.gpu:
            continue
        try:
            p.open({"name": "dense"}, "no such file", 1)
        except RuntimeError as e:
            assert f"{backend} needs a GPU that PyTorch" in str(e), e
        else:
            raise AssertionError(f"{backend} runs without a GPU")


def check_batches():
    """On the CPU the steps read the batches in turn, without a copy."""
    given = [torch.rand(2, 3) for _ in range(2)]
    batches = steps.Batches(given, torch.device("cpu"))
    assert batches[2] is given[0] and batches[3] is given[1] and not batches.gpu
    to = torch.empty(2, 3)
    batches.put(3, to)
    assert torch.equal(to, given[1])


def main():
    entries = json.loads((pathlib.Path(__file__).parent.parent / "nets.json").read_text())
    for entry in entries:
        check_parameters(entry)
        if not entry.get("encode") and entry["params"] < 1_000_000:
            check_learning(entry)
    check_turning()
    check_refusal()
    check_batches()
    print(f"{len(entries)} nets of PyTorch {torch.__version__} checked: parameters, learning, padding, refusal")


if __name__ == "__main__":
    main()
