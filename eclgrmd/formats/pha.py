"""One spectrum of a PHA file as it lies there, before it is paired with anything."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, Floats

__all__ = ["PhaSpectrum", "Reference", "is_poisson", "is_whole"]

WHOLE = 0.02
"""Rates times exposure, both float32, miss whole counts by less than this."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A file that a spectrum names, with the extension or row in braces: `a.rsp{3}`."""

    name: str
    number: int | None


@dataclass(frozen=True, slots=True, eq=False)
class PhaSpectrum:
    """One spectrum of a PHA file; arrays of shape (n,)."""

    path_name: str
    row: int
    """1 for type I."""
    n_rows: int
    instrument: Instrument
    detector: str
    start_s: float | None
    stop_s: float | None
    exposure_s: float
    number: NDArray[np.int64]
    """Channel numbers."""
    counts: Floats
    """Counts in the exposure, whether the file has counts or rates."""
    error: Floats | None
    """STAT_ERR, as counts; None where the counts are Poisson."""
    systematic: Floats | None
    area_scale: Floats
    """AREASCAL, shape (n,)."""
    back_scale: Floats
    """BACKSCAL, shape (n,)."""
    net: bool
    """True where the background is subtracted already (HDUCLAS2 NET)."""
    good: NDArray[np.bool_] | None
    grouping: NDArray[np.int16] | None
    channels: Channels | None
    response: Reference | None
    background: Reference | None
    ancillary: Reference | None


def is_whole(counts: Floats) -> bool:
    """Tell whether counts are whole, up to the rounding of float32 rates."""
    return bool((counts >= 0).all() and (np.abs(counts - np.rint(counts)) < WHOLE).all())


def is_poisson(spectrum: PhaSpectrum) -> bool:
    """Tell whether a spectrum holds plain counts with no error of their own."""
    return spectrum.error is None and is_whole(spectrum.counts)
