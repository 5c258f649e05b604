"""Trains the recipes of presets with other programs: see the script run beside this file."""

import argparse
import dataclasses
import importlib
import json
import os
import pathlib
import platform
import sys
import time


@dataclasses.dataclass
class Job:
    """One training: the recipe of a preset with a seed."""

    name: str
    seed: int
    data: str
    quick: bool  # a few samples and one epoch, to see that it works


# What runs a preset, by its name: a module beside this file, and the packages that it imports.
PROGRAMS = {
    "keras-simple": ("keras_nets", ["torch", "numpy"]),
    "keras-deep": ("keras_nets", ["torch", "numpy"]),
    "keras-deep-mse": ("keras_nets", ["torch", "numpy"]),
    "keras-conv": ("keras_nets", ["torch", "numpy"]),
    "lstm-rows": ("keras_nets", ["torch", "numpy"]),
    "vae-fixed": ("binary_vae", ["torch", "numpy"]),
    "ae-gmm": ("pythae_models", ["torch", "numpy", "pythae"]),
    "wae-mmd": ("pythae_models", ["torch", "numpy", "pythae"]),
    "rae-l2": ("pythae_models", ["torch", "numpy", "pythae"]),
    "aae": ("pythae_models", ["torch", "numpy", "pythae"]),
    "vqvae": ("pythae_models", ["torch", "numpy", "pythae"]),
    "vqvae-scalars": ("pythae_models", ["torch", "numpy", "pythae"]),
    "sae-topk": ("sae", ["torch", "sae-lens"]),
}


def train(job):
    """Rows of results.json for a job. A module's function run takes the job and returns
    the program with its version, the epochs, and the values by metric."""
    start = time.time()
    program, epochs, values = importlib.import_module(PROGRAMS[job.name][0]).run(job)
    return [
        {
            "name": job.name,
            "program": program,
            "title": "",
            "epochs": epochs,
            "seed": job.seed,
            "metric": metric,
            "value": value,
            "seconds": time.time() - start,
            "machine": cpu(),
        }
        for metric, value in values.items()
    ]


def cpu():
    """The processor's name, as the benchmark writes it."""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if os.path.exists("/proc/cpuinfo") else []:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def parse():
    p = argparse.ArgumentParser(prog="figures", description="trains the recipes of presets with other programs")
    p.add_argument("-presets", default="all", help="presets with commas between them, or all; -list shows them")
    p.add_argument("-seeds", type=int, default=1, help="number of runs of each, with the seeds -seed, -seed + 1, ...")
    p.add_argument("-seed", type=int, default=1)
    p.add_argument("-data", default=os.environ.get("STHENO_DATA", ""), help="folder that has the folder mnist (default $STHENO_DATA)")
    p.add_argument("-o", default="out/peers", help="folder of results.json, to which figures are added")
    p.add_argument("-quick", action="store_true", help="a few samples, to see that everything works; writes nothing")
    p.add_argument("-list", action="store_true", help="show the presets")
    p.add_argument("-needs", action="store_true", help=argparse.SUPPRESS)
    o = p.parse_args()
    names = list(PROGRAMS) if o.presets == "all" else [n.strip() for n in o.presets.split(",")]
    for n in names:
        if n not in PROGRAMS:
            p.error(f"no other program runs {n!r}: choose from {', '.join(PROGRAMS)}")
    return o, names


def add(path, rows):
    """Adds rows to results.json. A figure of the same program and seed is replaced."""
    have = json.loads(path.read_text())["presets"] if path.exists() else []
    key = lambda r: (r["name"], r["program"], r["metric"], r["seed"])
    fresh = {key(r) for r in rows}
    rows = [r for r in have if key(r) not in fresh] + rows
    results = {"schema": 1, "seed": 0, "machine": {"cpu": cpu(), "cores": os.cpu_count(), "go": ""}, "presets": rows}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(results, indent=1) + "\n")
    part.replace(path)


def main():
    o, names = parse()
    if o.needs:
        if not o.list:
            print("\n".join(dict.fromkeys(package for n in names for package in PROGRAMS[n][1])))
        return 0
    if o.list:
        print("\n".join(f"{n}  {PROGRAMS[n][1][-1]}" for n in PROGRAMS))
        return 0
    failed = 0
    for name in names:
        for seed in range(o.seed, o.seed + o.seeds):
            try:
                rows = train(Job(name, seed, o.data, o.quick))
            except ImportError as e:
                print(f"{name} is left out: {e}", file=sys.stderr)
                break
            except OSError as e:
                print(f"{name}: {e}: name the folder that has the folder mnist with -data", file=sys.stderr)
                failed = 1
                break
            for r in rows:
                print(f"{name}  seed {seed}  {r['metric']}  {r['value']:.5g}  {r['program']}  {r['seconds']:.0f} s", flush=True)
            if not o.quick:
                add(pathlib.Path(o.o) / "results.json", rows)
    return failed


if __name__ == "__main__":
    sys.exit(main())
