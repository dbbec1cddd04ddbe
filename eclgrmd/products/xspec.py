"""Commands that give XSPEC the files, channels, statistic and best-fit model of an interval.

Model definitions as in the XSPEC manual (grbm, cutoffpl, powerlaw, bknpower, bbodyrad), whose
power laws have their norm at 1 keV and ours at 100 keV.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.spectral.results import FittedParameter, IntervalFits, SpectralFit
from eclgrmd.model.observation import Spectrum

__all__ = ["preferred_fit", "xspec_commands"]

_BBODYRAD = 1.0344e-3
"""Photons/cm2/s/keV at 1 keV of a bbodyrad of norm 1, for E << kT."""
_STATISTICS = {"pgstat": "pgstat", "cstat": "cstat", "wstat": "cstat", "chi2": "chi"}
"""XSPEC makes a W-stat of cstat where there is a Poisson background."""


def preferred_fit(interval: IntervalFits) -> SpectralFit:
    """Choose the preferred model of an interval, else the first."""
    return next((fit for fit in interval.fits if fit.preferred), interval.fits[0])


def xspec_commands(interval: IntervalFits, files: Sequence[str]) -> str:
    """Write an `.xcm` file.

    Parameters
    ----------
    interval
        With at least one fit; the preferred one is written.
    files
        Names of the PHA files, in the order of the interval's spectra.
    """
    return "\n".join(_lines(interval, preferred_fit(interval), files)) + "\n"


def _lines(interval: IntervalFits, fit: SpectralFit, files: Sequence[str]) -> Iterator[str]:
    start, stop = interval.interval_s
    value = "unknown" if fit.statistic_value is None else f"{fit.statistic_value:.4f}"
    yield f"# {fit.name}, {start:.3f} to {stop:.3f} s after t0: run `xspec - this-file`"
    yield f"# the statistic is {value} for {fit.dof} degrees of freedom"
    free_area = any(constant.free for constant in fit.area.values())
    groups = _data_groups(interval.spectra) if free_area else [1] * len(files)
    pairs = enumerate(zip(groups, files, strict=True))
    places = [f"{group}:{i + 1} {name}" for i, (group, name) in pairs]
    yield f"data {' '.join(places)}"
    for i, (spectrum, used) in enumerate(zip(interval.spectra, interval.used, strict=True)):
        ranges = _ignored(spectrum, used)
        if ranges:
            yield f"ignore {i + 1}:{' '.join(ranges)}"
    for i, name in enumerate(interval.statistics):
        yield f"statistic {_STATISTICS[name]} {i + 1}"
    components = _components(fit)
    if components is None:
        yield f"# XSPEC has no model that equals {fit.name}"
        return
    formula = " + ".join(name for name, _ in components)
    values = [value for _, values in components for value in values]
    if free_area:
        yield f"model constant*({formula})"
        yield from _area_values(interval.spectra, fit, len(values), values)
    else:
        yield f"model {formula}"
        yield from values
    yield "query yes"
    yield "show all"


def _data_groups(spectra: Sequence[Spectrum]) -> list[int]:
    """Give each detector a data group of its own, the reference one first."""
    order = list(dict.fromkeys(spectrum.detector for spectrum in spectra))
    return [order.index(spectrum.detector) + 1 for spectrum in spectra]


def _area_values(
    spectra: Sequence[Spectrum], fit: SpectralFit, count: int, values: Sequence[str]
) -> Iterator[str]:
    """Write the values of every data group: its own constant, the rest as in the first."""
    for number, detector in enumerate(dict.fromkeys(s.detector for s in spectra)):
        constant = fit.area[detector]
        yield f"{constant.value:.8g}{'' if constant.free else ' -1'}"
        yield from values if number == 0 else [f"= p{k + 2}" for k in range(count)]


def _ignored(spectrum: Spectrum, used: NDArray[np.bool_]) -> list[str]:
    """List runs of unused channels, counted from 1, or of groups where channels are grouped."""
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


def _components(fit: SpectralFit) -> list[tuple[str, list[str]]] | None:
    """Translate each component: its XSPEC name and its values, a line each."""
    known = iter(fit.parameters)
    found = []
    for part in fit.name.split("+"):
        size = _SIZES[part]
        values = [_value(next(known)) for _ in range(size)]
        translated = _translated(part, values)
        if translated is None:
            return None
        found.append(translated)
    return found


_SIZES = {"band": 4, "cpl": 3, "pl": 2, "sbpl": 4, "bpl": 4, "bb": 2, "ottb": 2}


def _value(parameter: FittedParameter) -> float:
    return math.nan if parameter.value is None else parameter.value


def _translated(part: str, values: Sequence[float]) -> tuple[str, list[str]] | None:
    match part, list(values):
        case "band", [norm, alpha, epeak, beta]:
            name, numbers = "grbm", [alpha, beta, epeak / (2.0 + alpha), norm]
        case "cpl", [norm, alpha, epeak]:
            name, numbers = "cutoffpl", [-alpha, epeak / (2.0 + alpha), norm * 100.0**-alpha]
        case "pl", [norm, index]:
            name, numbers = "powerlaw", [-index, norm * 100.0**-index]
        case "bpl", [norm, alpha, ebreak, beta]:
            name, numbers = "bknpower", [-alpha, ebreak, -beta, norm * 100.0**-alpha]
        case "bb", [norm, kt]:
            name, numbers = "bbodyrad", [kt, norm / _BBODYRAD]
        case "ottb", [norm, kt]:
            name, numbers = "cutoffpl", [1.0, kt, norm * 100.0 * math.exp(100.0 / kt)]
        case _:
            return None
    return name, [f"{number:.8g}" for number in numbers]
