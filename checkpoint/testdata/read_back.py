"""Prints what safetensors and NumPy read from FOLDER/x.safetensors and FOLDER/x.npz, as JSON."""

import json
import sys

import numpy as np
from safetensors.numpy import load_file

read = {"x.safetensors": load_file(f"{sys.argv[1]}/x.safetensors"), "x.npz": dict(np.load(f"{sys.argv[1]}/x.npz", allow_pickle=False))}
print(json.dumps({f: {k: {"type": str(v.dtype), "shape": v.shape, "bytes": v.tobytes().hex()} for k, v in a.items()} for f, a in read.items()}))
