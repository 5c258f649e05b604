"""How our weights become PyTorch's."""


def same(w):
    return w


def transposed(w):
    return w.t()


def turned(w):
    """A kernel reversed along its taps, for nets on reversed images or signals."""
    return w.flip(tuple(range(2, w.dim())))
