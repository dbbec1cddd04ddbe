"""The light curve of T90 and the spectra of the same data have the same live time."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.spectral.spectra.extraction import extract_spectrum
from eclgrmd.formats.read.events import select_good_times
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.flags import texts
from eclgrmd.model.intervals import after_gaps
from eclgrmd.model.observation import EventList, LightCurve
from tests.unit.analysis.temporal.simulated import Pulse, events, observation

HOLES = {
    "one second": ((6.0, 7.0),),
    "hardly long enough to be told": ((-20.0, -19.945), (30.0, 30.055), (80.0, 80.055)),
    "many": tuple((float(t), t + 0.3) for t in range(-40, 140, 6)),
}
"""Undeclared: no event came in them, seconds after t0."""
LEAST_S = 0.04
"""No hole is shorter."""


def broken(holes_s: tuple[tuple[float, float], ...]) -> EventList:
    whole = events(Pulse(counts=40_000.0), np.random.default_rng(3))
    lost = np.any([(whole.time_s > a) & (whole.time_s < b) for a, b in holes_s], axis=0)
    return select_good_times(
        replace(whole, time_s=whole.time_s[~lost], channel=whole.channel[~lost])
    )


def stretches(curve: LightCurve) -> list[tuple[slice, float, float]]:
    edges = [0, *after_gaps(curve.start_s, curve.stop_s).tolist(), len(curve.counts)]
    return [
        (slice(a, b), float(curve.start_s[a]), float(curve.stop_s[b - 1]))
        for a, b in pairwise(edges)
    ]


@pytest.mark.parametrize("holes_s", HOLES.values(), ids=HOLES)
def test_curve_and_spectrum_of_data_with_gaps_have_the_same_live_time(
    holes_s: tuple[tuple[float, float], ...],
) -> None:
    data = broken(holes_s)
    choice = DurationChoice(bootstrap=100, character=False)
    curve = measure(observation(data), TaskConfiguration(duration=choice)).durations[0].curve
    parts = stretches(curve)
    for part, start_s, stop_s in parts:
        spectrum = extract_spectrum(data, (start_s, stop_s), None, ())
        assert spectrum is not None
        assert spectrum.exposure_s == pytest.approx(float(curve.exposure_s[part].sum()))
        assert spectrum.counts.sum() == curve.counts[part].sum()
        assert "interval not fully covered" not in texts(spectrum.flags)
    # between two stretches lie the gap and the rest of the two bins that it cuts
    bin_s = float(np.median(curve.stop_s - curve.start_s))
    for (_, _, before_s), (_, after_s, _) in pairwise(parts):
        rest = extract_spectrum(data, (before_s, after_s), None, ())
        if rest is not None:
            assert rest.covered_s is not None
            assert rest.covered_s < min(2.0 * bin_s, after_s - before_s - LEAST_S)
