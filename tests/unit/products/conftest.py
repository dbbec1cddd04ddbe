"""Analyses for the tests of products."""

import pytest

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.analysis.spectral.results import SpectralAnalysis
from eclgrmd.analysis.temporal.results import TemporalAnalysis
from eclgrmd.model.flags import Flag, FlagCode
from tests.support.bursts import made_up


@pytest.fixture
def analysis() -> BurstAnalysis:
    """Return a burst with a duration and a fitted spectrum."""
    return BurstAnalysis(
        made_up.observation(),
        TemporalAnalysis((made_up.duration(),), t100_s=(2.0, 22.0)),
        SpectralAnalysis((made_up.interval_fits(made_up.fit("band")),)),
    )


@pytest.fixture
def empty_analysis() -> BurstAnalysis:
    """Return a light curve in which nothing is significant."""
    return BurstAnalysis(
        made_up.observation(),
        TemporalAnalysis((made_up.nothing_found(),)),
        None,
        (Flag(FlagCode.NO_RESPONSE),),
    )
