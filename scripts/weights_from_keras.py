"""Converts the weights of a Keras model to an npz or safetensors file.

    python weights_from_keras.py model.keras weights.npz
    python weights_from_keras.py model.weights.h5 weights.safetensors

It prints the name and shape of each array. Names are the paths of variables, such as
"dense/kernel". The function checkpoint.Keras has tables for them; see docs/weights.md.

A model in a .keras or .h5 file needs Keras. Only h5py is needed for a .weights.h5 file,
where names are those of the file: "layers/dense/vars/0" is the layer's first variable.
A safetensors file needs the package safetensors.
"""

import sys

import numpy as np


def from_model(path):
    import keras

    model = keras.saving.load_model(path, compile=False)
    arrays = {}
    for v in model.weights:
        if v.path in arrays:
            sys.exit(f"two variables are called {v.path}: give their layers names of their own")
        arrays[v.path] = np.asarray(keras.ops.convert_to_numpy(v))
    return arrays


def from_weights(path):
    import h5py

    arrays = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and item.dtype.kind == "f":
            arrays[name] = item[()]

    with h5py.File(path) as f:
        f.visititems(visit)
    return arrays


def main(source, target):
    arrays = (from_weights if source.endswith(".weights.h5") else from_model)(source)
    # Variables that are no weights, such as the seeds of dropout, are integers.
    arrays = {k: np.ascontiguousarray(v) for k, v in arrays.items() if v.dtype.kind == "f"}
    if target.endswith(".safetensors"):
        from safetensors.numpy import save_file

        save_file(arrays, target)
    else:
        np.savez(target, **arrays)
    for name, value in arrays.items():
        print(name, list(value.shape))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
