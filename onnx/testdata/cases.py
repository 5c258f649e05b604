"""Writes ONNX's own conformance cases to a folder: those of single ops, and nets that
PyTorch exported. Each has a folder with model.onnx, and its inputs and outputs as
TensorProto: 0.in, 1.in, ..., 0.out, ...
"""
import glob
import os
import shutil
import sys

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

folder = sys.argv[1]


def write(name, model, inputs, outputs):
    if any(not isinstance(a, np.ndarray) and not np.isscalar(a) for a in list(inputs) + list(outputs)):
        return  # sequences and optional values
    os.makedirs(os.path.join(folder, name))
    onnx.save(model, os.path.join(folder, name, "model.onnx"))
    for kind, arrays in ("in", inputs), ("out", outputs):
        for i, a in enumerate(arrays):
            with open(os.path.join(folder, name, f"{i}.{kind}"), "wb") as f:
                f.write(numpy_helper.from_array(np.asarray(a)).SerializeToString())


for case in collect_testcases():
    if case.model is not None and case.data_sets:
        try:
            write(case.name, case.model, *case.data_sets[0])
        except (ValueError, TypeError, AttributeError):
            shutil.rmtree(os.path.join(folder, case.name), ignore_errors=True)

data = os.path.join(os.path.dirname(onnx.__file__), "backend", "test", "data")
for path in sorted(glob.glob(os.path.join(data, "pytorch-*", "test_*"))):
    arrays = {"in": [], "out": []}
    for kind, pattern in ("in", "input_*.pb"), ("out", "output_*.pb"):
        for file in sorted(glob.glob(os.path.join(path, "test_data_set_0", pattern))):
            t = onnx.TensorProto()
            with open(file, "rb") as f:
                t.ParseFromString(f.read())
            arrays[kind].append(numpy_helper.to_array(t))
    write("pytorch_" + os.path.basename(path), onnx.load(os.path.join(path, "model.onnx")), arrays["in"], arrays["out"])
