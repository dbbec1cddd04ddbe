"""Nested models: the parameters at which a model equals a simpler one."""

from collections.abc import Iterator

import numpy as np

from eclgrmd.analysis.spectral.fit.models import PhotonModel, density_rows, photon_model
from eclgrmd.model.observation import Floats

from .comparison import matched_components

__all__ = ["special_cases"]

_MATCHED_KEV = 10.0
"""Energy at which the special case and the simpler model are made equal."""
_ABSENT = 1e-30
"""Amplitude of an absent component: the lower limit of amplitudes."""
_FAR_KEV = 1e15
"""Peak, break or cutoff energy far above all data."""


def special_cases(richer: PhotonModel, simpler: PhotonModel, theta: Floats) -> list[Floats]:
    """Return the parameters at which a model equals a simpler one that it contains.

    Parameters
    ----------
    richer, simpler
        The models.
    theta
        Internal parameters of the simpler one, area constants at the end, shape (p,).

    Returns
    -------
    list of arrays
        Internal parameters of the richer one, with the same area constants. They may exceed its
        limits (a peak far above all data). Empty if it does not contain the simpler model.
    """
    pairs = matched_components(richer.name, simpler.name)
    if pairs is None:
        return []
    places = _places(simpler)
    starts: list[list[Floats]] = [[]]
    for name in richer.name.split("+"):
        part = pairs.get(name)
        if part is None:
            options = [_absent(name)]
        else:
            options = list(_component(name, part, theta[places[part]]))
        starts = [[*start, option] for start in starts for option in options]
    areas = theta[len(simpler.low) :]
    return [np.concatenate([*start, areas]) for start in starts]


def _places(model: PhotonModel) -> dict[str, slice]:
    """Return the slice of the parameters of each component."""
    names = model.name.split("+")
    ends = [*(int(first) for _, first in model.codes), len(model.low)]
    return {name: slice(ends[k], ends[k + 1]) for k, name in enumerate(names)}


def _absent(name: str) -> Floats:
    model = photon_model(name)
    theta = 0.5 * (model.low + model.high)
    theta[0] = np.log(_ABSENT)
    return np.asarray(theta)


def _component(richer: str, simpler: str, theta: Floats) -> Iterator[Floats]:
    """Yield the internal parameters at which a component equals a simpler one."""
    if richer == simpler:
        yield theta
        return
    other = photon_model(simpler)
    values = dict(zip(other.names, other.external(theta).tolist(), strict=True))
    for shape in _shapes(richer, simpler, values):
        model = photon_model(richer)
        found = np.array([0.0, *(rule.internal(shape[rule.name]) for rule in model.parameters[1:])])
        energy = np.array([_MATCHED_KEV])
        wanted = float(density_rows(other, theta, energy)[0][0])
        unit = float(density_rows(model, found, energy)[0][0])
        if wanted > 0.0 and unit > 0.0 and np.isfinite(unit):
            found[0] = np.log(wanted / unit)
            yield found


def _shapes(richer: str, simpler: str, values: dict[str, float]) -> Iterator[dict[str, float]]:
    match simpler:
        case "pl":
            yield from _bent_as_power_law(richer, values["index"])
        case "cpl" if values["alpha"] <= -2.0:  # held at a power law, with its cutoff far away
            yield from _bent_as_power_law(richer, values["alpha"])
        case "cpl":
            yield {"alpha": values["alpha"], "epeak_kev": values["epeak_kev"], "beta": -1e6}
        case "ottb":
            yield {"alpha": -1.0, "epeak_kev": values["kt_kev"]}
        case _:
            return


def _bent_as_power_law(richer: str, index: float) -> Iterator[dict[str, float]]:
    """Yield parameters of power laws: equal indices, or a peak or break far from all data."""
    if richer != "cpl" and index < 0.0:
        yield {"alpha": index, "beta": index, "epeak_kev": 300.0, "ebreak_kev": 100.0}
    if richer == "band" and index < 0.0:
        yield {"alpha": 0.0, "beta": index, "epeak_kev": 1.0}
    alpha = index if abs(index + 2.0) > 1e-6 else index + 1e-6
    yield {"alpha": alpha, "beta": -10.0, "epeak_kev": _FAR_KEV, "ebreak_kev": _FAR_KEV}
