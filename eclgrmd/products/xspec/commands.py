"""XSPEC commands that load the files, channels, statistic and best-fit model of an interval.

The syntax follows the XSPEC manual (data, ignore, statistic, mdefine, model).
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.spectral.results import IntervalFits, SpectralFit
from eclgrmd.model.observation import Spectrum

from .models import xspec_model

__all__ = ["xspec_commands"]

_STATISTICS = {"pgstat": "pgstat", "cstat": "cstat", "wstat": "cstat", "chi2": "chi"}
"""Names of statistics in XSPEC; its cstat is the W-stat if there is a Poisson background."""


def xspec_commands(interval: IntervalFits, files: Sequence[str]) -> str:
    """Return the content of an `.xcm` file.

    Parameters
    ----------
    interval
        Spectra and at least one fit, of which the preferred one is written.
    files
        Names of the PHA files, in the order of the interval's spectra.
    """
    return "\n".join(_lines(interval, interval.best, files)) + "\n"


def _lines(interval: IntervalFits, fit: SpectralFit, files: Sequence[str]) -> Iterator[str]:
    start, stop = interval.interval_s
    value = "unknown" if fit.statistic_value is None else f"{fit.statistic_value:.4f}"
    yield f"# {fit.name}, {start:.3f} to {stop:.3f} s after t0: run `xspec - this-file`"
    yield f"# the statistic is {value} for {fit.dof} degrees of freedom"
    free_area = any(constant.free for constant in fit.area.values())
    groups = _data_groups(interval, fit) if free_area else [1] * len(files)
    pairs = enumerate(zip(groups, files, strict=True))
    places = [f"{group}:{i + 1} {name}" for i, (group, name) in pairs]
    yield f"data {' '.join(places)}"
    for i, (spectrum, used) in enumerate(zip(interval.spectra, interval.used, strict=True)):
        ranges = _ignored(spectrum, used)
        if ranges:
            yield f"ignore {i + 1}:{' '.join(ranges)}"
    for i, spectrum in enumerate(interval.spectra):
        yield f"statistic {_STATISTICS[interval.statistics[spectrum.detector]]} {i + 1}"
    model = xspec_model(fit)
    yield from model.definitions
    if free_area:
        yield f"model constant*({model.formula})"
        yield from _area_values(interval.spectra, groups, fit, model.values)
    else:
        yield f"model {model.formula}"
        yield from model.values
    yield "query yes"
    yield "show all"


def _data_groups(interval: IntervalFits, fit: SpectralFit) -> list[int]:
    """Return the data group of each spectrum; spectra with a common area constant share one."""
    shared = {name: i for i, names in enumerate(interval.area_groups, start=1) for name in names}
    detectors = dict.fromkeys(spectrum.detector for spectrum in interval.spectra)
    alone = {name: i for i, name in enumerate(detectors, start=1)}
    places = shared if set(fit.area) <= set(shared) else alone
    return [places[spectrum.detector] for spectrum in interval.spectra]


def _area_values(
    spectra: Sequence[Spectrum], groups: Sequence[int], fit: SpectralFit, values: Sequence[str]
) -> Iterator[str]:
    """Yield the values of every data group: its own constant, all others tied to the first."""
    first = {
        group: spectrum for spectrum, group in reversed(list(zip(spectra, groups, strict=True)))
    }
    for group in sorted(first):
        constant = fit.area[first[group].detector]
        yield f"{constant.value:.9g} {0.01 if constant.free else -1}"
        yield from values if group == 1 else [f"= p{k + 2}" for k in range(len(values))]


def _ignored(spectrum: Spectrum, used: NDArray[np.bool_]) -> list[str]:
    """Return the ranges of unused channels (or groups of grouped spectra), counted from 1."""
    kept = used
    if spectrum.grouping is not None:
        starts = np.flatnonzero(spectrum.grouping != -1)
        kept = np.logical_and.reduceat(used, starts)
    runs = []
    for is_used, run in groupby(range(len(kept)), key=lambda i: bool(kept[i])):
        numbers = list(run)
        if not is_used:
            runs.append(f"{numbers[0] + 1}-{numbers[-1] + 1}")
    return runs
