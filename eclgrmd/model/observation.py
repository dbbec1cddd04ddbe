"""The observation of one burst: where every stream and every file format meet.

All times are seconds after the burst's reference time t0; all energies are keV at the lower or
upper edge of a channel; arrays are float64 unless said otherwise and are never written to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

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
_LOWEST = 0.1
"""Lower over upper edge of a channel that begins at 0 keV or has no upper limit."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Channels:
    """Energy channels of a detector (EBOUNDS)."""

    number: Ints
    """Channel numbers as the file has them, shape (n,)."""
    e_min_kev: Floats
    """Nominal lower edges, shape (n,)."""
    e_max_kev: Floats
    """Nominal upper edges, shape (n,)."""
    good: NDArray[np.bool_] | None = None
    """Channels that QUALITY lets through, shape (n,); None: all."""

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Channels that may be used, shape (n,)."""
        return np.ones(len(self.number), dtype=np.bool_) if self.good is None else self.good

    def inside(self, low_kev: float, high_kev: float) -> NDArray[np.bool_]:
        """Return which usable channels lie fully inside a band, shape (n,)."""
        return (self.e_min_kev >= low_kev) & (self.e_max_kev <= high_kev) & self.usable

    def nearest(self, low_kev: float, high_kev: float) -> NDArray[np.bool_]:
        """Return which channels make up a band as nearly as their edges allow, shape (n,).

        A channel belongs to the band if more than half of it lies inside, in the logarithm of
        energy: detectors whose gains differ by some percent then count the same band, and an edge
        that rounding puts beyond the band costs no channel.
        """
        high = np.where(np.isfinite(self.e_max_kev), self.e_max_kev, self.e_min_kev / _LOWEST)
        low = np.maximum(self.e_min_kev, _LOWEST * high)
        with np.errstate(divide="ignore", invalid="ignore"):
            width = np.log(high / low)
            shared = np.log(np.minimum(high, high_kev) / np.maximum(low, low_kev))
        return np.asarray((width > 0.0) & (shared > _HALF * width) & self.usable)

    def edges_of(self, chosen: NDArray[np.bool_]) -> tuple[float, float] | None:
        """Return the outer nominal edges of some channels (at least one); None: not known."""
        low, high = float(self.e_min_kev[chosen].min()), float(self.e_max_kev[chosen].max())
        return (low, high) if np.isfinite([low, high]).all() and low < high else None


@dataclass(frozen=True, slots=True, eq=False)
class EventList:
    """Photons of one detector."""

    instrument: Instrument
    detector: str
    """Name within its instrument: n3, b0, GRD01, ECL."""
    time_s: Floats
    """Arrival times, sorted, seconds after t0, shape (n,)."""
    channel: NDArray[np.int16]
    """Index into `channels` (not the channel number) of each event, shape (n,)."""
    channels: Channels | None
    """None where the file does not tell its energies: then only the full band exists."""
    gti_s: Floats
    """When the detector recorded events, sorted and disjoint, shape (k, 2).

    Reading cuts undeclared gaps out of the declared good times. All live times come from here."""
    dead_time_s: float = 0.0
    """Dead time that each event causes, seconds."""
    overflow_dead_time_s: float = 0.0
    """Dead time of an event in the last channel (GBM: 10 us against 2.6 us)."""
    flags: tuple[str, ...] = ()
    """What was mended or left out while reading, a short word each."""
    frame_s: float = 0.0
    """Width of the frames that events are stamped in, seconds; `time_s` then holds their middles.
    0: each event has its own time."""
    files: tuple[str, ...] = ()
    """Names of the files that it came in."""
    maker: str = ""
    """TELESCOP/INSTRUME of an instrument that is not known here; empty: known, or not told."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Counts of one detector per time bin and energy channel."""

    instrument: Instrument
    detector: str
    start_s: Floats
    """Bin starts, sorted, shape (n,)."""
    stop_s: Floats
    """Bin stops, shape (n,); gaps between bins are gaps in the data."""
    counts: Floats
    """Counts, shape (n, channels)."""
    exposure_s: Floats
    """Live time of each bin, shape (n,)."""
    channels: Channels
    flags: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """Names of the files that it came in."""
    maker: str = ""
    """TELESCOP/INSTRUME of an instrument that is not known here; empty: known, or not told."""


@dataclass(frozen=True, slots=True, eq=False)
class LightCurve:
    """Counts per time bin in one energy band, of one detector or a sum of several."""

    instrument: Instrument
    detectors: tuple[str, ...]
    band_kev: tuple[float, float] | None
    """Outer nominal edges of all channels that were counted; None: not known."""
    start_s: Floats
    """Bin starts, sorted, shape (n,)."""
    stop_s: Floats
    """Bin stops, shape (n,); gaps between bins are gaps in the data."""
    counts: Floats
    """Counts, shape (n,); where `error` is given they may be negative or fractional."""
    exposure_s: Floats
    """Live time of each bin, shape (n,)."""
    error: Floats | None = None
    """1-sigma Gaussian error of the counts, shape (n,); None: the counts are Poisson."""
    background_subtracted: bool = False
    """True for mask-weighted and other net light curves."""
    flags: tuple[str, ...] = ()
    asked_kev: tuple[float, float] | None = None
    """Band that the channels of each detector were chosen for; None: all were counted, or the
    curve came as a file."""
    files: tuple[str, ...] = ()
    """Names of the files that it came in."""
    maker: str = ""
    """TELESCOP/INSTRUME of an instrument that is not known here; empty: known, or not told."""
    resolution_s: float | None = None
    """Resolution of the events that were put into bins fine enough for the burst, seconds; None:
    nothing is known but the bins."""


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """Redistribution matrix times effective area, valid over a time range."""

    instrument: Instrument
    detector: str
    energy_low_kev: Floats
    """Photon energy bins, lower edges, shape (m,)."""
    energy_high_kev: Floats
    """Photon energy bins, upper edges, shape (m,)."""
    matrix_cm2: Floats
    """Shape (m, n): photons/cm2 in a photon bin times this gives counts per channel."""
    channels: Channels
    start_s: float = -np.inf
    """Start of validity."""
    stop_s: float = np.inf
    """Stop of validity."""
    files: tuple[str, ...] = ()
    """Names of the files that it came in."""


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """Background of one spectrum, scaled to the source's exposure and extraction area."""

    counts: Floats
    """Expected background counts in the source's exposure, shape (n,)."""
    error: Floats | None
    """1-sigma Gaussian error of `counts`; None: the background is Poisson (W-stat)."""
    scale: float = 1.0
    """`counts` = measured background counts * scale (matters where it is Poisson)."""
    own_scale: Floats | None = None
    """The same where channels differ in it, shape (n,); `scale` is then its mean."""

    @property
    def channel_scale(self) -> Floats:
        """Scale of each channel, shape (n,)."""
        return np.full(len(self.counts), self.scale) if self.own_scale is None else self.own_scale


