"""The observation of one burst: the common form of the data of all streams and file formats.

Times are in seconds after the burst's reference time t0, energies in keV. Arrays are float64 unless
stated otherwise, and are never modified.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .flags import Flag
from .names import BurstId, Instrument

__all__ = [
    "Attitude",
    "Background",
    "BackgroundModel",
    "Channels",
    "Criterion",
    "EventList",
    "Floats",
    "History",
    "LightCurve",
    "Observation",
    "Response",
    "Spectrum",
]

_HALF = 0.5 + 1e-6
"""Fraction of a channel that must lie in a band; the excess over 1/2 absorbs rounding, so that a
channel never belongs to two adjacent bands."""
_OPEN_RATIO = 0.1
"""Assumed ratio of lower to upper edge for a channel that begins at 0 keV or has no upper limit.
Our own choice: it only decides about bands that end inside such a channel."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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


@dataclass(frozen=True, slots=True, eq=False)
class EventList:
    """Events of one detector."""

    instrument: Instrument
    """Instrument of the detector."""
    detector: str
    """Name within its instrument: n3, b0, GRD01, ECL."""
    time_s: Floats
    """Arrival times, sorted, seconds after t0, shape (n,)."""
    channel: NDArray[np.int16]
    """Index into `channels` (not the channel number) of each event, shape (n,)."""
    channels: Channels | None
    """Energy channels; None: the file has no energies, so that only the full band exists."""
    gti_s: Floats
    """Times during which the detector recorded events, sorted and disjoint, shape (k, 2).

    Readers remove undeclared gaps from the declared good times. All live times come from here."""
    dead_time_s: float = 0.0
    """Dead time caused by each event, seconds."""
    overflow_dead_time_s: float = 0.0
    """Dead time of an event in the last channel, seconds (GBM: 10 us instead of 2.6 us; Meegan et
    al. 2009, ApJ 702, 791)."""
    flags: tuple[Flag, ...] = ()
    """What was mended, left out or doubtful while reading."""
    frame_s: float = 0.0
    """Width of the readout frames, seconds, if all events of a frame have one time stamp; `time_s`
    then has the middles of frames. 0: each event has its own time."""
    files: tuple[str, ...] = ()
    """Names of the files that the data came in."""
    maker: str = ""
    """TELESCOP/INSTRUME of an instrument that is not in `Instrument`; empty: known, or not
    named."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Counts of one detector per time bin and energy channel."""

    instrument: Instrument
    """Instrument of the detector."""
    detector: str
    """Name within its instrument."""
    start_s: Floats
    """Bin starts, sorted, shape (n,)."""
    stop_s: Floats
    """Bin stops, shape (n,); gaps between bins are gaps in the data."""
    counts: Floats
    """Counts, shape (n, channels)."""
    exposure_s: Floats
    """Live time of each bin, seconds, shape (n,)."""
    channels: Channels
    """Energy channels."""
    flags: tuple[Flag, ...] = ()
    """What was mended, left out or doubtful while reading."""
    files: tuple[str, ...] = ()
    """Names of the files that the data came in."""
    maker: str = ""
    """TELESCOP/INSTRUME of an instrument that is not in `Instrument`; empty: known, or not
    named."""


