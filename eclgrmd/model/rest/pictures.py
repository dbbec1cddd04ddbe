"""Data for pictures: light curves, durations, spectra and evolution, as REST shows them.

Columns (`list[float]`) are arrays in JSON. In MessagePack they are byte strings of little-endian
64-bit floating-point numbers, so that a page need not convert them.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from eclgrmd.model.interval import Interval
from eclgrmd.model.names import END
from eclgrmd.model.result import Duration, EvolutionPoint, SpectrumFits

__all__ = [
    "BandCurve",
    "DetectorSpectrum",
    "Evolution",
    "FittedInterval",
    "FoldedModel",
    "LightCurveQuery",
    "LightCurves",
    "MeasuredDurations",
    "MeasuredInstrument",
    "ModelCurve",
    "PictureForm",
    "PictureKind",
    "PictureQuery",
    "SeriesKind",
    "Spectra",
    "SpectraQuery",
]

Name = Annotated[str, Meta(pattern=rf"^[A-Za-z0-9][A-Za-z0-9._+-]{{0,39}}{END}")]
"""Name of an instrument or detector."""
Band = Annotated[
    str,
    Meta(
        pattern=rf"^[0-9]{{1,7}}(\.[0-9]{{1,3}})?-[0-9]{{1,7}}(\.[0-9]{{1,3}})?{END}",
        description="two rising energies in keV, such as 50-300",
    ),
]
Time = Annotated[float, Meta(ge=-1e9, le=1e9)]


class PictureForm(StrEnum):
    """Encodings of the data for pictures."""

    JSON = "json"
    MSGPACK = "msgpack"


class PictureKind(StrEnum):
    """Kinds of data for pictures; the values are the ends of their paths."""

    LIGHT_CURVES = "light-curves"
    DURATIONS = "durations"
    SPECTRA = "spectra"
    EVOLUTION = "evolution"


class SeriesKind(StrEnum):
    """Kinds of data that light curves are made of."""

    EVENTS = "events"
    """Photons, which can be binned freely."""
    HISTORIES = "histories"
    """Counts in bins and channels: any band, in these bins."""
    CURVES = "curves"
    """Counts in bins of given bands."""


class PictureQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to encode the data."""

    format: PictureForm | UnsetType = UNSET
    """Encoding; if it is missing, the header `Accept` decides, and JSON is the default."""


