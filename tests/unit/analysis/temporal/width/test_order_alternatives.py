"""The burst above backgrounds of other orders, and tails above an uncertain background."""

import numpy as np
import pytest

from eclgrmd.analysis.temporal.kernels.tails import (
    AMPLITUDES,
    counts_per_amplitude,
    posterior,
    tails_of,
)
from eclgrmd.analysis.temporal.search.rounds import find_burst
from eclgrmd.analysis.temporal.width.order_alternatives import findings_by_order
from eclgrmd.model.configuration.sections import BackgroundChoice
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import LightCurve


def curve(bend: float, seed: int) -> LightCurve:
    rng = np.random.default_rng(seed)
    edges = np.linspace(-100.0, 200.0, 1501)
    time = 0.5 * (edges[1:] + edges[:-1])
    rate = 500.0 * (1.0 + bend * ((time - 50.0) / 150.0) ** 2) + np.where(abs(time) < 5.0, 400.0, 0)
    live = np.diff(edges)
    return LightCurve(
        instrument=Instrument.OTHER,
        detectors=("D",),
        band_kev=(10.0, 100.0),
        start_s=edges[:-1],
        stop_s=edges[1:],
        counts=rng.poisson(rate * live).astype(float),
        exposure_s=live,
    )


def test_a_strong_bend_leaves_no_background_of_too_low_an_order() -> None:
    bent = curve(0.5, 1)
    finding = find_burst(bent, BackgroundChoice(), (-50.0, 50.0), 0.01)
    alternatives = findings_by_order(bent, finding)
    orders = [each.background.order for _, each in alternatives if each.background is not None]
    assert min(orders) == 2
    assert sum(chance for chance, _ in alternatives) == pytest.approx(1.0)


def test_a_weakly_constrained_curvature_leaves_several_orders() -> None:
    weak = curve(0.03, 2)
    finding = find_burst(weak, BackgroundChoice(), (-50.0, 50.0), 0.01)
    alternatives = findings_by_order(weak, finding)
    assert len(alternatives) > 1
    expected = [each.expected.sum() for _, each in alternatives]
    assert expected == pytest.approx([finding.expected.sum()] * len(alternatives), rel=0.02)


def test_a_tail_that_the_background_could_imitate_is_left_to_the_prior() -> None:
    distance = np.geomspace(0.1, 40.0, 20) - 0.1
    tails = tails_of(60.0)
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
    tails = tails_of(400.0)
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