@dataclass(frozen=True, slots=True, eq=False)
class LightCurve:
    """Counts per time bin in one energy band, of one detector or the sum of several."""

    instrument: Instrument
    """Instrument of the detectors."""
    detectors: tuple[str, ...]
    """Names of the summed detectors."""
    band_kev: tuple[float, float] | None
    """Outer nominal edges of all channels that were counted, keV; None: unknown."""
    start_s: Floats
    """Bin starts, sorted, shape (n,)."""
    stop_s: Floats
    """Bin stops, shape (n,); gaps between bins are gaps in the data."""
    counts: Floats
    """Counts, shape (n,); with `error` set they may be negative or fractional."""
    exposure_s: Floats
    """Live time of each bin, seconds, shape (n,)."""
    error: Floats | None = None
    """1-sigma Gaussian error of the counts, shape (n,); None: the counts are Poisson."""
    background_subtracted: bool = False
    """True for mask-weighted and other net light curves."""
    flags: tuple[Flag, ...] = ()
    """What was mended, left out or doubtful while reading."""
    asked_kev: tuple[float, float] | None = None
    """Requested band, keV, for which the channels of each detector were chosen; None: all channels
    were counted, or the curve came as a file."""
    files: tuple[str, ...] = ()
    """Names of the files that the data came in."""
    maker: str = ""
    """TELESCOP/INSTRUME of an instrument that is not in `Instrument`; empty: known, or not
    named."""
    resolution_s: float | None = None
    """Resolution of the events that were binned, seconds; None: the data came binned."""


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
class BackgroundModel:
    """Background model of one detector from a file: a spline in time for each channel.

    The rate of a channel at time t is the sum of its coefficients times the powers of
    ``x = (t - origin_s) / unit_s`` from 0, and then times ``max(x - k, 0)`` for each knot k.
    """

    instrument: Instrument
    """Instrument of the detector."""
    detector: str
    """Name within its instrument."""
    channels: Channels
    """Energy channels."""
    intervals_s: Floats
    """Intervals in which the model was fitted, shape (k, 2)."""
    origin_s: float
    """Time at which x is 0, seconds after t0."""
    unit_s: float
    """Time in which x grows by 1, seconds."""
    coefficients: Floats
    """Coefficients, counts per second of live time, shape (channels, p)."""
    covariance: Floats
    """Covariance of each channel's coefficients, shape (channels, p, p)."""
    statistic: Floats
    """Deviance of each channel, shape (channels,)."""
    dof: int
    """Degrees of freedom of each channel: fitted bins minus (effective) coefficients."""
    file: str = ""
    """Name of the file that it came in."""
    knots_s: Floats = field(default_factory=lambda: np.empty(0))
    """Knots, seconds after t0, shape (m,); empty for a polynomial."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Criterion:
    """Good times of an instrument by one criterion."""

    instrument: Instrument
    """Instrument to which the criterion applies."""
    name: str
    """NSA (no South Atlantic Anomaly), STA (stable), TLM (telemetry), NEO, PEO, TEO (no, partial,
    total Earth in the field of view)."""
    gti_s: Floats
    """Good times, sorted and disjoint, shape (k, 2)."""
    maker: str = ""
    """TELESCOP/INSTRUME of an instrument that is not in `Instrument`; empty: known, or not
    named."""


@dataclass(frozen=True, slots=True, eq=False)
class Attitude:
    """Orientation of the satellite in time."""

    time_s: Floats
    """Rising times, shape (n,)."""
    quaternion: Floats
    """Unit quaternions, shape (n, 4). The scalar part may come first or last: the angle between two
    quaternions does not depend on it."""


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """All data of one burst before the analysis."""

    burst_id: BurstId
    """The burst."""
    t0_utc: str
    """Reference time, ISO-8601 UTC; empty: no file has an absolute time."""
    t0_met_s: float
    """Reference time in the time system of the first file, seconds."""
    events: tuple[EventList, ...] = ()
    """Event lists, one per detector."""
    histories: tuple[History, ...] = ()
    """Binned data with energy channels, one per detector."""
    light_curves: tuple[LightCurve, ...] = ()
    """Light curves that came as files."""
    spectra: tuple[Spectrum, ...] = ()
    """Spectra that came as files."""
    responses: tuple[Response, ...] = field(default=())
    """One per detector and validity range."""
    flags: tuple[Flag, ...] = ()
    """What was mended, left out or doubtful in the observation as a whole."""
    criteria: tuple[Criterion, ...] = ()
    """Good times by criterion, which explain why data are missing."""
    attitude: Attitude | None = None
    """Orientation of the satellite; None: unknown."""
    background_models: tuple[BackgroundModel, ...] = ()
    """Background models that came as files."""

    @property
    def detectors(self) -> frozenset[tuple[Instrument, str]]:
        """Instrument and name of every detector with data."""
        single: tuple[EventList | History | Spectrum, ...] = (
            *self.events,
            *self.histories,
            *self.spectra,
        )
        return frozenset(
            {
                *((data.instrument, data.detector) for data in single),
                *((c.instrument, name) for c in self.light_curves for name in c.detectors),
            }
        )

    def only(self, wanted: Callable[[Instrument, Sequence[str]], bool]) -> "Observation":
        """Return the observation with the data and responses of some detectors only.

        Parameters
        ----------
        wanted
            Called with an instrument and the detectors whose data are summed; returns whether to
            keep them.
        """
        return replace(
            self,
            events=tuple(e for e in self.events if wanted(e.instrument, [e.detector])),
            histories=tuple(h for h in self.histories if wanted(h.instrument, [h.detector])),
            light_curves=tuple(c for c in self.light_curves if wanted(c.instrument, c.detectors)),
            spectra=tuple(s for s in self.spectra if wanted(s.instrument, [s.detector])),
            responses=tuple(r for r in self.responses if wanted(r.instrument, [r.detector])),
        )
