from dataclasses import replace
from math import hypot

import numpy as np
import pytest

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.temporal.results import TemporalAnalysis
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.flags import texts
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, EventList
from tests.support.present import present
from tests.unit.analysis.temporal.simulated import Pulse, events, observation

PULSE = Pulse(counts=10_000.0)


def eclairs(gti_s: tuple[tuple[float, float], ...] = ((-50.0, 150.0),)) -> EventList:
    """Draw events of the same pulse in the band of ECLAIRs."""
    made = events(
        PULSE, np.random.default_rng(1), detector="ECL", instrument=Instrument.ECLAIRS, gti_s=gti_s
    )
    edges = np.array([4.0, 20.0, 50.0, 80.0, 120.0])
    return replace(made, channels=Channels(np.arange(4), edges[:-1], edges[1:]))


def grm() -> EventList:
    return events(PULSE, np.random.default_rng(2))


def measured(*lists: EventList, combined: bool = True) -> TemporalAnalysis:
    choice = DurationChoice(bootstrap=300, character=False, combined=combined)
    return measure(observation(*lists), TaskConfiguration(duration=choice))


def test_two_instruments_together_hold_the_counts_of_both_and_the_same_width() -> None:
    both = measured(eclairs(), grm()).combined
    assert both is not None
    assert both.instrument is Instrument.ECLGRM
    assert both.detectors == ("ECL", "GRD01")
    assert both.band_kev == (4.0, 5000.0)
    assert present(both.net_counts).value == pytest.approx(20_000.0, rel=0.05)
    start, stop = PULSE.width(0.9)
    assert both.t90.err_plus_s is not None
    assert both.t90.err_plus_s < 0.15 * (stop - start)
    assert both.t90.value_s == pytest.approx(stop - start, abs=3.0 * both.t90.err_plus_s)


def test_together_the_significance_is_higher() -> None:
    found = measured(eclairs(), grm())
    assert found.combined is not None
    assert found.combined.significance is not None
    single = [each.significance or 0.0 for each in found.durations]
    assert found.combined.significance == pytest.approx(hypot(*single), rel=0.05)


def test_only_time_that_both_observed_counts() -> None:
    both = measured(eclairs(((-50.0, 5.0), (7.0, 150.0))), grm()).combined
    assert both is not None
    assert "gap in the burst" in texts(both.flags)


def test_one_instrument_or_no_wish_gives_nothing() -> None:
    assert measured(grm()).combined is None
    assert measured(eclairs(), grm(), combined=False).combined is None


def test_instruments_that_never_observed_at_the_same_time_give_nothing() -> None:
    assert (
        measured(eclairs(((-50.0, 1.0),)), replace(grm(), gti_s=np.array([[1.0, 150.0]]))).combined
        is None
    )
