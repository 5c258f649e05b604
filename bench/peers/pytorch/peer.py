"""PyTorch as a program that takes the orders of bench/peers (see its package talk).

    python peer.py BACKEND THREADS

BACKEND is torch-eager (NCHW in memory), torch-channels-last, or torch-compile
(channels last too, where there are images).
A step is forward, backward and Adam; of an encoder it is the forward pass alone.
"""

import json
import os
import sys
import time

import torch

import nets
import weights


class Peer:
    def __init__(self, backend):
        self.backend = backend
        self.step, self.done = None, 0

    def version(self):
        words = {"torch-eager": "eager", "torch-channels-last": "eager, channels last", "torch-compile": "torch.compile"}
        return f"PyTorch {torch.__version__.split('+')[0]}, {words[self.backend]}"

    def open(self, net, file, steps):
        """Build the net with the file's weights and take the first steps."""
        torch.compiler.reset()
        tensors, start = weights.load(file), time.perf_counter()
        model = nets.build(net)
        weights.put(model, tensors)
        batches = [x.clone() for x in tensors["x"].view(-1, net["batch"], *nets.shape(net)).unbind()]
        if getattr(model, "turn", False):
            batches = [x.flip(2, 3) for x in batches]
        noise = tensors["eps"].view(-1, net["batch"], net["code"]) if "eps" in tensors else None
        if self.backend != "torch-eager" and net["kind"] == "conv":
            model = model.to(memory_format=torch.channels_last)
            batches = [x.contiguous(memory_format=torch.channels_last) for x in batches]
        run = torch.compile(model) if self.backend == "torch-compile" else model
        params = [p for p in model.parameters() if p.requires_grad]
        if net.get("encode"):
            step = encoder(run, batches)
        else:
            step = trainer(run, params, batches)
        losses, ms, ready = [], [], None
        for i in range(steps + 1):
            begun = time.perf_counter()
            losses.append(step(i, None if noise is None else noise[i]))
            ms.append(1e3 * (time.perf_counter() - begun))
            ready = ready or time.perf_counter() - start
        if net.get("encode"):
            losses = [code.abs().mean().item() for code in losses]
        self.step, self.done = step, steps + 1
        return {
            "version": self.version(), "params": sum(p.numel() for p in params),
            "ready_ms": 1e3 * ready, "losses": losses, "ms": ms,
        }

    def run(self, warm, steps):
        if self.step is None:
            return {"error": "no net is open"}
        ms = []
        for i in range(self.done, self.done + warm + steps):
            start = time.perf_counter()
            self.step(i, None)
            ms.append(1e3 * (time.perf_counter() - start))
        self.done += warm + steps
        return {"ms": ms[warm:]}

    def close(self):
        self.step = None
        return {}

    def obey(self, order):
        if order["do"] == "open":
            return self.open(order["net"], order["file"], order["steps"])
        if order["do"] == "run":
            return self.run(order["warm"], order["steps"])
        return self.close()


def trainer(run, params, batches):
    """A training step: it returns the loss before the update."""
    adam = torch.optim.Adam(params, lr=1e-3, fused=True)

    def step(i, eps):
        adam.zero_grad(set_to_none=True)
        loss = run(batches[i % len(batches)], eps)
        loss.backward()
        adam.step()
        return loss.item()

    return step


def encoder(run, batches):
    """A forward pass: it returns the code."""

    def step(i, _):
        with torch.inference_mode():
            return run(batches[i % len(batches)])

    return step


def main():
    backend, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else prints goes to the log
    peer = Peer(backend)
    for line in sys.stdin:
        try:
            answer = peer.obey(json.loads(line))
        except Exception as e:  # the other nets go on
            text = str(e).strip().splitlines() or [""]
            answer = {"error": f"{type(e).__name__}: {text[0]}", "version": peer.version()}
            peer.close()
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
