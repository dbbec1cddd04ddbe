import numpy as np
import pytest
from numpy.typing import NDArray

from eclgrmd.analysis.character.kernels.haar import structure_function
from eclgrmd.analysis.character.variability import variability_scale
from eclgrmd.model.flags import texts
from tests.unit.analysis.character.simulated_curves import centres, edges, net_curve

Floats = NDArray[np.float64]

AT = edges(-3.0, 11.0, 0.008)


def gaussians(width: float) -> Floats:
    time = centres(AT)
    return np.exp(-0.5 * ((time - 2.0) / width) ** 2) + 0.7 * np.exp(
        -0.5 * ((time - 6.0) / (2.0 * width)) ** 2
    )


def naive_structure(net: Floats, width: int) -> float:
    """Return the mean squared change of adjacent windows over their mean square, by loops."""
    pairs = [
        (net[i : i + width].sum(), net[i + width : i + 2 * width].sum())
        for i in range(len(net) - 2 * width + 1)
    ]
    change = sum((right - left) ** 2 for left, right in pairs)
    return float(change / sum((0.5 * (left + right)) ** 2 for left, right in pairs))


def true_scale_s(rate: Floats) -> float:
    """Return the scale at which the noise-free function falls to half of its initial rise."""
    widths = np.unique(np.round(2.0 ** np.arange(0.0, 8.6, 0.25)).astype(int))
    flat = np.array([naive_structure(rate, int(w)) / w**2 for w in widths])
    below = int(np.argmax(flat < 0.5 * flat[0]))
    return float(np.interp(0.5 * flat[0], flat[below::-1][:2], widths[below::-1][:2]) * 0.008)


def test_the_structure_function_is_that_of_plain_loops() -> None:
    net = np.random.default_rng(1).normal(3.0, 1.0, 60)
    widths = np.array([1, 2, 5, 11])
    value, _ = structure_function(net, np.zeros(60), widths)
    assert value == pytest.approx([naive_structure(net, int(w)) for w in widths])


def test_noise_alone_is_subtracted_and_within_its_error() -> None:
    rng = np.random.default_rng(2)
    widths, pulls = np.array([1, 4, 16, 64]), []
    for _ in range(200):
        counts = rng.poisson(20.0, 1000).astype(float)
        value, error = structure_function(counts, counts, widths)
        pulls.append(value / error)
    assert np.all(np.abs(np.mean(pulls, axis=0)) < 0.3)
    assert np.all(np.std(pulls, axis=0) < 1.1)


@pytest.mark.parametrize("width", [0.05, 0.2])
def test_the_scale_is_that_of_the_noise_free_curve(width: float) -> None:
    true = true_scale_s(gaussians(width))
    cases, inside, found = 15, 0, []
    for seed in range(cases):
        rate = 4000.0 * gaussians(width) + 800.0
        counts = np.random.default_rng(seed).poisson(rate * 0.008)
        scale = variability_scale(net_curve(counts, AT, 800.0)).scale_s
        assert scale.value is not None
        assert scale.err_minus is not None
        assert scale.err_plus is not None
        found.append(scale.value)
        inside += scale.value - scale.err_minus <= true <= scale.value + scale.err_plus
    assert np.median(found) == pytest.approx(true, rel=0.15)
    assert inside / cases >= 0.5


def norris(start_s: float, rise_s: float, fall_s: float) -> Floats:
    """Return a pulse of Norris et al. 2005 (ApJ 627, 324) of height 1."""
    since = np.maximum(centres(AT) - start_s, 1e-9)
    return np.asarray(np.exp(2.0 * np.sqrt(rise_s / fall_s) - rise_s / since - since / fall_s))


def test_sharp_rises_that_noise_hides_do_not_make_the_scale_too_long() -> None:
    shape = norris(0.0, 0.05, 0.5) + 0.7 * norris(3.0, 0.1, 1.0)
    true = true_scale_s(shape)
    ratios, held = [], 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        bright, faint = (
            variability_scale(net_curve(rng.poisson((height * shape + 800.0) * 0.008), AT, 800.0))
            for height in (3000.0, 1000.0)
        )
        if bright.scale_s.value is not None:
            ratios.append(bright.scale_s.value / true)
        if faint.upper_limit_s is not None:
            held += faint.upper_limit_s > true
        elif faint.scale_s.value is not None and faint.scale_s.err_minus is not None:
            held += faint.scale_s.value - faint.scale_s.err_minus <= true
    assert np.median(ratios) == pytest.approx(1.0, abs=0.4)
    assert held >= 17


def test_a_faint_burst_gives_an_upper_limit_or_a_wide_error_but_no_false_short_scale() -> None:
    true = true_scale_s(gaussians(0.1))
    for seed in range(10):
        counts = np.random.default_rng(seed).poisson((400.0 * gaussians(0.1) + 800.0) * 0.008)
        found = variability_scale(net_curve(counts, AT, 800.0))
        if found.upper_limit_s is not None:
            assert found.scale_s.value is None
        elif found.scale_s.value is not None:
            assert found.scale_s.err_minus is not None
            assert found.scale_s.value + 3.0 * found.scale_s.err_minus > 0.5 * true


def test_a_flat_curve_has_no_variability() -> None:
    counts = np.random.default_rng(3).poisson(8.0, len(AT) - 1)
    found = variability_scale(net_curve(counts, AT, 0.0))
    assert texts(found.flags) == ("no variability detected",)
