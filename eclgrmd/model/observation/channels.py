"""Energy channels of a detector."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Channels", "Floats"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_HALF = 0.5 + 1e-6
"""Fraction of a channel that must lie in a band; the excess over 1/2 absorbs rounding, so that a
channel never belongs to two adjacent bands."""
_OPEN_RATIO = 0.1
"""Assumed ratio of lower to upper edge for a channel that begins at 0 keV or has no upper limit.
Our own choice: it only decides about bands that end inside such a channel."""


@dataclass(frozen=True, slots=True, eq=False)
class Channels:
    """Energy channels of a detector (EBOUNDS)."""

    number: Ints
    """Channel numbers of the file, shape (n,)."""
    e_min_kev: Floats
    """Nominal lower edges, keV, shape (n,)."""
    e_max_kev: Floats
    """Nominal upper edges, keV, shape (n,)."""
    good: NDArray[np.bool_] | None = None
    """Channels that QUALITY marks as good, shape (n,); None: all."""

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Which channels may be used, shape (n,)."""
        return np.ones(len(self.number), dtype=np.bool_) if self.good is None else self.good

    def inside(self, low_kev: float, high_kev: float) -> NDArray[np.bool_]:
        """Return which usable channels lie completely inside a band, shape (n,)."""
        return (self.e_min_kev >= low_kev) & (self.e_max_kev <= high_kev) & self.usable

    def nearest(self, low_kev: float, high_kev: float) -> NDArray[np.bool_]:
        """Return which usable channels approximate a band best, shape (n,).

        A channel belongs to the band if more than half of it lies inside, in the logarithm of
        energy. So detectors whose gains differ by a few percent get the same band, and an edge that
        lies outside only by rounding does not cost a channel.
        """
        high = np.where(np.isfinite(self.e_max_kev), self.e_max_kev, self.e_min_kev / _OPEN_RATIO)
        low = np.maximum(self.e_min_kev, _OPEN_RATIO * high)
        with np.errstate(divide="ignore", invalid="ignore"):
            width = np.log(high / low)
            shared = np.log(np.minimum(high, high_kev) / np.maximum(low, low_kev))
        return np.asarray((width > 0.0) & (shared > _HALF * width) & self.usable)

    def edges_of(self, chosen: NDArray[np.bool_]) -> tuple[float, float] | None:
        """Return the outer nominal edges of the chosen channels, keV; None if they are unknown.

        At least one channel must be chosen.
        """
        low, high = float(self.e_min_kev[chosen].min()), float(self.e_max_kev[chosen].max())
        return (low, high) if np.isfinite([low, high]).all() and low < high else None
