"""PyTorch as a program that takes the orders of bench/peers (see its package talk).

    python peer.py BACKEND THREADS

BACKEND is torch-eager (NCHW in memory), torch-channels-last, or torch-compile
(channels last too, where there are images); or on a GPU torch-cuda, -compile or
-graphs (a step is one CUDA graph) or both.
A step is forward, backward and Adam; of an encoder it is the forward pass alone.
"""

import json
import os
import sys
import time

import torch

import nets
import steps as stepping
import weights
from convert import turned

WORDS = {
    "torch-eager": "eager", "torch-channels-last": "eager, channels last", "torch-compile": "torch.compile",
    "torch-cuda": "eager", "torch-cuda-compile": "torch.compile",
    "torch-cuda-graphs": "a CUDA graph", "torch-cuda-compile-graphs": "torch.compile, a CUDA graph",
}


class Peer:
    def __init__(self, backend):
        self.backend = backend
        self.step, self.done = None, 0
        self.gpu = backend.startswith("torch-cuda")

    def version(self):
        return f"PyTorch {torch.__version__.split('+')[0]}, {WORDS[self.backend]}"

    def open(self, net, file, steps):
        """Build the net with the file's weights and take the first steps."""
        if self.gpu:
            stepping.need_gpu(self.backend)
            stepping.full_precision()
        device = torch.device("cuda" if self.gpu else "cpu")
        torch.compiler.reset()
        tensors, start = weights.load(file), time.perf_counter()
        model = nets.build(net)
        weights.put(model, tensors)
        batches = [x.clone() for x in tensors["x"].view(-1, net["batch"], *nets.shape(net)).unbind()]
        if getattr(model, "turn", False):
            batches = [turned(x) for x in batches]
        noise = tensors["eps"].view(steps + 1, net["batch"], -1).to(device) if "eps" in tensors else None
        if self.backend in ("torch-channels-last", "torch-compile") and "channels" in net:
            model = model.to(memory_format=torch.channels_last)
            batches = [x.contiguous(memory_format=torch.channels_last) for x in batches]
        model, batches = model.to(device), stepping.Batches(batches, device)
        run = torch.compile(model) if "compile" in self.backend else model
        groups = model.groups() if hasattr(model, "groups") else [[p for p in model.parameters() if p.requires_grad]]
        if net.get("encode"):
            step = stepping.encoder(run, batches)
        else:
            step = stepping.trainer(run, groups, batches, capturable="graphs" in self.backend)
        if "graphs" in self.backend:
            step = stepping.graphed(step, batches)
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
            "version": self.version(), "params": nets.count(model),
            "ready_ms": 1e3 * ready, "losses": losses, "ms": ms,
            "device": torch.cuda.get_device_name() if self.gpu else "",
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


def main():
    backend, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # all other output goes to the log
    peer = Peer(backend)
    for line in sys.stdin:
        try:
            answer = peer.obey(json.loads(line))
        except Exception as e:  # the other nets still run
            text = str(e).strip().splitlines() or [""]
            answer = {"error": f"{type(e).__name__}: {text[0]}", "version": peer.version()}
            peer.close()
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
