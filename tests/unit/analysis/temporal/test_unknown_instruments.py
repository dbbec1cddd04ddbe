"""Unknown instruments are measured separately and never summed."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from eclgrmd.analysis.temporal.search.find import find_bursts
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import Channels, EventList, Floats, History, LightCurve, Observation

MAKERS = ("CALET/CGBM", "AGILE/MCAL", "AGILE/SA")
COUNTS = {"CALET/CGBM": 4000, "AGILE/MCAL": 5000, "AGILE/SA": 6000}


def observed(data: Sequence[EventList | History | LightCurve]) -> Observation:
    return Observation(
        BurstId("b"),
        "",
        0.0,
        tuple(d for d in data if isinstance(d, EventList)),
        tuple(d for d in data if isinstance(d, History)),
        tuple(d for d in data if isinstance(d, LightCurve)),
    )


def as_events(maker: str, n: int, detector: str = "") -> EventList:
    time_s = np.linspace(-32.0, 32.0, n, endpoint=False) + 1e-3
    index = np.zeros(n, dtype=np.int16)
    span = np.array([[-32.0, 32.0]])
    return EventList(Instrument.OTHER, detector or maker, time_s, index, None, span, maker=maker)


def as_history(maker: str, n: int) -> History:
    start_s = np.arange(-32.0, 32.0)
    counts = _shared_out(n)[:, None]
    channels = Channels(np.array([0]), np.array([10.0]), np.array([100.0]))
    one = np.ones(64)
    return History(
        Instrument.OTHER, maker, start_s, start_s + 1.0, counts, one, channels, maker=maker
    )


def as_curve(maker: str, n: int) -> LightCurve:
    start_s, one = np.arange(-32.0, 32.0), np.ones(64)
    return LightCurve(
        Instrument.OTHER, (maker,), None, start_s, start_s + 1.0, _shared_out(n), one, maker=maker
    )


def _shared_out(n: int) -> Floats:
    return np.histogram(np.linspace(0.0, 64.0, n, endpoint=False), np.arange(65.0))[0].astype(float)


@pytest.mark.parametrize("kind", [as_events, as_history, as_curve])
def test_each_unknown_instrument_is_measured_by_itself(
    kind: Callable[[str, int], EventList | History | LightCurve],
) -> None:
    data = [kind(maker, COUNTS[maker]) for maker in MAKERS]
    found = find_bursts(observed(data), TaskConfiguration()).instruments
    sums = {f.curve.maker: f.curve.counts.sum() for f in found}
    assert sums == COUNTS
    for each in found:
        assert f"data of {each.curve.maker}, an instrument not known here" in texts(
            each.curve.flags
        )


def test_detectors_of_one_unknown_instrument_are_summed() -> None:
    data = [as_events("CALET/CGBM", 4000, "SGM"), as_events("CALET/CGBM", 5000, "HXM")]
    (found,) = find_bursts(observed(data), TaskConfiguration()).instruments
    assert found.curve.counts.sum() == 9000
    assert found.curve.detectors == ("SGM", "HXM")
