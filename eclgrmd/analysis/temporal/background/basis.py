"""The functions of time that a background is made of, with the prior of their coefficients."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.intervals import Interval
from eclgrmd.model.observation import Floats

from .bins import SCALE_S, FittedBins
from .spline import design_matrix
from .template import Template, template_columns

__all__ = [
    "ROUGHNESS",
    "Basis",
    "polynomials",
    "smooth_basis",
    "supported_roughness",
    "template_choices",
]

ROUGHNESS = np.array([1e-5, 0.001, 0.01, 0.03, 0.1, 0.3, 1.0])
"""Roughness of a smooth background: the standard deviation of the change of its slope in 100 s.

The slope is in units of the rate per 100 s. With the lowest value the background is a straight
line, with the highest one it can double in 100 s; the values between are a choice."""
_ROUGHEST_ON_ONE_SIDE = 0.03
"""Largest roughness of a background that is fitted on one side of the burst; a choice. A rougher
curve follows the decay of the burst, because nothing on the other side holds it."""
_KNOTS = 16
"""Number of knots; twice as many change predictions on real backgrounds by little."""
_REACH_S = 200.0
"""Distance from a single interval, seconds, within which the background may bend; a choice."""


_EXCLUDED = 1e12
"""Prior precision of the scale of a template that a model leaves out, in units of the rate."""


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """Functions of time whose sum the background is, and the prior of their coefficients."""

    origin_s: float
    """Time at which x is 0, seconds after t0."""
    unit_s: float
    """Unit of x, seconds."""
    degree: int
    """Highest power of x."""
    knots_s: Floats
    """Knots, seconds after t0, shape (m,)."""
    precisions: Floats
    """Prior precision of each coefficient, in units of the rate; 0: free. One row for each
    roughness and choice of templates, shape (k, degree + 1 + m + templates)."""
    templates: tuple[Template, ...] = ()
    """Known functions of time."""

    def design(self, bins: FittedBins) -> Floats:
        """Return the counts in each bin of each function, (n, degree + 1 + m + templates)."""
        smooth = design_matrix(
            bins.start_s,
            bins.stop_s,
            bins.live_s,
            order=self.degree,
            origin_s=self.origin_s,
            unit_s=self.unit_s,
            knots_s=self.knots_s,
        )
        if not self.templates:
            return smooth
        columns = template_columns(self.templates, bins.start_s, bins.stop_s, bins.live_s)
        return np.hstack([smooth, columns])


def polynomials(bins: FittedBins, order: int) -> Basis:
    """Return the powers of time up to an order, without a prior."""
    degree = min(order, len(bins.live_s) - 1)
    return Basis(*_scaling(bins), degree, np.empty(0), np.zeros((1, degree + 1)))


def smooth_basis(
    bins: FittedBins,
    roughness: Floats,
    data_s: Interval | None,
    templates: tuple[Template, ...] = (),
) -> Basis:
    """Return a straight line, knots and templates, with the prior of each roughness.

    Knots are equidistant over the fitted bins. Beyond a single interval they go on over the data
    (`data_s`; None: there are intervals on both sides), because the burst lies there. The level is
    free. Per 100 s, the slope is 0 with a standard deviation of the whole rate.

    Each template is in half of the models, in all combinations with the others: the rows of
    `precisions` are ordered by combination (`template_choices`) and then by roughness. Its scale is
    0 with a standard deviation of the whole rate.
    """
    origin, unit = _scaling(bins)
    low, high = bins.start_s[0], bins.stop_s[-1]
    if data_s is not None:
        beyond = max(_REACH_S, high - low)
        low, high = max(data_s[0], low - beyond), min(data_s[1], high + beyond)
    spacing = (high - low) / _KNOTS
    knots = low + (np.arange(_KNOTS) + 0.5) * spacing
    slope = 1.0 / (unit / SCALE_S) ** 2
    precisions = np.zeros((len(roughness), 2 + _KNOTS))
    precisions[:, 1] = slope
    precisions[:, 2:] = (slope / (np.square(roughness) * spacing / SCALE_S))[:, None]
    if templates:
        chosen = np.where(template_choices(len(templates)), 1.0, _EXCLUDED)
        precisions = np.vstack(
            [np.hstack([precisions, np.tile(scales, (len(roughness), 1))]) for scales in chosen]
        )
    return Basis(origin, unit, 1, knots, precisions, templates)


def template_choices(number: int) -> NDArray[np.bool_]:
    """Return all choices among a number of templates, none first, shape (2**number, number)."""
    return np.array(list(product((False, True), repeat=number)), dtype=bool)


def _scaling(bins: FittedBins) -> tuple[float, float]:
    """Return origin and unit of x: the middle and half of the fitted time, seconds."""
    low, high = float(bins.start_s[0]), float(bins.stop_s[-1])
    return 0.5 * (low + high), max(0.5 * (high - low), 1e-6)


def supported_roughness(sides: int, *, subtracted: bool) -> Floats:
    """Return the values of the roughness that the position of the intervals supports, rising."""
    if subtracted:
        return ROUGHNESS[:1]
    return ROUGHNESS[ROUGHNESS <= _ROUGHEST_ON_ONE_SIDE] if sides == 1 else ROUGHNESS
