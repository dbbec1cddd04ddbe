"""Explains why a duration differs from the published one, by facts measured in the same data."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.temporal.results import CumulativeCurve, DurationMeasurement
from eclgrmd.formats import read_observation
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import Observation
from eclgrmd.model.result import Width

from .case import Reference
from .recipes import published_background, recipe_configuration, widths_between

__all__ = ["Allowed", "explain"]

Allowed = tuple[float, float]
"""Tolerances of T90 and T50, seconds."""

DIFFERENT = {
    "gbm-pop": "counts of 8-900 keV in bins of 2 s, not photons of 50-300 keV",
    "bat-lc": "the catalogue counts inside its T100 only",
}
"""Differences of the measured quantity, by kind of entry."""
CHECKED = {
    "bat-lc-130925A": "the file begins in the burst, and the catalogue's T100 lasts until 904 s",
    "bat-lc-130603B": "T0 of the file is 0.26 s before the catalogue's",
    "batse-469": "all four channels rise by 2-3 % from -57 to -49 s, which counts as a precursor",
}
"""Observations in the light curves of single entries."""
LEAST_PART = 0.05
"""Part of the published T90; a shorter interval outside it is not mentioned."""
NOTABLE_SIGMA = 3.0
"""Excess outside the published interval that is mentioned, sigma."""
STEP = 0.02
"""Part of the fluence, on either side of a level."""
LONG_STEP = 0.25
"""Part of the published T50; a level whose steps last longer lies on a plateau."""


class _Measured(NamedTuple):
    """An entry and the measurement of its data."""

    reference: Reference
    observation: Observation
    configuration: TaskConfiguration
    found: DurationMeasurement
    allowed: Allowed


def explain(
    reference: Reference, files: Sequence[Path], configuration: TaskConfiguration, allowed: Allowed
) -> str:
    """Return what the data show where our interval and the published one differ.

    The catalogue's recipe on the same data comes last: if it reproduces the published values, the
    difference comes from the choice of burst and background, else from the data.
    """
    observation = read_observation(files, burst_id=BurstId(reference["id"]))
    found = measure(observation, configuration).durations[0]
    facts = [*_known(reference)]
    if found.t100_s is not None:
        facts += _bins(reference, found)
        facts += _where(reference, found, found.t100_s)
        facts += _levels(reference, found)
    facts += _by_recipe(_Measured(reference, observation, configuration, found, allowed))
    return "; ".join(facts)


def _known(reference: Reference) -> Iterator[str]:
    name = reference["id"]
    yield from (text for kind, text in DIFFERENT.items() if name.startswith(kind))
    if name in CHECKED:
        yield CHECKED[name]


def _bins(reference: Reference, found: DurationMeasurement) -> Iterator[str]:
    width = float(np.median(found.curve.stop_s - found.curve.start_s))
    t50 = reference["duration"].get("t50")
    if t50 and width > 0.5 * t50:
        yield f"bins of {width:g} s are too wide for a T50 of {t50:.3g} s"


def _where(
    reference: Reference, found: DurationMeasurement, t100_s: tuple[float, float]
) -> Iterator[str]:
    """Yield the excess in the parts that belong to only one of our and their interval."""
    published = reference["duration"]
    start = published.get("t90_start")
    if start is None:
        return
    stop, least = start + published["t90"], LEAST_PART * published["t90"]
    low, high = t100_s
    for side, begin, end in (("before", low, start), ("after", stop, high)):
        sigma = _excess_sigma(found, begin, end) if end - begin > least else 0.0
        if sigma > NOTABLE_SIGMA:
            yield f"{sigma:.1f} sigma of excess in {end - begin:.3g} s {side} the published T90"
    data = float(found.curve.start_s[0]), float(found.curve.stop_s[-1])
    for side, begin, end in (("before", start, low), ("after", high, stop)):
        if end - begin > least:
            inside = max(begin, data[0]), min(end, data[1])
            sigma = _excess_sigma(found, *inside) if inside[1] > inside[0] else 0.0
            yield f"{sigma:.1f} sigma in {end - begin:.3g} s of the published T90 {side} our T100"
    if start < data[0] or stop > data[1]:
        yield "the data do not cover the whole published T90"


def _excess_sigma(found: DurationMeasurement, start_s: float, stop_s: float) -> float:
    """Return net counts over their error, including that of the background."""
    curve = found.curve
    part = (curve.stop_s > start_s) & (curve.start_s < stop_s)
    net = float((curve.counts - found.background_counts)[part].sum())
    noise = curve.counts if curve.error is None else np.square(curve.error)
    variance = float(noise[part].sum()) + float(found.background_error_counts[part].sum()) ** 2
    return net / float(np.sqrt(max(variance, 1e-12)))


def _levels(reference: Reference, found: DurationMeasurement) -> Iterator[str]:
    """Yield the levels of T50 that lie on a plateau, where little fluence takes much time."""
    if found.cumulative is None or not reference["duration"].get("t50"):
        return
    for fraction in (0.25, 0.75):
        low, high = (_time(found.cumulative, fraction + step) for step in (-STEP, STEP))
        if high - low > LONG_STEP * reference["duration"]["t50"]:
            yield (
                f"{100 * (fraction - STEP):.0f} and {100 * (fraction + STEP):.0f} % of the counts "
                f"lie {high - low:.3g} s apart"
            )


def _time(cumulative: CumulativeCurve, fraction: float) -> float:
    rising = np.maximum.accumulate(cumulative.counts)
    return float(np.interp(cumulative.level(fraction), rising, cumulative.time_s))


def _by_recipe(measured: _Measured) -> Iterator[str]:
    published, found = measured.reference["duration"], measured.found
    if published.get("background_intervals_s"):
        yield from _with_published_background(measured)
    elif published.get("t100"):
        widths = widths_between(found, *published["t100"])
        yield _judged("between the ends of the published T100", widths, measured)
    elif found.background_fit is not None:
        widths = _widths(found.t90_between_plateaus, found.t50_between_plateaus)
        if widths is not None:
            yield f"between plateaus, by that catalogue's recipe, T90 is {widths[0]:.3g} s"
        inside = found.t90_inside_t100
        if inside is not None and inside.value_s is not None:
            yield f"inside our T100 it is {inside.value_s:.3g} s"


def _with_published_background(measured: _Measured) -> Iterator[str]:
    """Yield the results of our and the catalogue's recipe with the published background."""
    found, configuration = measured.found, measured.configuration
    if configuration.background.mode != "intervals":
        wanted = replace(configuration, background=published_background(measured.reference))
        found = measure(measured.observation, wanted).durations[0]
        if found.t90.value_s is None or found.t50.value_s is None:
            yield "with the published background intervals nothing is significant"
        else:
            yield (
                f"with the published background intervals T90 is {found.t90.value_s:.3g} s, "
                f"T50 {found.t50.value_s:.3g} s"
            )
    by_recipe = recipe_configuration(measured.reference, configuration)
    found = measure(measured.observation, by_recipe).durations[0]
    yield _judged("between plateaus over these intervals", _widths(found.t90, found.t50), measured)


def _widths(t90: Width | None, t50: Width | None) -> tuple[float, float] | None:
    if t90 is None or t50 is None or t90.value_s is None or t50.value_s is None:
        return None
    return t90.value_s, t50.value_s


def _judged(where: str, widths: tuple[float, float] | None, measured: _Measured) -> str:
    """Return whether the catalogue's recipe reproduces the published values with these data."""
    if widths is None:
        return f"{where}, by the catalogue's recipe, these data give no T90"
    duration = measured.reference["duration"]
    published = duration["t90"], duration.get("t50")
    agree = all(
        value is None or abs(width - value) <= most
        for width, value, most in zip(widths, published, measured.allowed, strict=True)
    )
    cause = "the choice of burst and background" if agree else "the data themselves"
    return (
        f"{where}, by the catalogue's recipe, {widths[0]:.3g} and {widths[1]:.3g} s: "
        f"the difference comes from {cause}"
    )
