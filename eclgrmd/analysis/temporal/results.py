"""Results of the temporal analysis, with the curves and fits that products and spectra need.

Times are seconds after t0. A value that is not known is None, and a flag says why.
"""

from dataclasses import dataclass

import numpy as np

from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve
from eclgrmd.model.result import Duration, PhotonFluence

from .background.polynomial import BackgroundFit
from .width.cumulative import Layout

__all__ = [
    "BackgroundFit",
    "CumulativeCurve",
    "DurationMeasurement",
    "PhotonDuration",
    "TemporalAnalysis",
]


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeCurve:
    """Background-subtracted counts cumulated over time, from which the crossings are read."""

    time_s: Floats
    """Bin edges at which the curve is known, rising, shape (n,)."""
    counts: Floats
    """Net counts up to each edge, corrected for dead time, shape (n,)."""
    level_low: float
    """Plateau before the burst: 0 % of the fluence, counts."""
    level_high: float
    """Plateau after the burst: 100 % of the fluence, counts."""
    level_high_error: float
    """1-sigma error of the difference of the plateaus, counts."""

    def level(self, fraction: float) -> float:
        """Return the height of the curve at a fraction (0 to 1) of the fluence, counts."""
        return self.level_low + fraction * (self.level_high - self.level_low)


class PhotonDuration(PhotonFluence, frozen=True, eq=False, kw_only=True):
    """Durations of the photons, with the curve that they were read from."""

    cumulative: CumulativeCurve
    """Photons/cm2 instead of counts."""
    files: tuple[str, ...] = ()
    """Names of the files whose spectra were fitted."""


class DurationMeasurement(Duration, frozen=True, eq=False, kw_only=True):
    """Durations of one instrument in one band, with the curves and fits that led to them."""

    instrument: Instrument
    """Instrument that measured."""
    photon_fluence: PhotonDuration | None = None
    """Durations of the photons; None: no response, or not asked for."""
    curve: LightCurve
    """The binned light curve of the summed detectors that was measured."""
    background_counts: Floats
    """Expected background of each bin of `curve`, counts, shape (n,); 0 where it came net."""
    background_error_counts: Floats
    """1-sigma error of `background_counts`, fully correlated between bins, counts, shape (n,)."""
    block_rates: Floats
    """Net rate of each block, counts per second of live time, shape (b,)."""
    cumulative: CumulativeCurve | None = None
    """Net counts cumulated over time; None: nothing significant."""
    background_fit: BackgroundFit | None = None
    """Fit of the summed band; None: the light curve came background-subtracted."""
    layout: Layout | None = None
    """The burst as it was cumulated; None: nothing significant."""

    @property
    def block_edges_s(self) -> Floats:
        """Edges of the Bayesian blocks, seconds after t0, shape (b + 1,)."""
        return np.array(self.blocks_s)


@dataclass(frozen=True, slots=True, eq=False)
class TemporalAnalysis:
    """Results of all light curves of one burst."""

    durations: tuple[DurationMeasurement, ...]
    """One per instrument and band, the reference result first."""
    combined: DurationMeasurement | None = None
    """Duration of the counts of ECLAIRs and GRM together; None: not both have events."""
    backgrounds: tuple[BackgroundFit, ...] = ()
    """Background of each detector over all its channels, for spectra: see `background_of`."""
    t100_s: Interval | None = None
    """Interval to integrate spectra over; None: nothing significant."""
    slews_s: tuple[Interval, ...] = ()
    """When the satellite turned, as far as an attitude tells it."""
    flags: tuple[str, ...] = ()
    """What is missing or doubtful."""