@dataclass(frozen=True, slots=True, eq=False)
class BackgroundModel:
    """Background of one detector that came as a file: polynomials in time, one per channel.

    The rate of channel c at time t is the sum over k of ``coefficients[c, k] * x**k`` with
    ``x = (t - origin_s) / unit_s``.
    """

    instrument: Instrument
    detector: str
    channels: Channels
    intervals_s: Floats
    """Intervals that it was fitted in, shape (k, 2)."""
    origin_s: float
    """Seconds after t0."""
    unit_s: float
    coefficients: Floats
    """Counts per second of live time, shape (channels, order + 1)."""
    covariance: Floats
    """Of the coefficients of each channel, shape (channels, order + 1, order + 1)."""
    statistic: Floats
    """Deviance of each channel, shape (channels,)."""
    dof: int
    """Bins fitted minus coefficients, per channel."""
    file: str = ""
    """Name of the file that it came in."""


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Counts per channel of one detector over one interval, with all a fit needs."""

    instrument: Instrument
    detector: str
    start_s: float
    stop_s: float
    counts: Floats
    """Source plus background counts, shape (n,)."""
    exposure_s: float
    """Live time."""
    background: Background | None
    response: Response | None
    channels: Channels | None
    error: Floats | None = None
    """1-sigma Gaussian error of `counts` where the file gives one (chi-square); None: Poisson."""
    systematic: Floats | None = None
    """Fractional systematic error per channel, shape (n,)."""
    good: NDArray[np.bool_] | None = None
    """Channels that QUALITY lets through, shape (n,); None: all."""
    grouping: NDArray[np.int16] | None = None
    """OGIP GROUPING (1 starts a group, -1 continues it), shape (n,); None: no grouping."""
    flags: tuple[str, ...] = ()
    mission: str = ""
    """Mission of a ready-made spectrum as its file tells it; empty: that of the instrument."""
    files: tuple[str, ...] = ()
    """Names of the files that it came in."""
    covered_s: float | None = None
    """Time from `start_s` to `stop_s` without the gaps; None: not known."""


@dataclass(frozen=True, slots=True, eq=False)
class Criterion:
    """Good times of an instrument for one reason."""

    instrument: Instrument
    name: str
    """NSA (no South Atlantic Anomaly), STA (stable), TLM (telemetry), NEO, PEO, TEO (no, partial,
    total Earth in the field of view)."""
    gti_s: Floats
    """Sorted and disjoint, shape (k, 2)."""
    maker: str = ""
    """TELESCOP/INSTRUME of an instrument that is not known here; empty: known, or not told."""


@dataclass(frozen=True, slots=True, eq=False)
class Attitude:
    """Where the satellite looked."""

    time_s: Floats
    """Rising, shape (n,)."""
    quaternion: Floats
    """Of unit length, shape (n, 4); whether the scalar part comes first or last makes no
    difference to the angle between two of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """All that is known of one burst before it is analysed."""

    burst_id: BurstId
    t0_utc: str
    """Reference time, ISO-8601 UTC; empty where no file tells an absolute time."""
    t0_met_s: float
    """Reference time in the time system of the first file, seconds."""
    events: tuple[EventList, ...] = ()
    histories: tuple[History, ...] = ()
    light_curves: tuple[LightCurve, ...] = ()
    spectra: tuple[Spectrum, ...] = ()
    """Spectra that came ready-made."""
    responses: tuple[Response, ...] = field(default=())
    """One per detector and validity range."""
    flags: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    """Why data are missing, where files of good times tell it."""
    attitude: Attitude | None = None
    background_models: tuple[BackgroundModel, ...] = ()

    @property
    def detectors(self) -> frozenset[tuple[Instrument, str]]:
        """Instrument and name of every detector that there are data of."""
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
        """Keep the data and responses of some detectors.

        Parameters
        ----------
        wanted
            Called with an instrument and the detectors whose data are summed.
        """
        return replace(
            self,
            events=tuple(e for e in self.events if wanted(e.instrument, [e.detector])),
            histories=tuple(h for h in self.histories if wanted(h.instrument, [h.detector])),
            light_curves=tuple(c for c in self.light_curves if wanted(c.instrument, c.detectors)),
            spectra=tuple(s for s in self.spectra if wanted(s.instrument, [s.detector])),
            responses=tuple(r for r in self.responses if wanted(r.instrument, [r.detector])),
        )
