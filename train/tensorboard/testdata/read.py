"""Prints what TensorBoard reads from a folder of event files, as JSON."""
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

every = dict.fromkeys(("scalars", "images", "histograms"), 0)
a = EventAccumulator(sys.argv[1], size_guidance=every).Reload()
tags = a.Tags()
json.dump(
    {
        "Scalars": {t: [[e.step, e.value] for e in a.Scalars(t)] for t in tags["scalars"]},
        "Images": {t: [[e.step, e.width, e.height] for e in a.Images(t)] for t in tags["images"]},
        "Histograms": {t: [[e.step, sum(e.histogram_value.bucket)] for e in a.Histograms(t)] for t in tags["histograms"]},
    },
    sys.stdout,
)
