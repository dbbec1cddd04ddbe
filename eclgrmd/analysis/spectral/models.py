"""Photon models by name: their parameters, units, limits and the shapes tried first."""

from dataclasses import dataclass
from itertools import product
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.model.configuration import ModelName
from eclgrmd.model.observation import Floats

from . import shapes

__all__ = ["ParameterRule", "PhotonModel", "density_rows", "photon_density", "photon_model"]


@dataclass(frozen=True, slots=True)
class ParameterRule:
    """A parameter of a photon model and what it may be."""

    name: str
    unit: str
    low: float
    high: float
    positive: bool
    """True: the fit works on its logarithm."""
    tried: tuple[float, ...] = ()
    """Values at which a fit may start."""


@dataclass(frozen=True, slots=True)
class _Component:
    code: int
    parameters: tuple[ParameterRule, ...]


_DENSITY = "ph cm-2 s-1 keV-1"
_ALPHA = ParameterRule("alpha", "", -1.95, 5.0, positive=False, tried=(-1.5, -1.0, -0.5, 0.2))
_BETA = ParameterRule("beta", "", -10.0, -1.6, positive=False, tried=(-2.2, -3.0))
_EPEAK_TRIED = (6.0, 15.0, 35.0, 80.0, 170.0, 350.0, 800.0, 2000.0, 6000.0)
_EPEAK = ParameterRule("epeak_kev", "keV", 1.0, 1e5, positive=True, tried=_EPEAK_TRIED)
_BREAK = ParameterRule("ebreak_kev", "keV", 1.0, 1e5, positive=True, tried=_EPEAK_TRIED)
_KT = ParameterRule(
    "kt_kev", "keV", 0.3, 1e4, positive=True, tried=(1.0, 3.0, 8.0, 20.0, 50.0, 120.0, 300.0, 800.0)
)
_LOW_INDEX = ParameterRule("alpha", "", -5.0, 5.0, positive=False, tried=(-1.5, -1.0, -0.5, 0.2))
_HIGH_INDEX = ParameterRule("beta", "", -10.0, 3.0, positive=False, tried=(-2.0, -2.8))
_INDEX = ParameterRule(
    "index", "", -10.0, 5.0, positive=False, tried=(-4.0, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5)
)


def _amplitude(unit: str) -> ParameterRule:
    return ParameterRule("amplitude", unit, 1e-30, 1e20, positive=True)


_COMPONENTS = {
    "band": _Component(shapes.BAND, (_amplitude(_DENSITY), _ALPHA, _EPEAK, _BETA)),
    "cpl": _Component(shapes.CPL, (_amplitude(_DENSITY), _ALPHA, _EPEAK)),
    "pl": _Component(shapes.PL, (_amplitude(_DENSITY), _INDEX)),
    "sbpl": _Component(shapes.SBPL, (_amplitude(_DENSITY), _LOW_INDEX, _BREAK, _HIGH_INDEX)),
    "bpl": _Component(shapes.BPL, (_amplitude(_DENSITY), _LOW_INDEX, _BREAK, _HIGH_INDEX)),
    "bb": _Component(shapes.BB, (_amplitude("ph cm-2 s-1 keV-3"), _KT)),
    "ottb": _Component(shapes.OTTB, (_amplitude(_DENSITY), _KT)),
}


@dataclass(frozen=True, slots=True, eq=False)
class PhotonModel:
    """A photon model or a sum of them, in the form that the kernels take."""

    name: str
    parameters: tuple[ParameterRule, ...]
    """Component after component, each with its amplitude first."""
    codes: NDArray[np.int64]
    """Kernel and place of the first parameter of each component, shape (components, 2)."""
    low: Floats
    """Lower limits as the fit sees them (logarithms of positive ones), shape (p,)."""
    high: Floats
    """Upper limits as the fit sees them, shape (p,)."""

    @property
    def names(self) -> tuple[str, ...]:
        """Parameter names in order."""
        return tuple(rule.name for rule in self.parameters)

    def internal(self, values: Floats) -> Floats:
        """Take logarithms of the positive parameters, shape (p,)."""
        return np.where(self.positive, np.log(np.where(self.positive, values, 1.0)), values)

    def external(self, internal: Floats) -> Floats:
        """Undo `internal`, shape (p,)."""
        return np.where(self.positive, np.exp(np.where(self.positive, internal, 0.0)), internal)

    @property
    def positive(self) -> NDArray[np.bool_]:
        """Parameters that the fit knows by their logarithm, shape (p,)."""
        return np.array([rule.positive for rule in self.parameters])

    @property
    def amplitudes(self) -> tuple[int, ...]:
        """Places of the amplitudes, one per component."""
        return tuple(int(first) for _, first in self.codes)

    def component_shapes(self) -> tuple[Floats, ...]:
        """List the shapes at which a fit may start, amplitude 1, internal, (n, q) by component."""
        return tuple(_grid(_rules_of(int(code))) for code, _ in self.codes)


