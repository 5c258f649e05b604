"""Runs the ONNX files of a folder with onnxruntime on the CPU.

manifest.json lists the cases: a file, and for each input and output its name, its shape
and the file of its elements, float32 in row-major order. Outputs are written.
"""
import json
import os
import sys

import numpy as np
import onnx
import onnxruntime as ort

folder = sys.argv[1]
options = ort.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
options.log_severity_level = 3
with open(os.path.join(folder, "manifest.json")) as f:
    cases = json.load(f)
sessions = {}
for case in cases:
    path = os.path.join(folder, case["file"])
    if case["file"] not in sessions:
        sessions.clear()
        onnx.checker.check_model(onnx.load(path), full_check=True)
        sessions[case["file"]] = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    session = sessions[case["file"]]
    feed = {i["name"]: np.fromfile(os.path.join(folder, i["file"]), "<f4").reshape(i["shape"]) for i in case["inputs"]}
    for out, value in zip(case["outputs"], session.run([o["name"] for o in case["outputs"]], feed)):
        assert list(value.shape) == out["shape"], (case, value.shape)
        value.astype("<f4").tofile(os.path.join(folder, out["file"]))
print(len(cases), "runs by onnxruntime", ort.__version__)
