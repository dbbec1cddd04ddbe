"""Spectra of detectors, with their backgrounds and responses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.flags import Flag
from eclgrmd.model.names import Instrument

from .channels import Channels, Floats

__all__ = ["Background", "Response", "Spectrum"]


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """Redistribution matrix times effective area of one detector, valid in a time range."""

    instrument: Instrument
    """Instrument of the detector."""
    detector: str
    """Name within its instrument."""
    energy_low_kev: Floats
    """Lower edges of the photon energy bins, keV, shape (m,)."""
    energy_high_kev: Floats
    """Upper edges of the photon energy bins, keV, shape (m,)."""
    matrix_cm2: Floats
    """Effective area for photons of a bin to be counted in a channel, cm2, shape (m, n)."""
    channels: Channels
    """Energy channels, n of them."""
    start_s: float = -np.inf
    """Start of validity, seconds after t0."""
    stop_s: float = np.inf
    """End of validity, seconds after t0."""
    files: tuple[str, ...] = ()
    """Names of the files that it came in."""


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """Background of one spectrum, scaled to the source's exposure and extraction area."""

    counts: Floats
    """Expected background counts in the source's exposure, shape (n,)."""
    error: Floats | None
    """1-sigma Gaussian error of `counts`, shape (n,); None: the background is Poisson (W-stat)."""
    scale: float = 1.0
    """Ratio of `counts` to the measured background counts; used for a Poisson background."""
    own_scale: Floats | None = None
    """Ratio of each channel if they differ, shape (n,); `scale` is then their mean. None: all
    channels have `scale`."""

    @property
    def channel_scale(self) -> Floats:
        """Scale of each channel, shape (n,)."""
        return np.full(len(self.counts), self.scale) if self.own_scale is None else self.own_scale


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Counts per channel of one detector in one interval, with everything that a fit needs."""

    instrument: Instrument
    """Instrument of the detector."""
    detector: str
    """Name within its instrument."""
    start_s: float
    """Start of the interval, seconds after t0."""
    stop_s: float
    """End of the interval, seconds after t0."""
    counts: Floats
    """Source plus background counts, shape (n,)."""
    exposure_s: float
    """Live time, seconds."""
    background: Background | None
    """Background in the same interval; None: there is none."""
    response: Response | None
    """Response of the detector; None: there is none, so that no model can be fitted."""
    channels: Channels | None
    """Energy channels; None: unknown."""
    error: Floats | None = None
    """1-sigma Gaussian error of `counts` from the file (chi-square), shape (n,); None: Poisson."""
    systematic: Floats | None = None
    """Fractional systematic error of each channel, shape (n,); None: 0."""
    good: NDArray[np.bool_] | None = None
    """Channels that QUALITY marks as good, shape (n,); None: all."""
    grouping: NDArray[np.int16] | None = None
    """OGIP GROUPING (1 starts a group, -1 continues it), shape (n,); None: no grouping."""
    flags: tuple[Flag, ...] = ()
    """What was mended, left out or doubtful while reading."""
    mission: str = ""
    """Mission named in the file of a ready-made spectrum; empty: that of the instrument."""
    files: tuple[str, ...] = ()
    """Names of the files that it came in."""
    covered_s: float | None = None
    """Time from `start_s` to `stop_s` without gaps, seconds; None: unknown."""
