"""Named intervals are found in light curves made by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from eclgrmd.analysis.spectral.spectra.intervals import choose_intervals
from eclgrmd.analysis.temporal.results import TemporalAnalysis
from eclgrmd.model.configuration.sections import IntervalName, SpectralChoice
from eclgrmd.model.flags import texts
from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import LightCurve
from tests.support.bursts.made_up import duration

BACKGROUND = 100.0


def burst(
    rates: Sequence[tuple[float, float]], t100_s: Interval, slews_s: tuple[Interval, ...] = ()
) -> TemporalAnalysis:
    """Return bins of 1 s from -10 s on, with one block per pair of net rate and length."""
    edges = np.cumsum([-10.0, *(length for _, length in rates)])
    net = np.concatenate([np.full(int(length), float(rate)) for rate, length in rates])
    start = -10.0 + np.arange(len(net), dtype=np.float64)
    curve = LightCurve(
        Instrument.GRM,
        ("GRD01",),
        (15.0, 5000.0),
        start,
        start + 1.0,
        BACKGROUND + net,
        np.ones(len(net)),
    )
    measured = duration(
        curve=curve,
        background_counts=np.full(len(net), BACKGROUND),
        background_error_counts=np.zeros(len(net)),
        blocks_s=tuple(edges.tolist()),
        block_rates=np.array([float(rate) for rate, _ in rates]),
        t100_s=t100_s,
    )
    return TemporalAnalysis(durations=(measured,), t100_s=t100_s, slews_s=slews_s)


def chosen(
    temporal: TemporalAnalysis,
    *names: IntervalName,
    resolved_sigma: float = 20.0,
    slew_s: Interval | None = None,
) -> tuple[list[tuple[float, float, str]], tuple[str, ...]]:
    choice = SpectralChoice(intervals=names, resolved_sigma=resolved_sigma, slew_s=slew_s)
    intervals, flags = choose_intervals(choice, temporal)
    return [(i.start_s, i.stop_s, i.kind) for i in intervals], texts(flags)


PULSE = ((0, 10), (200, 12), (0, 10))


def test_a_precursor_is_the_emission_before_the_quiescence() -> None:
    temporal = burst([(0, 10), (60, 3), (0, 20), (300, 10), (0, 10)], (0.0, 33.0))
    assert chosen(temporal, "precursor") == ([(0.0, 3.0, "precursor")], ())


def test_a_fainter_episode_after_the_main_one_is_no_precursor() -> None:
    temporal = burst([(0, 10), (300, 10), (0, 20), (60, 3), (0, 10)], (0.0, 33.0))
    assert chosen(temporal, "precursor") == ([], ("no precursor interval",))


def test_every_interval_reaches_the_significance_and_the_rest_joins_the_last() -> None:
    # 25 counts above 100 that are known exactly: sigma^2 = 2 k (125 ln 1.25 - 25) = 5.79 k over k
    # bins, so that 5 sigma need 5 bins
    temporal = burst([(0, 10), (25, 12), (0, 10)], (0.0, 12.0))
    found, flags = chosen(temporal, "significance", resolved_sigma=5.0)
    assert found == [(0.0, 5.0, "significance"), (5.0, 12.0, "significance")]
    assert flags == ()


def test_a_burst_that_never_reaches_the_significance_gives_no_interval() -> None:
    temporal = burst([(0, 10), (25, 12), (0, 10)], (0.0, 12.0))
    found = chosen(temporal, "significance", resolved_sigma=9.0)
    assert found == ([], ("no significance interval",))


def test_a_slew_cuts_the_burst_into_three() -> None:
    temporal = burst(PULSE, (0.0, 12.0), slews_s=((-60.0, -30.0), (3.0, 5.0)))
    assert chosen(temporal, "pre_slew", "slew", "post_slew") == (
        [(0.0, 3.0, "pre_slew"), (3.0, 5.0, "slew"), (5.0, 12.0, "post_slew")],
        (),
    )


def test_a_configured_slew_replaces_that_of_the_attitude() -> None:
    temporal = burst(PULSE, (0.0, 12.0), slews_s=((3.0, 5.0),))
    found, _ = chosen(temporal, "slew", slew_s=(6.0, 30.0))
    assert found == [(6.0, 12.0, "slew")]


@pytest.mark.parametrize(
    ("slews", "expected"),
    [
        ((), ()),
        (((-2.0, 4.0),), (("slew", 0.0, 4.0), ("post_slew", 4.0, 12.0))),
        (((8.0, 40.0),), (("pre_slew", 0.0, 8.0), ("slew", 8.0, 12.0))),
        (((20.0, 40.0),), (("pre_slew", 0.0, 12.0),)),
    ],
)
def test_parts_that_a_slew_leaves_empty_are_flagged(
    slews: tuple[Interval, ...], expected: tuple[tuple[IntervalName, float, float], ...]
) -> None:
    names: tuple[IntervalName, ...] = ("pre_slew", "slew", "post_slew")
    found, flags = chosen(burst(PULSE, (0.0, 12.0), slews_s=slews), *names)
    assert found == [(start, stop, name) for name, start, stop in expected]
    there = {name for name, _, _ in expected}
    assert flags == tuple(f"no {name} interval" for name in names if name not in there)