class LightCurveQuery(PictureQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which light curves to make."""

    instrument: Name | UnsetType = UNSET
    """Instrument of a measured duration; if it is missing, that of the reference."""
    detector: tuple[Name, ...] = ()
    """Only these detectors: `?detector=GRD01&detector=GRD02`; none: those of the measurement."""
    separate: bool = False
    """Whether each detector gets its own light curves; otherwise they are summed."""
    band_kev: Annotated[tuple[Band, ...], Meta(max_length=16)] = ()
    """Energy bands, keV: `?band_kev=15-50&band_kev=50-300`; none: the band of the measurement."""
    start_s: Time | UnsetType = UNSET
    """Begin of the window, seconds after t0; if it is missing, that of the measurement."""
    stop_s: Time | UnsetType = UNSET
    """End of the window, seconds after t0; if it is missing, that of the measurement."""
    bin_s: Annotated[float, Meta(ge=1e-6, le=1e6)] | UnsetType = UNSET
    """Bin width of events, seconds; if it is missing, one that fills the window with `points` bins.
    Binned data keep their bins."""
    points: Annotated[int, Meta(ge=10, le=20_000)] = 2000
    """Most bins of a curve; of more, the lowest and the highest of each group are kept."""


class SpectraQuery(PictureQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which spectra to return."""

    interval: Annotated[int, Meta(ge=0, le=9999)] = 0
    """Number of the interval; 0 is the reference."""


class BandCurve(Struct, frozen=True, kw_only=True):
    """A light curve in one band, with its background."""

    detectors: tuple[str, ...]
    """Detectors whose counts are summed."""
    band_kev: Interval | None
    """Outer edges of the channels that were counted, keV; null: not known."""
    asked_kev: Interval | None
    """Band that was asked for, keV; null: all channels."""
    bins: int
    """Number of bins in the window."""
    bin_s: float
    """Median width of these bins, seconds."""
    decimated: bool
    """Whether only the lowest and the highest bin of each group are here."""
    background_subtracted: bool
    """Whether the counts came without background."""
    start_s: list[float]
    """Start of each bin, seconds after t0."""
    stop_s: list[float]
    """End of each bin, seconds after t0."""
    counts: list[float]
    """Counts of each bin; with `error_counts` they may be negative or fractional."""
    exposure_s: list[float]
    """Live time of each bin, seconds, the mean of the detectors: counts divided by it are the rate
    of all detectors together."""
    error_counts: list[float] | None
    """1-sigma error of each bin, counts; null: the counts are Poisson."""
    background_counts: list[float] | None
    """Expected background of each bin, counts; null: there is none."""
    background_error_counts: list[float] | None
    """1-sigma error of the background of each bin, counts; null: there is none."""


class LightCurves(Struct, frozen=True, kw_only=True):
    """Light curves of one instrument."""

    burst_id: str
    """The burst."""
    t0_utc: str | None
    """Reference time, ISO-8601 UTC; null: unknown."""
    instrument: str
    """The instrument."""
    window_s: Interval
    """The window, seconds after t0."""
    curves: list[BandCurve]
    """Curves by detector, then by band."""
    left_out: list[str]
    """Bands without data, each with the reason."""


class MeasuredInstrument(Struct, frozen=True, kw_only=True):
    """A measured duration, with what light curves can be made of the same data."""

    duration: Duration
    """The measurement."""
    block_rates_per_s: list[float]
    """Net rate of each Bayesian block of `duration.blocks_s`, counts/s."""
    series: SeriesKind
    """Kind of the data."""
    detectors: tuple[str, ...]
    """Detectors of the instrument with data, also those that the measurement leaves out."""
    bands_kev: tuple[Interval, ...]
    """Usual bands of this instrument, keV; empty: only the measured band can be shown."""
    span_s: Interval
    """Time that the measured light curve covers, seconds after t0."""
    bin_s: float
    """Median bin width of the measured light curve, seconds."""


class MeasuredDurations(Struct, frozen=True, kw_only=True):
    """All durations of a task."""

    burst_id: str
    """The burst."""
    t0_utc: str | None
    """Reference time, ISO-8601 UTC; null: unknown."""
    instruments: list[MeasuredInstrument]
    """Measurements, the reference first, that of ECLAIRs and GRM together last."""


class FittedInterval(Struct, frozen=True, kw_only=True):
    """An interval whose spectra were fitted."""

    kind: str
    """Kind of the interval, for example t100 or block."""
    interval_s: Interval
    """Begin and end, seconds after t0."""
    preferred: str
    """Name of the preferred model; `none fits`, or empty where no fit converged."""


class FoldedModel(Struct, frozen=True, kw_only=True):
    """A model, folded with the response of a detector, in the bins of its spectrum."""

    model: str
    """Name of the model."""
    folded_per_s_kev: list[float]
    """Expected source rate, counts/s/keV."""
    residual_sigma: list[float]
    """Data minus model and background, over the error expected from the model."""


class DetectorSpectrum(Struct, frozen=True, kw_only=True):
    """The spectrum of a detector, in bins of significant signal."""

    detector: str
    """The detector."""
    exposure_s: float
    """Live time, seconds."""
    low_kev: list[float]
    """Lower edges, keV."""
    high_kev: list[float]
    """Upper edges, keV."""
    net_per_s_kev: list[float]
    """Rate without background, counts/s/keV."""
    net_error_per_s_kev: list[float]
    """1-sigma error of the rate, counts/s/keV."""
    background_per_s_kev: list[float] | None
    """Background rate, counts/s/keV; null: there is none."""
    models: list[FoldedModel]
    """All models, the reference first."""


class ModelCurve(Struct, frozen=True, kw_only=True):
    """The spectral energy distribution E^2 N(E) of a fitted model with its 1-sigma band."""

    model: str
    """Name of the model."""
    energy_kev: list[float]
    """Energies, keV, rising."""
    value_erg_per_cm2_s: list[float]
    """E^2 N(E), erg/cm2/s."""
    low_erg_per_cm2_s: list[float]
    """Lower edge of the band, erg/cm2/s."""
    high_erg_per_cm2_s: list[float]
    """Upper edge of the band, erg/cm2/s."""


class Spectra(Struct, frozen=True, kw_only=True):
    """The fitted spectra of an interval."""

    burst_id: str
    """The burst."""
    intervals: list[FittedInterval]
    """All intervals, the reference first; their positions are their numbers."""
    interval: int
    """Number of the interval whose spectra these are."""
    fits: SpectrumFits
    """Its fits, as the result states them."""
    spectra: list[DetectorSpectrum]
    """Spectra of each detector."""
    curves: list[ModelCurve]
    """Models that have a curve."""


class Evolution(Struct, frozen=True, kw_only=True):
    """The spectral evolution of a burst."""

    burst_id: str
    """The burst."""
    points: tuple[EvolutionPoint, ...]
    """The reference model in consecutive intervals; empty: fewer than two were fitted."""
