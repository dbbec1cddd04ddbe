"""Photon models agree with published formulas, and their gradients with finite differences."""

from collections.abc import Callable

import numpy as np
import pytest

from eclgrmd.analysis.spectral.fit.models import density_rows, photon_density, photon_model
from eclgrmd.errors import InputError
from eclgrmd.model.observation import Floats

ENERGY = np.geomspace(2.0, 2e4, 200)


def band_1993(e: Floats, k: float, alpha: float, epeak: float, beta: float) -> Floats:
    e0 = epeak / (2 + alpha)
    low = k * (e / 100) ** alpha * np.exp(-e / e0)
    bend = (alpha - beta) * e0
    high = k * (bend / 100) ** (alpha - beta) * np.exp(beta - alpha) * (e / 100) ** beta
    return np.where(e < bend, low, high)


def kaneko_2006(e: Floats, k: float, low: float, ebreak: float, high: float) -> Floats:
    width = 0.3
    m, b = (high - low) / 2, (low + high) / 2

    def a(x: Floats | float) -> Floats:
        q = np.log10(x / ebreak) / width
        return m * width * np.log((np.exp(q) + np.exp(-q)) / 2)

    return k * (e / 100) ** b * 10 ** (a(e) - a(100.0))


FORMULAS: list[tuple[str, tuple[float, ...], Callable[..., Floats]]] = [
    ("band", (0.02, -0.8, 300.0, -2.3), band_1993),
    (
        "cpl",
        (0.02, -0.8, 300.0),
        lambda e, k, a, p: k * (e / 100) ** a * np.exp(-e * (2 + a) / p),
    ),
    ("pl", (0.02, -1.7), lambda e, k, i: k * (e / 100) ** i),
    ("sbpl", (0.02, -0.8, 300.0, -2.3), kaneko_2006),
    (
        "bpl",
        (0.02, -0.8, 300.0, -2.3),
        lambda e, k, a, x, b: k * (e / 100) ** a * np.where(e < x, 1.0, (e / x) ** (b - a)),
    ),
    ("bb", (1e-4, 20.0), lambda e, k, t: k * e**2 / np.expm1(np.minimum(e / t, 700))),
    (
        "ottb",
        (0.02, 200.0),
        lambda e, k, t: k * (100 / e) * np.exp((100 - e) / t),
    ),
]


@pytest.mark.parametrize(("name", "values", "formula"), FORMULAS)
def test_a_model_is_the_formula_of_its_paper(
    name: str, values: tuple[float, ...], formula: Callable[..., Floats]
) -> None:
    ours = photon_density(name, np.array(values), ENERGY)
    theirs = formula(ENERGY, *values)
    seen = theirs > 1e-250
    assert ours[seen] == pytest.approx(theirs[seen], rel=1e-6)


def test_a_sum_is_the_sum_of_its_parts() -> None:
    whole = photon_density("band+bb", np.array([0.02, -0.8, 300.0, -2.3, 1e-4, 20.0]), ENERGY)
    parts = photon_density("band", np.array([0.02, -0.8, 300.0, -2.3]), ENERGY)
    assert whole == pytest.approx(parts + photon_density("bb", np.array([1e-4, 20.0]), ENERGY))
    assert photon_model("band+bb").names[-2:] == ("amplitude_bb", "kt_kev")


@pytest.mark.parametrize("name", ["band", "cpl", "pl", "sbpl", "bpl", "bb", "ottb", "band+bb"])
def test_the_gradient_is_the_derivative(name: str) -> None:
    model = photon_model(name)
    values = {"amplitude": 0.02, "alpha": -0.8, "beta": -2.3, "index": -1.7}
    theta = model.internal(np.array([values.get(p, 150.0) for p in model.names]))
    energy = ENERGY[(np.abs(ENERGY - 150) > 5) & (ENERGY < 3e3)]
    _, rows = density_rows(model, theta, energy)
    for k in range(len(theta)):
        h = np.zeros_like(theta)
        h[k] = 1e-5
        up, down = (
            density_rows(model, theta + h, energy)[0],
            density_rows(model, theta - h, energy)[0],
        )
        assert rows[k] == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-9 * up.max())


def test_the_peak_of_nufnu_is_epeak() -> None:
    energy = np.geomspace(10, 5000, 20001)
    for name, values in (("band", (0.02, -0.8, 300.0, -2.6)), ("cpl", (0.02, 0.3, 300.0))):
        nufnu = energy**2 * photon_density(name, np.array(values), energy)
        assert energy[np.argmax(nufnu)] == pytest.approx(300.0, rel=1e-3)


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(InputError, match="`banana` is not known: use one of band"):
        photon_model("banana")
