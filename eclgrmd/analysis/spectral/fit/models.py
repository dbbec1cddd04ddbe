"""Photon models by name, with the units, limits and starting values of their parameters."""

import math
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal, assert_never, get_args

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.sections import ModelName
from eclgrmd.model.observation import Floats

from . import shapes

__all__ = ["AREA", "ParameterRule", "PhotonModel", "density_rows", "photon_density", "photon_model"]


Form = Literal["linear", "log", "inverse"]


@dataclass(frozen=True, slots=True)
class ParameterRule:
    """A parameter of a photon model, with its limits and internal form."""

    name: str
    """Name in results."""
    unit: str
    """Unit; empty if dimensionless."""
    low: float
    """Lower limit, in `unit`."""
    high: float
    """Upper limit, in `unit`."""
    form: Form = "linear"
    """Internal form: the value itself, its logarithm, or -1 / value (the likelihood hardly changes
    between steep indices)."""
    tried: tuple[float, ...] = ()
    """Starting values, in `unit`."""

    def internal(self, value: float) -> float:
        """Return the internal form of a value, which increases with the value."""
        match self.form:
            case "linear":
                return value
            case "log":
                return math.log(value)
            case "inverse":
                return -1.0 / value
            case _:
                assert_never(self.form)

    def external(self, internal: float) -> float:
        """Return the value of an internal form."""
        match self.form:
            case "linear":
                return internal
            case "log":
                return math.exp(internal)
            case "inverse":
                return -1.0 / internal
            case _:
                assert_never(self.form)

    def stretch(self, internal: float) -> float:
        """Return the derivative of the value by its internal form."""
        match self.form:
            case "linear":
                return 1.0
            case "log":
                return math.exp(internal)
            case "inverse":
                return internal**-2
            case _:
                assert_never(self.form)


@dataclass(frozen=True, slots=True)
class _ModelComponent:
    code: int
    parameters: tuple[ParameterRule, ...]


_DENSITY = "ph cm-2 s-1 keV-1"
# Starting values and limits: choices that cover the spectra of bursts in 1 keV - 10 MeV.
_ALPHAS = (-1.5, -1.0, -0.5, 0.2)
_PEAKS = (6.0, 15.0, 35.0, 80.0, 170.0, 350.0, 800.0, 2000.0, 6000.0)
_TEMPERATURES = (1.0, 3.0, 8.0, 20.0, 50.0, 120.0, 300.0, 800.0)
_ALPHA = ParameterRule("alpha", "", -1.95, 5.0, "linear", _ALPHAS)
_BETA = ParameterRule("beta", "", -10.0, -1.6, "inverse", (-1.75, -2.2, -3.0))
_EPEAK = ParameterRule("epeak_kev", "keV", 1.0, 1e5, "log", _PEAKS)
_BREAK = ParameterRule("ebreak_kev", "keV", 1.0, 1e5, "log", _PEAKS)
_KT = ParameterRule("kt_kev", "keV", 0.3, 1e4, "log", _TEMPERATURES)
_LOW_INDEX = ParameterRule("alpha", "", -5.0, 5.0, "linear", _ALPHAS)
_HIGH_INDEX = ParameterRule("beta", "", -10.0, -0.2, "inverse", (-2.0, -2.8))
_INDEX = ParameterRule(
    "index", "", -10.0, 5.0, "linear", (-4.0, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5)
)
AREA = ParameterRule("area", "", 0.05, 20.0, "log")
"""The rule of an effective-area constant."""


def _amplitude(unit: str) -> ParameterRule:
    return ParameterRule("amplitude", unit, 1e-30, 1e20, "log")


_COMPONENTS = {
    "band": _ModelComponent(shapes.BAND, (_amplitude(_DENSITY), _ALPHA, _EPEAK, _BETA)),
    "cpl": _ModelComponent(shapes.CPL, (_amplitude(_DENSITY), _ALPHA, _EPEAK)),
    "pl": _ModelComponent(shapes.PL, (_amplitude(_DENSITY), _INDEX)),
    "sbpl": _ModelComponent(shapes.SBPL, (_amplitude(_DENSITY), _LOW_INDEX, _BREAK, _HIGH_INDEX)),
    "bpl": _ModelComponent(shapes.BPL, (_amplitude(_DENSITY), _LOW_INDEX, _BREAK, _HIGH_INDEX)),
    "bb": _ModelComponent(shapes.BB, (_amplitude("ph cm-2 s-1 keV-3"), _KT)),
    "ottb": _ModelComponent(shapes.OTTB, (_amplitude(_DENSITY), _KT)),
}


