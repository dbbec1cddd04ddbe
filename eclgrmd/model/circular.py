"""What a circular of another mission states of a burst, set beside a result of ours."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from .interval import Interval
from .measurement import NOT_MEASURED, Measurement, difference
from .mission_time import read_utc
from .result import ModelFit, Result, SpectrumFits

__all__ = [
    "Circular",
    "CircularComparison",
    "CircularQuantity",
    "CircularValue",
    "ComparedQuantity",
    "compare_circular",
]

_SAME_EDGE = 0.02
"""Largest relative difference of edges of bands that are the same: responses round them."""
_SAME_SCALE = 0.1
"""Largest relative difference of the time scales of peak fluxes that are compared."""
_MODEL_INDEX = {"pl": "index"}
"""Name of the photon index in our models, where it is not alpha."""


class CircularQuantity(StrEnum):
    """Quantities that are read from circulars."""

    T90 = "t90"
    EPEAK = "epeak"
    ALPHA = "alpha"
    BETA = "beta"
    FLUENCE = "fluence"
    PEAK_FLUX = "peak_flux"
    TRIGGER_TIME = "trigger_time"


class CircularValue(Struct, frozen=True, kw_only=True):
    """A value that a circular states."""

    quantity: CircularQuantity
    """What it is."""
    unit: str
    """Its unit; empty: none."""
    measurement: Measurement
    """The value, with errors of 1 sigma."""
    band_kev: Interval | None = None
    """Its energy band, keV; null: not stated, or it has none."""
    model: str = ""
    """Model of the spectrum: band, cpl or pl; empty: not known, or none."""
    scale_s: float | None = None
    """Time scale of a peak flux, seconds; null: not stated, or it has none."""
    utc: str | None = None
    """Trigger time, ISO-8601 UTC; null: the value is a number."""
    text: str
    """The words from which it was read."""


class Circular(Struct, frozen=True, kw_only=True):
    """What a circular states."""

    instrument: str
    """GBM, KONUS, BAT, SVOM; empty: not recognised."""
    confidence: float
    """Confidence of the errors as they stand in the text, percent."""
    confidence_stated: bool
    """Whether the text says so; otherwise it is the custom of the instrument."""
    values: tuple[CircularValue, ...]
    """The values, in the order of the quantities."""


class ComparedQuantity(Struct, frozen=True, kw_only=True):
    """A value of a circular beside ours."""

    circular: CircularValue
    """The value of the circular."""
    ours: Measurement
    """Ours, in the same unit, with errors of 1 sigma; its value is null where we have none that
    can be compared."""
    ours_utc: str | None
    """Our reference time, for a trigger time; else null."""
    ours_from: str
    """Where ours stands: durations/GRM, spectra/t100/band; empty: nowhere."""
    difference: float | None
    """The circular's less ours; of times in seconds; null: not compared."""
    sigma: float | None
    """The difference over both errors that face each other, in quadrature; null: not known."""
    note: str
    """Why it was not compared, or what to mind; empty: nothing."""


class CircularComparison(Struct, frozen=True, kw_only=True):
    """A circular beside a result."""

    burst_id: str
    """The burst."""
    task_id: str
    """The task whose result it is."""
    instrument: str
    """GBM, KONUS, BAT, SVOM; empty: not recognised."""
    confidence: float
    """Confidence of the circular's errors, percent; they were converted to 1 sigma."""
    confidence_stated: bool
    """Whether the circular says so; otherwise it is the custom of the instrument."""
    quantities: tuple[ComparedQuantity, ...]
    """All that was read, compared where it can be."""
    not_found: tuple[CircularQuantity, ...]
    """Quantities that the circular does not state, or that could not be read."""


def compare_circular(circular: Circular, result: Result) -> CircularComparison:
    """Set a circular beside a result.

    Only equal bands are compared, except for what depends on none: Epeak, the indices of the same
    model, and the trigger time.
    """
    found = {value.quantity for value in circular.values}
    return CircularComparison(
        burst_id=result.burst.id,
        task_id=result.process.task_id,
        instrument=circular.instrument,
        confidence=circular.confidence,
        confidence_stated=circular.confidence_stated,
        quantities=tuple(_compared(value, result) for value in circular.values),
        not_found=tuple(each for each in CircularQuantity if each not in found),
    )


def _compared(value: CircularValue, result: Result) -> ComparedQuantity:
    match value.quantity:
        case CircularQuantity.TRIGGER_TIME:
            return _times(value, result)
        case CircularQuantity.T90:
            return _t90(value, result)
        case CircularQuantity.PEAK_FLUX:
            return _peak_flux(value, result)
        case CircularQuantity.FLUENCE:
            return _fluence(value, result)
        case _:
            return _parameter(value, result)


def _times(value: CircularValue, result: Result) -> ComparedQuantity:
    ours = result.burst.t0
    if ours is None or value.utc is None:
        return _not(value, "our result has no absolute time")
    apart_s = (_moment(value.utc) - _moment(ours)).total_seconds()
    note = (
        "each instrument triggers at another part of the light curve, and light takes up to "
        "seconds between satellites: a difference without sigma"
    )
    return ComparedQuantity(
        circular=value, ours=NOT_MEASURED, ours_utc=ours, ours_from="burst/t0",
        difference=apart_s, sigma=None, note=note,
    )  # fmt: skip


