"""Templates: known functions of time that a background may follow, with a free scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from eclgrmd.model.observation import Floats

__all__ = ["Template", "TemplateName", "template_columns"]


class TemplateName(StrEnum):
    """Causes of a varying background that templates describe."""

    EARTH = "earth"
    """Part of the field of view that the Earth covers."""
    GEOMAGNETIC = "geomagnetic"
    """Cutoff rigidity of the geomagnetic field at the satellite, relative to its mean, minus 1."""
    ORBITS = "orbits"
    """Mean rate at the same phase of the orbits before and after, relative to its mean, minus 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A function of time, piecewise linear and constant beyond its first and last time."""

    name: TemplateName
    """What it describes."""
    time_s: Floats
    """Rising times, seconds after t0, shape (m,), at least two."""
    value: Floats
    """Values at these times, with a mean of about 0, shape (m,)."""

    def mean(self, start_s: Floats, stop_s: Floats) -> Floats:
        """Return the mean over intervals, shape (n,)."""
        return (self._integral(stop_s) - self._integral(start_s)) / (stop_s - start_s)

    def _integral(self, time_s: Floats) -> Floats:
        """Return the integral from the first time, seconds."""
        step = np.diff(self.time_s)
        slope = np.diff(self.value) / step
        before = np.concatenate([[0.0], np.cumsum(0.5 * step * (self.value[1:] + self.value[:-1]))])
        inside = np.clip(time_s, self.time_s[0], self.time_s[-1])
        k = np.clip(np.searchsorted(self.time_s, inside, side="right") - 1, 0, len(slope) - 1)
        since = inside - self.time_s[k]
        beyond = np.where(time_s < inside, self.value[0], self.value[-1]) * (time_s - inside)
        return np.asarray(before[k] + since * (self.value[k] + 0.5 * slope[k] * since) + beyond)

    def knots(self, origin_s: float, unit_s: float) -> Floats:
        """Return the coefficients of 1, x and ``max(x - k, 0)`` for each inner time k.

        x is ``(t - origin_s) / unit_s``. They describe the function between its first and last
        time.
        """
        slope = np.diff(self.value) / np.diff(self.time_s)
        level = self.value[0] + slope[0] * (origin_s - self.time_s[0])
        return np.concatenate([[level], [slope[0] * unit_s], np.diff(slope) * unit_s])


def template_columns(
    templates: Sequence[Template], start_s: Floats, stop_s: Floats, exposure_s: Floats
) -> Floats:
    """Return the mean of each template over bins, times their live time, shape (n, templates)."""
    columns = [template.mean(start_s, stop_s) * exposure_s for template in templates]
    return np.column_stack(columns) if columns else np.empty((len(start_s), 0))