def _grid(rules: tuple[ParameterRule, ...]) -> Floats:
    rows = np.array(list(product(*(rule.tried or (1.0,) for rule in rules))))
    for k, rule in enumerate(rules):
        if rule.positive:
            rows[:, k] = np.log(rows[:, k])
    return np.ascontiguousarray(rows)


def _renamed(rule: ParameterRule, component: str) -> ParameterRule:
    return ParameterRule(
        f"{rule.name}_{component}", rule.unit, rule.low, rule.high, rule.positive, rule.tried
    )


def photon_model(name: str) -> PhotonModel:
    """Look a photon model up by its name in the task configuration.

    Raises
    ------
    InputError
        If there is no such model.
    """
    parts = name.split("+")
    if not set(parts) <= set(_COMPONENTS) or len(set(parts)) != len(parts):
        known = ", ".join(get_args(ModelName))
        raise InputError(f"photon model `{name}` is not known: use one of {known}")
    rules: list[ParameterRule] = []
    codes = []
    for part in parts:
        component = _COMPONENTS[part]
        taken = {rule.name for rule in rules}
        codes.append((component.code, len(rules)))
        rules += [_renamed(r, part) if r.name in taken else r for r in component.parameters]
    low, high = np.array([r.low for r in rules]), np.array([r.high for r in rules])
    positive = np.array([r.positive for r in rules])
    return PhotonModel(
        name=name,
        parameters=tuple(rules),
        codes=np.array(codes, dtype=np.int64),
        low=np.where(positive, np.log(np.where(positive, low, 1.0)), low),
        high=np.where(positive, np.log(np.where(positive, high, 1.0)), high),
    )


def photon_density(name: str, values: Floats, energy_kev: Floats) -> Floats:
    """Evaluate a model's photon spectrum.

    Parameters
    ----------
    name
        As in the task configuration.
    values
        Parameters in the model's order, as results give them, shape (p,).
    energy_kev
        Shape (k,).

    Returns
    -------
    Floats
        Photons/cm2/s/keV, shape (k,).
    """
    return density_rows(photon_model(name), photon_model(name).internal(values), energy_kev)[0]


def density_rows(model: PhotonModel, internal: Floats, energy_kev: Floats) -> tuple[Floats, Floats]:
    """Evaluate the spectrum (shape (k,)) and its derivatives by the internal parameters (p, k)."""
    energy = np.ascontiguousarray(np.asarray(energy_kev, dtype=np.float64))
    nodes = np.repeat(energy[:, None], 3, axis=1)
    weights = np.full_like(nodes, 1.0 / 3.0)
    # a bin so narrow that its mean is its middle
    edges = np.stack([energy * (1 - 1e-9), energy * (1 + 1e-9)])
    rows = np.zeros((len(model.parameters), len(energy)))
    for code, first in model.codes:
        count = len(_rules_of(int(code)))
        part = slice(int(first), int(first) + count)
        shapes.photons(
            int(code),
            edges,
            nodes,
            weights,
            np.log(nodes / shapes.PIVOT_KEV),
            internal[part],
            rows[part],
        )
        if code == shapes.BPL:
            rows[part] /= edges[1] - edges[0]
    return rows[list(model.amplitudes)].sum(axis=0), rows


def _rules_of(code: int) -> tuple[ParameterRule, ...]:
    return next(c.parameters for c in _COMPONENTS.values() if c.code == code)
