"""Tails above an uncertain background."""

import numpy as np
import pytest

from eclgrmd.analysis.temporal.kernels.tails import (
    AMPLITUDES,
    counts_per_amplitude,
    posterior,
    tails_of,
)


def test_a_tail_that_the_background_could_imitate_is_left_to_the_prior() -> None:
    distance = np.geomspace(0.1, 40.0, 20) - 0.1
    tails = tails_of(60.0, 60.0)
    shape = counts_per_amplitude(distance, tails.taus[1] * 10.0)
    background = 500.0 * np.diff(distance)
    signal = AMPLITUDES[7] * 100.0 * shape[8]
    none = np.zeros(19)

    def weights(modes: np.ndarray) -> np.ndarray:
        return posterior(
            background + signal,
            background,
            none,
            modes,
            np.ones(19),
            shape,
            100.0,
            tails.priors[1],
            1.0,
        )

    def strayed(found: np.ndarray) -> float:
        prior = tails.priors[1] / tails.priors[1].sum()
        return float(np.abs(found - prior).sum())

    known, imitated = weights(np.zeros((0, 19))), weights(signal[None] * 10.0)
    assert strayed(imitated) < 0.5 * strayed(known)
    assert imitated.sum() == pytest.approx(1.0)


def test_a_tail_far_above_the_counts_is_no_background_that_is_far_out() -> None:
    """No error of the background, however large, turns quiet counts into a bright tail."""
    distance = np.geomspace(0.5, 40.0, 16) - 0.5
    tails = tails_of(400.0, 400.0)
    shape = counts_per_amplitude(distance, tails.taus[1] * 10.0)
    background = 100.0 * np.diff(distance)
    x = 0.5 * (distance[1:] + distance[:-1]) / 40.0
    modes = 0.05 * background * np.array([x**0, x, x**2, x**3])
    found = posterior(
        np.round(background),
        background,
        np.zeros(15),
        modes,
        np.ones(15),
        shape,
        3000.0,
        tails.priors[1],
        1.0,
    )
    amplitude = found.sum(axis=0) @ AMPLITUDES
    assert 3000.0 * amplitude * shape[found.sum(axis=1).argmax()].sum() < 3.0 * np.hypot(
        *modes.sum(axis=1)[:2]
    )
