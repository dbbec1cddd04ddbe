"""Times a peer: reads each folder, fits once to warm up, then repeats the same fit."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

__all__ = ["START", "Band", "Fit", "run"]

Band = tuple[float, float, float, float]
"""Amplitude at 100 keV (photons/cm2/s/keV), alpha, Epeak in keV, beta."""
START: Band = (0.02, -1.0, 200.0, -2.5)
"""Start of every fit, the same for all peers."""
_REPEATS = 20
"""Timed fits, of which the fastest counts."""


class Fit(NamedTuple):
    """A joint fit, ready to run."""

    minimise: Callable[[], object]
    """Fit from `START`, with covariance."""
    optimum: Callable[[], Iterable[float]]
    """Parameters of the last fit, in the order of `Band`."""


def run(package: str, prepare: Callable[[Sequence[Path]], Fit]) -> None:
    """Fit the spectra of each folder; arguments: the file for the numbers, then the folders.

    Parameters
    ----------
    package
        Package whose version is reported.
    prepare
        Reads spectra (`.pha`; background `.bak` and response `.rsp` in the same folder); returns
        the fit.
    """
    output, *folders = map(Path, sys.argv[1:])
    output.write_text(json.dumps({f.name: _timed(package, prepare, f) for f in folders}))


def _timed(
    package: str, prepare: Callable[[Sequence[Path]], Fit], folder: Path
) -> dict[str, object]:
    fit = prepare(sorted(folder.glob("*.pha")))
    times = []
    for _ in range(1 + _REPEATS):
        start = time.process_time()
        fit.minimise()
        times.append(time.process_time() - start)
    return {
        "version": version(package),
        "fit_with_covariance_ms": 1e3 * min(times[1:]),
        "optimum": [float(value) for value in fit.optimum()],
    }
