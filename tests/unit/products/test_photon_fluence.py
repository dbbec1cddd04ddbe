"""Photon durations appear in addition to those of counts, in numbers, text and figure."""

from dataclasses import replace

import numpy as np
import pytest
from msgspec import structs

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.analysis.temporal.results import (
    CumulativeCurve,
    DurationMeasurement,
    PhotonDuration,
    TemporalAnalysis,
)
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import Width
from eclgrmd.products.figures import cumulative_figure
from eclgrmd.products.result import result_of
from eclgrmd.products.summary import summary_text
from tests.support.bursts import made_up

TIME_S = np.linspace(-50.0, 100.0, 151)
RISE = np.clip((TIME_S - 2.0) / 20.0, 0.0, 1.0)
PHOTON = PhotonDuration(
    band_kev=(50.0, 300.0),
    model="cpl",
    intervals_s=(2.0, 8.0, 22.0),
    photons_per_count=(0.007, 0.008),
    relative_errors=(0.01, 0.02),
    t90=Width(18.0, 0.5, 0.7, 3.0, 21.0, 0.2, 0.2, 0.4, 0.5),
    t50=Width(10.0, 0.25, 0.25, 7.0, 17.0, 0.1, 0.1, 0.2, 0.2),
    cumulative=CumulativeCurve(TIME_S, 75.0 * RISE, 0.0, 75.0, 1.0),
    fluence=Measurement(75.0, 1.1, 1.2),
    flags=(Flag(FlagCode.WHOLE_BURST_SPECTRUM, detail="1"),),
)


@pytest.fixture
def duration() -> DurationMeasurement:
    return made_up.duration(
        photon_fluence=PHOTON,
        t90_inside_t100=Width(16.0, 0.4, 0.4, 3.3, 19.3, 0.2, 0.2, 0.3, 0.3),
        cumulative=CumulativeCurve(TIME_S, 1e4 * RISE, 0.0, 1e4, 150.0),
    )


@pytest.fixture
def with_photons(analysis: BurstAnalysis, duration: DurationMeasurement) -> BurstAnalysis:
    return replace(analysis, temporal=TemporalAnalysis((duration,), t100_s=(2.0, 22.0)))


def test_the_result_states_photons_and_durations_inside_t100(with_photons: BurstAnalysis) -> None:
    found = result_of(with_photons, TaskConfiguration(), []).durations[0]
    assert found.photon_fluence is not None
    assert found.photon_fluence.t90.value_s == 18.0
    assert found.photon_fluence.fluence.value == 75.0
    assert found.photon_fluence.intervals_s == (2.0, 8.0, 22.0)
    assert found.photon_fluence.photons_per_count == (0.007, 0.008)
    assert found.t90_inside_t100 is not None
    assert found.t90_inside_t100.value_s == 16.0


def test_the_text_states_them(with_photons: BurstAnalysis) -> None:
    lines = summary_text(result_of(with_photons, TaskConfiguration(), [])).splitlines()
    at = lines.index("  photon fluence, 50-300 keV (cutoff power law):")
    assert lines[at + 1] == "    T90 = 18.00 (+0.70, -0.50) s, from T0+3.000 s to T0+21.000 s"
    assert lines[at + 2] == "    T50 = 10.00 (+0.25, -0.25) s, from T0+7.000 s to T0+17.000 s"
    assert lines[at + 3].startswith("    75.0 (+1.2, -1.1) ph/cm2 (spectrum of the whole burst")


def test_the_figure_shows_their_curve(duration: DurationMeasurement) -> None:
    plain = structs.replace(duration, photon_fluence=None)
    drawn, without = (
        cumulative_figure("sb1", TemporalAnalysis((each,))) for each in (duration, plain)
    )
    assert drawn != without
