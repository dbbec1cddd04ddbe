"""Results of the temporal analysis, with the curves and fits that products and spectra need.

Times are seconds after t0. An unknown value is None, and a flag gives the reason.
"""

from dataclasses import dataclass

import numpy as np

from eclgrmd.model.flags import Flag
from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve
from eclgrmd.model.result import Duration, PhotonFluence

from .background.spline import BackgroundFit
from .width.cumulative import Layout
from .width.ends import BurstEnd

__all__ = [
    "BackgroundFit",
    "CumulativeCurve",
    "DurationMeasurement",
    "PhotonDuration",
    "TemporalAnalysis",
]


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeCurve:
    """The cumulative background-subtracted counts, on which T90 and T50 are measured."""

    time_s: Floats
    """Bin edges, seconds after t0, increasing, shape (n,)."""
    counts: Floats
    """Cumulative net counts at each edge, corrected for dead time, shape (n,)."""
    level_low: float
    """Plateau before the burst (0 % of the fluence), counts."""
    level_high: float
    """Plateau after the burst (100 % of the fluence), counts."""
    level_high_error: float
    """1-sigma error of the difference between the plateaus, counts."""

    def level(self, fraction: float) -> float:
        """Return the height of the curve at a fraction (0 to 1) of the fluence, counts."""
        return self.level_low + fraction * (self.level_high - self.level_low)


class PhotonDuration(PhotonFluence, frozen=True, eq=False, kw_only=True):
    """Durations of the photons, with their cumulative curve."""

    cumulative: CumulativeCurve
    """Cumulative curve in photons/cm2 instead of counts."""
    files: tuple[str, ...] = ()
    """Names of the files whose spectra were fitted."""


class DurationMeasurement(Duration, frozen=True, eq=False, kw_only=True):
    """Durations of one instrument in one band, with the light curve and background behind them."""

    instrument: Instrument
    """Instrument of the light curve."""
    photon_fluence: PhotonDuration | None = None
    """Durations of the photons; None without a suitable response, or if not requested."""
    curve: LightCurve
    """The measured light curve, n bins, summed over detectors."""
    background_counts: Floats
    """Expected background of each bin of `curve`, counts, shape (n,)."""
    background_error_counts: Floats
    """1-sigma error of `background_counts`, fully correlated between bins, counts, shape (n,)."""
    block_rates: Floats
    """Net rate of each block, counts per second of live time, shape (b,)."""
    cumulative: CumulativeCurve | None = None
    """Cumulative net counts; None if nothing is significant."""
    background_fit: BackgroundFit | None = None
    """Background of the summed band; None if there is none."""
    last: BurstEnd | None = None
    """The last episode; None if nothing is significant."""
    layout: Layout | None = None
    """The cells of the cumulative curve; None if nothing is significant."""

    @property
    def block_edges_s(self) -> Floats:
        """Edges of the Bayesian blocks, seconds after t0, shape (b + 1,)."""
        return np.array(self.blocks_s)


@dataclass(frozen=True, slots=True, eq=False)
class TemporalAnalysis:
    """The results of all light curves of one burst."""

    durations: tuple[DurationMeasurement, ...]
    """One measurement per instrument, the reference first."""
    combined: DurationMeasurement | None = None
    """Durations of ECLAIRs and GRM together; None if not requested or not possible."""
    backgrounds: tuple[BackgroundFit, ...] = ()
    """Background of each detector in all its channels, for spectra; see `background_of`."""
    t100_s: Interval | None = None
    """T100 of the reference, the default interval of spectra; None if nothing is significant."""
    slews_s: tuple[Interval, ...] = ()
    """Slews of the satellite, seconds after t0; empty without an attitude."""
    flags: tuple[Flag, ...] = ()
    """A flag if nothing is significant."""