def _moment(utc: str) -> datetime:
    return read_utc(utc)


def _t90(value: CircularValue, result: Result) -> ComparedQuantity:
    measured = [each for each in result.durations if each.t90.value_s is not None]
    if result.combined is not None and result.combined.t90.value_s is not None:
        measured.append(result.combined)
    if value.band_kev is None:
        return _not(value, "the circular states no band, and T90 depends on it")
    for each in measured:
        if _same_band(value.band_kev, each.band_kev):
            return _with(value, each.t90.measurement, f"durations/{each.instrument}")
    for each in measured:
        found = each.photon_fluence
        if found is not None and _same_band(value.band_kev, found.band_kev):
            place = f"durations/{each.instrument}/photon_fluence"
            return _with(value, found.t90.measurement, place)
    return _not(value, _other_bands(value.band_kev, [each.band_kev for each in measured]))


def _parameter(value: CircularValue, result: Result) -> ComparedQuantity:
    fits = result.spectra[0] if result.spectra else None
    if fits is None:
        return _not(value, "our result has no spectrum")
    name = (
        _MODEL_INDEX.get(value.model, "alpha") if value.quantity is CircularQuantity.ALPHA else ""
    )
    name = name or {CircularQuantity.EPEAK: "epeak_kev"}.get(value.quantity, "beta")
    model = _model_of(fits, value.model)
    if model is None:
        which = f"model {value.model}" if value.model else "model, which the circular does not name"
        return _not(value, f"we have no fit of the same {which}: indices depend on it")
    parameter = model.parameters.get(name)
    if parameter is None or parameter.value is None:
        return _not(value, f"our fit of {model.name} has no {name}")
    place = f"spectra/{fits.kind}/{model.name}"
    return _with(value, parameter.measurement, place, _intervals(fits))


def _fluence(value: CircularValue, result: Result) -> ComparedQuantity:
    fits = result.spectra[0] if result.spectra else None
    model = None if fits is None else _model_of(fits, value.model) or fits.models[0]
    if fits is None or model is None:
        return _not(value, "our result has no spectrum")
    if value.band_kev is None:
        return _not(value, "the circular states no band, and a fluence depends on it")
    for each in model.fluence_erg:
        if _same_band(value.band_kev, each.band_kev):
            place = f"spectra/{fits.kind}/{model.name}"
            return _with(value, each.measurement, place, _intervals(fits))
    return _not(value, _other_bands(value.band_kev, [f.band_kev for f in model.fluence_erg]))


def _peak_flux(value: CircularValue, result: Result) -> ComparedQuantity:
    peaks = [fits for fits in result.spectra if fits.kind == "peak" and fits.models]
    if not peaks:
        return _not(value, "our result has no spectrum of the peak")
    fits = peaks[0]
    length_s = fits.interval_s[1] - fits.interval_s[0]
    if value.scale_s is None or abs(length_s - value.scale_s) > _SAME_SCALE * value.scale_s:
        theirs = "no time scale" if value.scale_s is None else f"{value.scale_s:g} s"
        return _not(value, f"other time scales: {theirs} there, {length_s:.4g} s here")
    model = _model_of(fits, value.model) or fits.models[0]
    if value.band_kev is None:
        return _not(value, "the circular states no band, and a flux depends on it")
    for each in model.flux:
        if _same_band(value.band_kev, each.band_kev):
            ours = each.photon if value.unit.startswith("ph") else each.energy_erg
            return _with(value, ours, f"spectra/peak/{model.name}")
    return _not(value, _other_bands(value.band_kev, [flux.band_kev for flux in model.flux]))


def _model_of(fits: SpectrumFits, name: str) -> ModelFit | None:
    return next((model for model in fits.models if name and model.name == name), None)


def _same_band(one: Interval | None, other: Interval | None) -> bool:
    if one is None or other is None:
        return False
    return all(abs(a - b) <= _SAME_EDGE * max(a, b) for a, b in zip(one, other, strict=True))


def _other_bands(theirs: Interval, ours: list[Interval | None]) -> str:
    known = dict.fromkeys(_band(each) for each in ours if each is not None)
    return f"other bands: {_band(theirs)} there, {' and '.join(known) or 'none'} here"


def _band(band: Interval) -> str:
    return f"{band[0]:g}-{band[1]:g} keV"


def _intervals(fits: SpectrumFits) -> str:
    start, stop = fits.interval_s
    return f"ours is of T0{start:+.3f} s to T0{stop:+.3f} s: mind the interval of the circular"


def _with(value: CircularValue, ours: Measurement, place: str, note: str = "") -> ComparedQuantity:
    moved, sigma = difference(ours, value.measurement)
    return ComparedQuantity(
        circular=value, ours=ours, ours_utc=None, ours_from=place, difference=moved,
        sigma=sigma, note="; ".join(_remarks(value, sigma, note)),
    )  # fmt: skip


def _remarks(value: CircularValue, sigma: float | None, note: str) -> Iterator[str]:
    if value.measurement.err_plus is None and sigma is not None:
        yield "the circular states no error: sigma is of ours alone"
    if note:
        yield note


def _not(value: CircularValue, note: str) -> ComparedQuantity:
    return ComparedQuantity(
        circular=value, ours=NOT_MEASURED, ours_utc=None, ours_from="", difference=None,
        sigma=None, note=note,
    )  # fmt: skip
