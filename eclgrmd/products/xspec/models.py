"""Translation of photon models to XSPEC: names, order of parameters, units and norms.

Definitions are those of the XSPEC manual (grbm, cutoffpl, powerlaw, bknpower, bbodyrad, mdefine).
XSPEC's power laws have their norm at 1 keV, the models here at 100 keV. Parameter limits are
written explicitly, because XSPEC's default limits (such as E0 of grbm above 10 keV) exclude some
values.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from eclgrmd.analysis.spectral.fit.models import photon_model
from eclgrmd.analysis.spectral.fit.shapes import SBPL_WIDTH
from eclgrmd.analysis.spectral.results import SpectralFit

__all__ = ["XspecModel", "xspec_model"]

_BBODYRAD = 1.0344e-3
"""Photons/cm2/s/keV at 1 keV of a bbodyrad of norm 1, for E << kT."""
# Limits of indices, energies and norms, wide enough for all fitted values.
_INDEX = (-10.0, 10.0)
_ENERGY_KEV = (1e-3, 1e8)
_NORM = (0.0, 1e30)
_UNIT = 1.0 / (SBPL_WIDTH * math.log(10.0))
"""Factor of ln(E / Ebreak) in the smoothly broken power law."""
_SBPL = (
    f"(E/100.)^((alpha+beta)/2.)*COSH({_UNIT:.9f}*LN(E/ebreak))^((beta-alpha)*{0.5 / _UNIT:.9f})"
)
"""Smoothly broken power law (Ryde 1999), without factors that do not depend on the energy."""


class XspecModel(NamedTuple):
    """A fitted model in the syntax of XSPEC."""

    definitions: tuple[str, ...]
    """Commands that define components missing in XSPEC."""
    formula: str
    """Sum of components, the argument of XSPEC's `model` command."""
    values: tuple[str, ...]
    """Value, step and limits (hard, soft, soft, hard) of each parameter."""


class _XspecComponent(NamedTuple):
    name: str
    parameters: tuple[tuple[float, tuple[float, float]], ...]
    """Value and limits of each parameter, the norm last."""


def xspec_model(fit: SpectralFit) -> XspecModel:
    """Return the model of a fit in the syntax of XSPEC."""
    components = list(_components(fit))
    return XspecModel(
        (f"mdefine sbpl {_SBPL} : add",) if "sbpl" in (c.name for c in components) else (),
        " + ".join(c.name for c in components),
        tuple(_spelled(*parameter) for c in components for parameter in c.parameters),
    )


def _components(fit: SpectralFit) -> Iterator[_XspecComponent]:
    known = iter(fit.parameters.values())
    for part in fit.name.split("+"):
        count = len(photon_model(part).parameters)
        found = [next(known).value for _ in range(count)]
        yield _translated(part, [math.nan if value is None else value for value in found])


def _spelled(value: float, limits: tuple[float, float]) -> str:
    low, high = limits
    step = 0.01 * abs(value) or 0.01
    top = max(high, 10.0 * value)
    return f"{value:.9g} {step:.3g} {low:g} {low:g} {top:g} {top:g}"


def _translated(part: str, values: Sequence[float]) -> _XspecComponent:
    match part, list(values):
        case "band", [norm, alpha, epeak, beta] if alpha > beta:
            name, shape = "grbm", [(alpha, _INDEX), (beta, _INDEX)]
            shape += [(epeak / (2.0 + alpha), _ENERGY_KEV)]
        case "band", [norm, _, _, index]:
            return _translated("pl", [norm, index])
        case "cpl", [norm, alpha, epeak]:
            name, shape = "cutoffpl", [(-alpha, _INDEX), (epeak / (2.0 + alpha), _ENERGY_KEV)]
            norm *= 100.0**-alpha
        case "pl", [norm, index]:
            name, shape = "powerlaw", [(-index, _INDEX)]
            norm *= 100.0**-index
        case "bpl", [norm, alpha, ebreak, beta]:
            name, shape = "bknpower", [(-alpha, _INDEX), (ebreak, _ENERGY_KEV), (-beta, _INDEX)]
            norm *= 100.0**-alpha
        case "sbpl", [norm, alpha, ebreak, beta]:
            name, shape = "sbpl", [(alpha, _INDEX), (beta, _INDEX), (ebreak, _ENERGY_KEV)]
            pivot = math.cosh(_UNIT * math.log(100.0 / ebreak))
            norm *= pivot ** (0.5 * (alpha - beta) / _UNIT)
        case "bb", [norm, kt]:
            name, shape = "bbodyrad", [(kt, _ENERGY_KEV)]
            norm /= _BBODYRAD
        case "ottb", [norm, kt]:
            name, shape = "cutoffpl", [(1.0, _INDEX), (kt, _ENERGY_KEV)]
            norm *= 100.0 * math.exp(100.0 / kt)
        case _:
            raise ValueError(f"{part} with {len(values)} values is not a known photon model")
    return _XspecComponent(name, (*shape, (norm, _NORM)))
