"""What the temporal analysis found: the values that products and spectra are drawn from.

Times are seconds after t0. A value that cannot be given is None, and a flag says why.
"""

from dataclasses import dataclass

from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve

from .background.polynomial import BackgroundFit
from .width.cumulative import Layout

__all__ = [
    "NO_WIDTH",
    "BackgroundFit",
    "CumulativeCurve",
    "DurationMeasurement",
    "Estimate",
    "MeasuredWidth",
    "PhotonDuration",
    "TemporalAnalysis",
]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with asymmetric 1-sigma errors, both positive."""

    value: float | None
    err_minus: float | None
    err_plus: float | None


@dataclass(frozen=True, slots=True)
class MeasuredWidth:
    """The time in which a central fraction of the burst's counts arrived."""

    value_s: float | None
    """Width, seconds."""
    err_minus_s: float | None
    """1-sigma (68.3 %) error downwards, positive."""
    err_plus_s: float | None
    """1-sigma (68.3 %) error upwards, positive."""
    start_s: float | None
    start_err_minus_s: float | None
    start_err_plus_s: float | None
    stop_s: float | None
    stop_err_minus_s: float | None
    stop_err_plus_s: float | None
    interval95_s: Interval | None = None
    """Central 95.4 % interval of the width."""
    koshut_error_s: float | None = None
    """Analytic 1-sigma error after Koshut et al. 1996, beside the bootstrap's."""


NO_WIDTH = MeasuredWidth(None, None, None, None, None, None, None, None, None)
"""The width of a burst that is not there."""


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
        """Tell the height of the curve at a fraction (0 to 1) of the fluence, counts."""
        return self.level_low + fraction * (self.level_high - self.level_low)


@dataclass(frozen=True, slots=True, eq=False)
class PhotonDuration:
    """T90 and T50 of the burst's photons, counts deconvolved by time-resolved spectra."""

    band_kev: Interval
    """Energies of the photons."""
    model: str
    """Photon model fitted in each interval."""
    edges_s: Floats
    """Edges of the intervals that were fitted, shape (k + 1,)."""
    photons_per_count: Floats
    """Photons/cm2 for each net count of the curve, shape (k,)."""
    relative_error: Floats
    """1-sigma relative error of `photons_per_count`, shape (k,)."""
    t90: MeasuredWidth
    t50: MeasuredWidth
    cumulative: CumulativeCurve
    """Photons/cm2 instead of counts."""
    fluence: Estimate
    """Photons/cm2."""
    flags: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """Names of the files whose spectra were fitted."""


@dataclass(frozen=True, slots=True, eq=False)
class DurationMeasurement:
    """T90, T50 and T100 of one instrument in one band, with all that led to them."""

    instrument: Instrument
    detectors: tuple[str, ...]
    """The detectors that were summed."""
    band_kev: Interval | None
    """Outer nominal edges of the channels used; None: not known."""
    method: str
    """What was done, in a few words for people."""
    curve: LightCurve
    """The binned light curve of the summed detectors that was measured."""
    background: Floats
    """Expected background counts of each bin of `curve`, shape (n,); 0 where it came net."""
    background_error: Floats
    """1-sigma error of `background`, fully correlated between bins, shape (n,)."""
    block_edges_s: Floats
    """Edges of the Bayesian blocks, shape (b + 1,)."""
    block_rates: Floats
    """Net rate of each block, counts per second of live time, shape (b,)."""
    t100_s: Interval | None
    """Interval over which the fluence is counted; None: nothing significant."""
    t90: MeasuredWidth
    t50: MeasuredWidth
    cumulative: CumulativeCurve | None
    """None: nothing significant."""
    net_counts: Estimate
    """Burst counts between the plateaus, background subtracted."""
    significance: float | None
    """In sigma over `t100_s`: Poisson source, Gaussian background (Vianello 2018)."""
    flags: tuple[str, ...] = ()
    upper_limit_counts: float | None = None
    """3-sigma upper limit to the net counts where nothing is significant."""
    background_fit: BackgroundFit | None = None
    """Fit of the summed band; None: the light curve came background-subtracted."""
    t90_inside: MeasuredWidth = NO_WIDTH
    """Of the counts inside `t100_s` only, as Swift's battblocks measures."""
    t50_inside: MeasuredWidth = NO_WIDTH
    layout: Layout | None = None
    """The burst as it was cumulated; None: nothing significant."""
    photon: PhotonDuration | None = None
    """None: no response, or not asked for."""
    searched_s: Interval | None = None
    """Where the burst was looked for; None: not told."""


@dataclass(frozen=True, slots=True, eq=False)
class TemporalAnalysis:
    """All that was found in the light curves of one burst."""

    durations: tuple[DurationMeasurement, ...]
    """One per instrument and band, the reference result first."""
    combined: DurationMeasurement | None = None
    """Of the counts of ECLAIRs and GRM together, each in its band; None: not both have events."""
    backgrounds: tuple[BackgroundFit, ...] = ()
    """Background of each detector over all its channels, for spectra: see `background_of`."""
    t100_s: Interval | None = None
    """Interval to integrate spectra over; None: nothing significant."""
    slews_s: tuple[Interval, ...] = ()
    """When the satellite turned, as far as an attitude tells it."""
    flags: tuple[str, ...] = ()
