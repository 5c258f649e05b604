"""Training steps of a net in PyTorch: on the CPU, on a GPU, and as one CUDA graph.

Each is a function of a batch's number and of its noise, or None to draw it. It
returns the loss before the update or, for an encoder, the code.
"""

import torch

WARM = 3  # steps before the captured one: loading and allocating cannot be captured


def need_gpu(name):
    """Raise an error if PyTorch has no GPU for a backend."""
    if torch.cuda.is_available():
        return
    built = f"it is built for CUDA {torch.version.cuda}, and the driver shows it no GPU" if torch.version.cuda else "it is built without CUDA"
    raise RuntimeError(f"{name} needs a GPU that PyTorch {torch.__version__} can use: {built}")


def full_precision():
    """float32 is float32 on a GPU too, without TensorFloat-32."""
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.benchmark = True


class Batches:
    """The batches in turn: on a GPU each is copied there in its step, from pinned memory."""

    def __init__(self, batches, device):
        self.gpu = device.type == "cuda"
        self.batches, self.device = [x.pin_memory() for x in batches] if self.gpu else batches, device

    def __getitem__(self, i):
        x = self.batches[i % len(self.batches)]
        return x.to(self.device, non_blocking=True) if self.gpu else x

    def put(self, i, to):
        to.copy_(self.batches[i % len(self.batches)], non_blocking=True)


def trainer(run, groups, batches, capturable=False):
    """Forward, backward and Adam, in turn for each group of parameters. The loss is that
    of the first."""
    turns = [(torch.optim.Adam(group, lr=1e-3, fused=True, capturable=capturable), group) for group in groups]

    def update(x, eps):
        losses = []
        for turn, (adam, group) in enumerate(turns):
            adam.zero_grad(set_to_none=True)
            loss = run(x, eps, turn) if len(turns) > 1 else run(x, eps)
            loss.backward(inputs=group) if len(turns) > 1 else loss.backward()
            adam.step()
            losses.append(loss)
        return losses[0]

    def step(i, eps):
        return update(batches[i], eps).item()

    step.update = update
    return step


def encoder(run, batches):
    """A forward pass."""

    def update(x, _):
        with torch.inference_mode():
            return run(x)

    def step(i, _):
        code = update(batches[i], None)
        if batches.gpu:
            torch.cuda.synchronize()
        return code

    step.update = update
    return step


def graphed(step, batches):
    """A step as one CUDA graph, which reads each batch from the place it is copied to.
    The first steps, and those with given noise, run without the graph."""
    stream, graph = torch.cuda.Stream(), torch.cuda.CUDAGraph()
    x, out = batches[0].clone(), None

    def run(i, eps):
        nonlocal out
        if i < WARM or eps is not None:
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                result = step(i, eps)
            torch.cuda.current_stream().wait_stream(stream)
            return result
        if out is None:
            torch.cuda.synchronize()
            with torch.cuda.graph(graph):
                out = step.update(x, None)  # captured, and run below
        batches.put(i, x)
        graph.replay()
        torch.cuda.synchronize()
        return out.item() if out.dim() == 0 else out

    return run
