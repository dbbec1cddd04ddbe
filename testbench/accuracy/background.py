"""Predictions of real background: how often the counts of a gap lie within their errors.

Stretches far from the published burst are cut into an interval before a gap, the gap, and an
interval after it. The background is fitted to both intervals and predicts the counts of the gap.
A method is better if its score is higher: the mean logarithm of the predicted probability density
of those counts, relative to Poisson noise alone and at least -20.

Usage: python -m testbench accuracy/background [--data DIR] [--every N --offset K]
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from eclgrmd.analysis.temporal.background.fit import fit_curve
from eclgrmd.analysis.temporal.curve.bins import part_of
from eclgrmd.analysis.temporal.search.find import find_bursts
from eclgrmd.errors import EclgrmdError
from eclgrmd.formats import read_observation
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import LightCurve
from testbench.checkout import SHARED_DATA
from testbench.comparison.case import Reference
from testbench.comparison.durations import duration_cases
from testbench.comparison.references import read_references

__all__ = ["main", "predicted", "stretches"]

_GAPS_S = ((25, 30, 50), (50, 50, 50), (25, 30, 150), (25, 80, 150), (100, 30, 150), (100, 80, 200))
"""Interval before the gap, gap, and interval after it, seconds."""
_METHODS: dict[str, int | None] = {"smooth": None, "order 1": 1, "order 2": 2, "order 3": 3}
_LEAST_SCORE = -20.0
"""Score of a single gap below which a method loses no more."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table of all methods and gaps."""
    parser = argparse.ArgumentParser(
        prog="testbench/accuracy/background",
        description=(__doc__ or "").splitlines()[0],
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=SHARED_DATA,
        help="real bursts with references.json (%(default)s)",
    )
    parser.add_argument("--every", type=int, default=1, help="use one burst in N (%(default)s)")
    parser.add_argument("--offset", type=int, default=0, help="first burst used (%(default)s)")
    options = parser.parse_args(arguments)
    references = read_references(options.data / "references.json")
    known = [
        each for each in references if (each.get("duration") or {}).get("t90_start") is not None
    ]
    curves = list(_curves(known[options.offset :: options.every], options.data))
    print(f"{len(curves)} light curves")
    print(f"{'before, gap, after (s)':24}{'method':10}{'n':>5}{'68 %':>8}{'95 %':>8}{'score':>8}")
    found = {
        (gap, name): predicted(curves, gap, order)
        for gap in _GAPS_S
        for name, order in _METHODS.items()
    }
    for (gap, name), predictions in found.items():
        _print(", ".join(map(str, gap)), name, predictions)
    for name in _METHODS:
        _print("all", name, [each for gap in _GAPS_S for each in found[gap, name]])
    print("68 %, 95 %: how often the counts of the gap lie within 1 and 2 sigma of the prediction")
    return 0


def _print(gaps: str, name: str, found: list[tuple[float, float]]) -> None:
    pull, width = np.array(found).T
    score = np.maximum(-0.5 * pull**2, _LEAST_SCORE) - np.log(width)
    within = [np.mean(np.abs(pull) < sigma) for sigma in (1.0, 2.0)]
    print(f"{gaps:24}{name:10}{len(pull):5d}{within[0]:8.3f}{within[1]:8.3f}{score.mean():8.2f}")


def predicted(
    curves: Sequence[LightCurve], gap_s: tuple[int, int, int], order: int | None
) -> list[tuple[float, float]]:
    """Return pull and error of each prediction, the error in units of Poisson noise."""
    before, gap, after = gap_s
    found = []
    for curve in curves:
        start = float(curve.start_s[0])
        while start + before + gap + after <= curve.stop_s[-1]:
            edges = np.cumsum([start, before, gap, after])
            fit = fit_curve(curve, edges.reshape(2, 2), order=order)
            inside = (curve.start_s >= edges[1] - 1e-9) & (curve.stop_s <= edges[2] + 1e-9)
            bins = curve.start_s[inside], curve.stop_s[inside], curve.exposure_s[inside]
            counts, error = fit.total(*bins)
            variance = error[0] ** 2 + counts[0]
            pull = (curve.counts[inside].sum() - counts[0]) / np.sqrt(variance)
            found.append((float(pull), float(np.sqrt(variance / counts[0]))))
            start += 0.5 * (before + gap + after)
    return found


def stretches(curve: LightCurve, start_s: float, t90_s: float) -> Iterator[LightCurve]:
    """Return the parts of a light curve that lie far before and far after a burst."""
    first = start_s - max(10.0, 0.2 * t90_s)
    last = start_s + 1.5 * t90_s + 25.0
    for part in (curve.stop_s < first, curve.start_s > last):
        if part.any():
            yield part_of(curve, part)


def _curves(references: Sequence[Reference], data: Path) -> Iterator[LightCurve]:
    """Read the light curves of bursts that can be read, and cut the bursts out."""
    by_name = {each["id"]: each["duration"] for each in references}
    for case in duration_cases(list(references), data):
        if case.name not in by_name:  # the same burst over published background intervals
            continue
        published = by_name[case.name]
        try:
            observation = read_observation(
                case.files,
                burst_id=BurstId(case.name),
                trigger_time_s=case.configuration.trigger_time_s,
            )
            curve = find_bursts(observation, case.configuration).instruments[0].curve
        except EclgrmdError as error:
            print(f"{case.name}: {error}", file=sys.stderr)
            continue
        if curve.error is None:
            yield from stretches(curve, published["t90_start"], published["t90"])


if __name__ == "__main__":
    sys.exit(main())
