"""Simulated spectra with known truth."""

from collections.abc import Callable

import numpy as np
import pytest

from eclgrmd.model.observation import Background, Floats, Response, Spectrum
from tests.support.bursts.toy_spectra import BAND_TRUTH, expected_counts


@pytest.fixture
def simulate() -> Callable[..., Spectrum]:
    """Draw a spectrum with a Gaussian background of 4 times the source's exposure."""

    def draw(
        rng: np.random.Generator,
        response: Response,
        model: str = "band",
        values: Floats = BAND_TRUTH,
        exposure_s: float = 10.0,
        background_rate: float = 3.0,
    ) -> Spectrum:
        source = expected_counts(response, model, values, exposure_s)
        channels = len(source)
        level = background_rate * exposure_s
        off = rng.poisson(4.0 * level, channels)
        return Spectrum(
            instrument=response.instrument,
            detector=response.detector,
            start_s=0.0,
            stop_s=exposure_s,
            counts=rng.poisson(source + level).astype(np.float64),
            exposure_s=exposure_s,
            background=Background(off / 4.0, np.sqrt(np.maximum(off, 1.0)) / 4.0),
            response=response,
            channels=response.channels,
        )

    return draw
