"""`testbench/bench/growth`: cost of an analysis against detectors, events and length of the data.

Makes folders of GRB 080916C, from its real files in `../shared/data`, with events, CTIME, CSPEC and
responses of up to 14 detectors, and analyses each in a fresh process, without figures. For each of
the three it prints CPU time and memory, the exponent of the growth (the slope of log CPU against
log size), and the CPU time of one more.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np

from eclgrmd.errors import PermanentError
from testbench.bench.processes import Cost, cost_of, median_cost, python
from testbench.checkout import CHECKOUT, SHARED_DATA
from testbench.command_line import command_parser

from .folder import DETECTORS, write_folder

__all__ = ["main"]

BURST = SHARED_DATA / "fermi-gbm" / "bn080916009"
"""Folder of GRB 080916C."""
_NUMBERS = (2, 4, 8, 14)
"""Numbers of detectors."""
_SHARES = (0.125, 0.25, 0.5, 1.0)
"""Shares of the events of two detectors."""
_LENGTHS_S = (110.0, 160.0, 230.0, 325.0)
"""Lengths of the data of two detectors, from 25 s before the trigger, which contain the burst."""
_BEFORE_S = -25.0
_SECONDS = (1, 2, 3, 5, 10, 20, 30)
"""Ticks of the figure's axis of CPU time."""


class Series(TypedDict):
    """Cost against one size."""

    name: str
    """The size."""
    sizes: list[float]
    """Its values."""
    cpu_s: list[float]
    """CPU time of each, seconds."""
    peak_mb: list[float]
    """Memory of each, MB."""
    exponent: float
    """Slope of log CPU time against log size."""
    each_s: float
    """CPU time of one more, seconds: slope of CPU time against size."""


def _cost(folder: Path, scratch: Path, repeats: int) -> Cost:
    plain = scratch / "plain.yaml"
    plain.write_text("products: {figures: never}\n")
    command = python("-m", "eclgrmd", "analyze", folder, "--output", scratch / "products")
    return median_cost(
        [cost_of([*command, "--config", plain], folder=CHECKOUT) for _ in range(repeats)]
    )


def _series(name: str, sizes: Sequence[float], costs: Sequence[Cost]) -> Series:
    """Fit and print the growth of one size."""
    cpu_s = [cost.cpu_s for cost in costs]
    peak_mb = [cost.peak_bytes / 1e6 for cost in costs]
    exponent = float(np.polyfit(np.log(sizes), np.log(cpu_s), 1)[0])
    each_s = float(np.polyfit(sizes, cpu_s, 1)[0])
    for size, cpu, peak in zip(sizes, cpu_s, peak_mb, strict=True):
        print(f"{name:10} {size:10.4g} {cpu:8.2f} s {peak:8.0f} MB")
    print(f"{name:10} exponent {exponent:.2f}, one more costs {each_s:.3g} s", flush=True)
    return {
        "name": name,
        "sizes": list(sizes),
        "cpu_s": cpu_s,
        "peak_mb": peak_mb,
        "exponent": exponent,
        "each_s": each_s,
    }


def _measure(scratch: Path, repeats: int) -> list[Series]:
    """Measure all three.

    Raises
    ------
    PermanentError
        If there is no real data beside the checkout.
    """
    if not BURST.is_dir():
        raise PermanentError(f"{BURST}: there is no such folder with real data")
    two = DETECTORS[:2]
    costs, sizes = [], []
    for number in _NUMBERS:
        folder = scratch / f"detectors-{number}"
        write_folder(BURST, folder, DETECTORS[:number])
        costs.append(_cost(folder, scratch, repeats))
    found = [_series("detectors", _NUMBERS, costs)]
    costs = []
    for share in _SHARES:
        folder = scratch / f"share-{share}"
        sizes.append(write_folder(BURST, folder, two, share=share) / 1e6)
        costs.append(_cost(folder, scratch, repeats))
    found.append(_series("Mevents", sizes, costs))
    costs = []
    for length_s in _LENGTHS_S:
        folder = scratch / f"length-{length_s}"
        write_folder(BURST, folder, two, span_s=(_BEFORE_S, _BEFORE_S + length_s))
        costs.append(_cost(folder, scratch, repeats))
    return [*found, _series("seconds", _LENGTHS_S, costs)]


def _draw(series: Sequence[Series], path: Path) -> None:
    """Draw CPU time against each size, on logarithmic axes."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - needed only for --figure

    figure = Figure(figsize=(10.0, 3.6), layout="constrained")
    for axes, one in zip(figure.subplots(1, len(series), sharey=True), series, strict=True):
        axes.loglog(one["sizes"], one["cpu_s"], "o-")
        axes.set_title(f"exponent {one['exponent']:.2f}")
        axes.set_xlabel(
            {"Mevents": "events / 10$^6$", "seconds": "length / s"}.get(one["name"], one["name"])
        )
        axes.set_xticks(one["sizes"], [f"{size:.3g}" for size in one["sizes"]], minor=False)
        axes.minorticks_off()
        axes.set_ylim(1.0, 30.0)
        axes.set_yticks(_SECONDS, [str(each) for each in _SECONDS], minor=False)
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("CPU time / s")
    figure.savefig(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the figure and the JSON file that are wanted; return 0."""
    parser = command_parser("bench/growth", __doc__)
    parser.add_argument("--repeats", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="draw a figure (.png, .pdf)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the values as JSON")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="eclgrmd-growth-") as scratch:
        series = _measure(Path(scratch), options.repeats)
    if options.figure is not None:
        _draw(series, options.figure)
    if options.json is not None:
        options.json.write_text(json.dumps(series, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
