"""hepstats: Bayesian blocks of events. Arguments: the file for the numbers, events, prior."""

import json
import sys
import time
from importlib.metadata import version
from math import exp
from pathlib import Path

import numpy as np
from hepstats.modeling import bayesian_blocks


def main() -> None:
    """Time the blocks once, in CPU seconds: there is nothing to warm up."""
    output, events, prior = sys.argv[1:]
    time_s = np.load(events)
    start = time.process_time()
    edges = bayesian_blocks(time_s, gamma=exp(-float(prior)))
    seconds = time.process_time() - start
    found = {"version": version("hepstats"), "seconds": seconds, "edges": edges.tolist()}
    Path(output).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
