"""Encodes single images through our library and through onnxruntime, in turn, and prints the 50th and 99th percentiles.

Both have one thread, the same nets and the same images; the codes are checked first. See run.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time

import numpy
import onnxruntime


def percentile(ns, p):
    return float(numpy.percentile(ns, p)) / 1e3


def main():
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--ours", required=True, help="our program")
    flags.add_argument("--nets", default="", help="nets, with commas between them; empty means all")
    flags.add_argument("--rounds", type=int, default=50, help="turns of each side")
    flags.add_argument("--calls", type=int, default=200, help="images in a turn")
    flags.add_argument("--json", action="store_true", help="print JSON")
    o = flags.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours = subprocess.Popen([o.ours, "-dir", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        sizes = json.loads(ours.stdout.readline() or "{}")
        names = o.nets.split(",") if o.nets else sorted(sizes)
        images = numpy.fromfile(os.path.join(folder, "images"), "<f4").reshape(64, -1)
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = settings.inter_op_num_threads = 1
        rows = []
        for name in names:
            session = onnxruntime.InferenceSession(os.path.join(folder, name + ".onnx"), settings, providers=["CPUExecutionProvider"])
            x = session.get_inputs()[0]
            shape = [1] + [n for n in x.shape[1:]]
            singles = [numpy.ascontiguousarray(i.reshape(shape)) for i in images]
            want = numpy.fromfile(os.path.join(folder, name + ".codes"), "<f4").reshape(64, -1)
            have = numpy.stack([session.run(["code"], {x.name: i})[0].reshape(-1) for i in singles])
            difference = float(abs(have - want).max() / max(abs(want).max(), 1e-9))
            if difference > 1e-4:
                raise SystemExit(f"{name}: the codes differ by {difference}, relative to the greatest")

            def turn_ours():
                ours.stdin.write(f"{name} {o.calls}\n")
                ours.stdin.flush()
                return json.loads(ours.stdout.readline())

            at = 0

            def turn_theirs():
                nonlocal at
                took = []
                for _ in range(o.calls):
                    feed = {x.name: singles[at % 64]}
                    at += 1
                    start = time.perf_counter_ns()
                    session.run(["code"], feed)
                    took.append(time.perf_counter_ns() - start)
                return took

            turn_ours(), turn_theirs()  # warm up
            a, b = [], []
            for k in range(o.rounds):
                if k % 2:
                    b += turn_theirs()
                    a += turn_ours()
                else:
                    a += turn_ours()
                    b += turn_theirs()
            row = {"net": name, "calls": len(a)}
            for who, ns in (("ours", a), ("onnxruntime", b)):
                row[who] = {"p50": percentile(ns, 50), "p99": percentile(ns, 99), "least": min(ns) / 1e3}
            row["ratio"] = {p: row["ours"][p] / row["onnxruntime"][p] for p in ("p50", "p99", "least")}
            rows.append(row)
        ours.stdin.close()
        ours.wait()
    if o.json:
        print(json.dumps({"onnxruntime": onnxruntime.__version__, "load": os.getloadavg()[0], "rows": rows}, indent=1))
        return
    print(f"onnxruntime {onnxruntime.__version__} on one thread, ours on one; µs an image, {o.rounds} turns of {o.calls}; load {os.getloadavg()[0]:.1f}")
    print("| net | ours p50 | onnxruntime p50 | ratio | ours p99 | onnxruntime p99 | ratio | ours least | onnxruntime least | ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for r in rows:
        cells = [f"{r['ours'][p]:.1f} | {r['onnxruntime'][p]:.1f} | {r['ratio'][p]:.2f}" for p in ("p50", "p99", "least")]
        print(f"| {r['net']} | " + " | ".join(cells) + " |")


main()
