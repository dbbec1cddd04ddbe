"""Only depleted channels are found."""

import numpy as np
import pytest

from eclgrmd.analysis.spectral.spectra.depleted import depleted_channels


def falling(rng: np.random.Generator, scale: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    shape = scale * np.exp(-np.arange(259) / 60.0) + 0.02 * scale
    shape[180:184] += 0.3 * scale  # a line
    return rng.poisson(shape).astype(float)


@pytest.mark.parametrize("width", [1, 3, 5])
def test_channels_that_keep_a_fifth_are_found(width: int) -> None:
    rng = np.random.default_rng(width)
    counts = falling(rng, 3000.0)
    counts[127 : 127 + width] = rng.binomial(counts[127 : 127 + width].astype(int), 0.2)
    assert np.flatnonzero(depleted_channels(counts)).tolist() == list(range(127, 127 + width))


@pytest.mark.parametrize("scale", [1.0, 30.0, 1e3, 1e5])
def test_noise_and_lines_are_not_taken_for_depletion(scale: float) -> None:
    rng = np.random.default_rng(1)
    for _ in range(100):
        assert not depleted_channels(falling(rng, scale)).any()
