"""Starting points of fits: a grid of shapes, folded once, with amplitudes by least squares."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import fast_kernel
from eclgrmd.model.observation import Floats

from .folding import Folding, fold
from .likelihood import Likelihood
from .models import PhotonModel
from .shapes import photons

__all__ = ["Templates", "make_templates", "starting_points"]

_HOPELESS = 100.0
"""Chi-square above that of the best shape from which a shape is not used as a start; a choice."""


@dataclass(frozen=True, slots=True, eq=False)
class Templates:
    """Template shapes of each model component, with their folded counts at amplitude 1."""

    shapes: tuple[Floats, ...]
    """Internal parameters of each component's templates, shape (t, q) each."""
    counts: tuple[Floats, ...]
    """Counts in the fitted channels, shape (t, n) each."""
    groups: tuple[NDArray[np.int64], ...]
    """Index of the energy scale (Epeak, break energy or kT) of each template, shape (t,) each."""


@fast_kernel
def _folded_shapes(code: int, folding: Folding, shapes: Floats) -> Floats:
    out = np.empty((shapes.shape[0], folding.spectrum.size))
    rows = np.empty((shapes.shape[1], folding.energy.shape[0]))
    for t in range(shapes.shape[0]):
        photons(
            code, folding.edges, folding.energy, folding.weight, folding.log_energy, shapes[t], rows
        )
        fold(folding, rows[:1], out[t : t + 1])
    return out


def make_templates(model: PhotonModel, folding: Folding) -> Templates:
    """Fold the template shapes of a model; the result serves every fit with this folding."""
    shapes = model.component_shapes()
    counts = [
        _folded_shapes(int(code), folding, grid)
        for (code, _), grid in zip(model.codes, shapes, strict=True)
    ]
    return Templates(shapes, tuple(counts), model.component_scales())


def starting_points(templates: Templates, like: Likelihood, size: int, wanted: int) -> Floats:
    """Rank the templates by weighted least squares and return the best as starting points.

    Parameters
    ----------
    templates, like
        Templates of the model, and the data.
    size
        Number p of internal parameters, area constants included.
    wanted
        Largest number of starting points.

    Returns
    -------
    Floats
        Internal parameters, best first, with the fitted amplitudes and area constants of 1, shape
        (points, p) with at most `wanted` points.
    """
    net = like.counts - like.background
    weight = 1.0 / (like.counts + _variance(like) + 1.0)
    pull = [counts @ (weight * net) for counts in templates.counts]
    power = [(counts * counts) @ weight for counts in templates.counts]
    if len(pull) == 1:
        return _single(templates, pull[0], power[0], size, wanted)
    return _pairs(templates, weight, pull, power, size, wanted)


def _variance(like: Likelihood) -> Floats:
    return np.where(like.kind == 1, like.spread * like.background, like.spread)


def _gain(pull: Floats, power: Floats) -> tuple[Floats, Floats]:
    """Return the best positive amplitude of each template, and the decrease of chi-square."""
    safe = np.maximum(power, 1e-300)
    amplitude = np.maximum(pull / safe, 1e-2 / np.sqrt(safe))
    return amplitude, 2.0 * amplitude * pull - amplitude**2 * power


def _distinct(gain: Floats, groups: NDArray[np.int64], wanted: int) -> NDArray[np.int64]:
    """Return the index of the best template of each energy scale, the best scales first.

    The likelihood of a curved spectrum has several minima, which differ in the energy scale.
    Templates far worse than the best one are left out.
    """
    order = np.argsort(-gain, kind="stable")
    _, first = np.unique(groups[order], return_index=True)
    best = order[np.sort(first)[:wanted]]
    hopeful = gain[best] >= gain[best[0]] - _HOPELESS
    return np.asarray(best[hopeful], dtype=np.int64)


def _single(templates: Templates, pull: Floats, power: Floats, size: int, wanted: int) -> Floats:
    amplitude, gain = _gain(pull, power)
    shapes = templates.shapes[0]
    order = _distinct(gain, templates.groups[0], wanted)
    points = np.zeros((len(order), size))
    points[:, : shapes.shape[1]] = shapes[order]
    points[:, 0] = np.log(amplitude[order])
    return points


def _pairs(
    templates: Templates,
    weight: Floats,
    pull: Sequence[Floats],
    power: Sequence[Floats],
    size: int,
    wanted: int,
) -> Floats:
    """Return starting points of a sum of two components, both amplitudes fitted and positive."""
    first, second = templates.counts
    cross = (first * weight) @ second.T
    a1, a2 = power[0][:, None], power[1][None, :]
    b1, b2 = pull[0][:, None], pull[1][None, :]
    determinant = np.maximum(a1 * a2 - cross**2, 1e-6 * a1 * a2 + 1e-300)
    x = (b1 * a2 - b2 * cross) / determinant
    y = (b2 * a1 - b1 * cross) / determinant
    x = np.maximum(x, 1e-2 / np.sqrt(np.maximum(a1, 1e-300)))
    y = np.maximum(y, 1e-2 / np.sqrt(np.maximum(a2, 1e-300)))
    gain = 2 * (x * b1 + y * b2) - x**2 * a1 - y**2 * a2 - 2 * x * y * cross
    one, two = templates.groups
    groups = one[:, None] * (two.max() + 1) + two[None, :]
    best = _distinct(gain.ravel(), groups.ravel(), wanted)
    i, j = np.unravel_index(best, gain.shape)
    q, r = templates.shapes[0].shape[1], templates.shapes[1].shape[1]
    points = np.zeros((len(best), size))
    points[:, :q], points[:, q : q + r] = templates.shapes[0][i], templates.shapes[1][j]
    points[:, 0], points[:, q] = np.log(x[i, j]), np.log(y[i, j])
    return points