@dataclass(frozen=True, slots=True, eq=False)
class PhotonModel:
    """A photon model, or a sum of photon models, in the form that the kernels use."""

    name: str
    """Name in the task configuration, such as `band` or `cpl+bb`."""
    parameters: tuple[ParameterRule, ...]
    """Parameters of one component after the other, each with its amplitude first."""
    codes: NDArray[np.int64]
    """Kernel code and index of the first parameter of each component, shape (components, 2)."""
    low: Floats
    """Lower limits, internal form, shape (p,)."""
    high: Floats
    """Upper limits, internal form, shape (p,)."""

    @property
    def names(self) -> tuple[str, ...]:
        """Parameter names in order."""
        return tuple(rule.name for rule in self.parameters)

    def internal(self, values: Floats) -> Floats:
        """Return the internal form of parameter values, shape (p,)."""
        pairs = zip(self.parameters, values.tolist(), strict=True)
        return np.array([rule.internal(x) for rule, x in pairs])

    def external(self, internal: Floats) -> Floats:
        """Return the parameter values of internal forms, shape (p,)."""
        pairs = zip(self.parameters, internal.tolist(), strict=True)
        return np.array([rule.external(x) for rule, x in pairs])

    @property
    def amplitudes(self) -> tuple[int, ...]:
        """Indices of the amplitudes, one per component."""
        return tuple(int(first) for _, first in self.codes)

    def component_shapes(self) -> tuple[Floats, ...]:
        """Return the template shapes of each component, internal form, amplitude 1, (n, q) each."""
        return tuple(_grid(_rules_of(int(code))) for code, _ in self.codes)

    def component_scales(self) -> tuple[NDArray[np.int64], ...]:
        """Return the index of the energy scale (Epeak, break, kT) of each template, (n,) each."""
        return tuple(_scales(_rules_of(int(code))) for code, _ in self.codes)


def _scales(rules: tuple[ParameterRule, ...]) -> NDArray[np.int64]:
    """Return the index of the energy scale of each row of the grid; all differ without a scale."""
    grid = _grid(rules)
    scale = [k for k, rule in enumerate(rules) if rule.form == "log" and rule.tried]
    if not scale:
        return np.arange(len(grid), dtype=np.int64)
    return np.unique(grid[:, scale[0]], return_inverse=True)[1].astype(np.int64)


def _grid(rules: tuple[ParameterRule, ...]) -> Floats:
    tried = ([rule.internal(x) for x in rule.tried] or [0.0] for rule in rules)
    return np.array(list(product(*tried)))


def _renamed(rule: ParameterRule, component: str) -> ParameterRule:
    return replace(rule, name=f"{rule.name}_{component}")


def photon_model(name: str) -> PhotonModel:
    """Return a photon model by its name in the task configuration.

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
    return PhotonModel(
        name=name,
        parameters=tuple(rules),
        codes=np.array(codes, dtype=np.int64),
        low=np.array([rule.internal(rule.low) for rule in rules]),
        high=np.array([rule.internal(rule.high) for rule in rules]),
    )


def photon_density(name: str, values: Floats, energy_kev: Floats) -> Floats:
    """Return the photon spectrum of a model.

    Parameters
    ----------
    name
        Name of the model in the task configuration.
    values
        Parameters in the order and units of results, shape (p,).
    energy_kev
        Energies, shape (k,).

    Returns
    -------
    Floats
        Photons/cm2/s/keV, shape (k,).
    """
    return density_rows(photon_model(name), photon_model(name).internal(values), energy_kev)[0]


def density_rows(model: PhotonModel, internal: Floats, energy_kev: Floats) -> tuple[Floats, Floats]:
    """Return a photon spectrum, shape (k,), and its derivatives by internal parameters, (p, k)."""
    energy = np.ascontiguousarray(np.asarray(energy_kev, dtype=np.float64))
    nodes = np.repeat(energy[:, None], 3, axis=1)
    weights = np.full_like(nodes, 1.0 / 3.0)
    # bins so narrow that the mean is the value at the centre
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
