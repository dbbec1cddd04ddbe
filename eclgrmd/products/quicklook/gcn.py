"""Draft of a notice in GCN's unified JSON schema.

Fields, their names, types and units are those of the public schema, version 7.2.3 (NASA GCN,
https://gcn.nasa.gov/schema/v7.2.3/gcn/notices/core/: Alert, DateTime, Event, Localization,
Reporter, Statistics, Duration, HardnessRatio, Spectral, AdditionalInfo). No other field is written.
"""

from typing import Literal

import msgspec
from msgspec import Struct

from eclgrmd.model.quicklook.notice import BurstNotices
from eclgrmd.model.quicklook.updates import QuickLookUpdate
from eclgrmd.model.result import ModelFit, Parameter, Width

__all__ = ["GcnNotice", "gcn_draft"]

_Pair = tuple[float, float]
_PIVOT_KEV = 100.0
"""Pivot energy of our amplitudes, keV."""
_NAMES = {"ECL": "ECLAIRs", "GRM": "GRM"}


class CutoffPowerLaw(Struct, frozen=True, omit_defaults=True):
    """`core/models/CutoffPowerLaw`: amplitude E^-alpha with an exponential cutoff."""

    amplitude: float | None = None
    """Amplitude at the pivot energy, photons/cm2/s/keV."""
    amplitude_error: float | None = None
    """Mean of its lower and upper 1-sigma error, in the same unit."""
    pivot_energy: float = _PIVOT_KEV
    """Pivot energy, keV."""
    alpha: float | None = None
    """Photon index, positive where the spectrum falls."""
    alpha_error: float | None = None
    """Mean of its 1-sigma errors."""
    epeak: float | None = None
    """Peak energy of E^2 N(E), keV."""
    epeak_error: float | None = None
    """Mean of its 1-sigma errors, keV."""


class GcnNotice(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The fields of the unified schema that are filled; one that is not measured is left out."""

    mission: Literal["SVOM"]
    """Mission."""
    instrument: str
    """Instrument with the most significant excess."""
    messenger: Literal["EM"]
    """EM: photons."""
    id: tuple[str, ...]
    """Names of the burst."""
    alert_datetime: str
    """When the draft was made, ISO-8601 UTC."""
    alert_tense: Literal["current"]
    """current: it is about a real burst, as it happened."""
    alert_type: Literal["update"]
    """update: earlier notices exist."""
    trigger_time: str
    """Reference time t0, ISO-8601 UTC."""
    ra: float | None = None
    """Right ascension, degrees (J2000)."""
    dec: float | None = None
    """Declination, degrees (J2000)."""
    ra_dec_error: float | None = None
    """Radius of the position error, degrees."""
    rate_snr: float | None = None
    """Significance over T100, sigma."""
    rate_duration: float | None = None
    """Length of T100, seconds."""
    rate_energy_range: _Pair | None = None
    """Band of significance and durations, keV."""
    classification: dict[str, float] | None = None
    """Probability of each class."""
    t90: float | None = None
    """T90, seconds."""
    t90_error: _Pair | None = None
    """Pair of 1-sigma errors, lower then upper, seconds."""
    t50: float | None = None
    """T50, seconds."""
    t50_error: _Pair | None = None
    """Pair of 1-sigma errors, lower then upper, seconds."""
    hardness_ratio: float | None = None
    """Hard over soft counts over T100."""
    hardness_ratio_error: _Pair | None = None
    """Pair of 1-sigma errors, lower then upper."""
    energy_range_soft: _Pair | None = None
    """Soft band, keV."""
    energy_range_hard: _Pair | None = None
    """Hard band, keV."""
    best_fit_model: Literal["CutoffPowerLaw"] | None = None
    """Name of the spectral model."""
    cutoff_power_law: CutoffPowerLaw | None = None
    """Its parameters."""
    additional_info: str
    """Remarks for people."""


def gcn_draft(update: QuickLookUpdate, notices: BurstNotices | None, date_utc: str) -> bytes | None:
    """Return the draft, with only measured values; None: there is none."""
    seen = update.of(update.reference)
    if seen is None:
        return None
    duration, hardness = seen.duration, seen.hardness
    position = None if notices is None else notices.position
    span = duration.t100_s
    notice = GcnNotice(
        mission="SVOM",
        instrument=_NAMES.get(seen.instrument, seen.instrument),
        messenger="EM",
        id=(update.burst_id,),
        alert_datetime=date_utc,
        alert_tense="current",
        alert_type="update",
        trigger_time=update.t0_utc,
        ra=None if position is None else position.ra_deg,
        dec=None if position is None else position.dec_deg,
        ra_dec_error=None if position is None else position.error_deg,
        rate_snr=duration.significance,
        rate_duration=None if span is None else span[1] - span[0],
        rate_energy_range=duration.band_kev,
        classification=_classes(update),
        t90=duration.t90.value_s,
        t90_error=_errors(duration.t90),
        t50=duration.t50.value_s,
        t50_error=_errors(duration.t50),
        hardness_ratio=None if hardness is None else hardness.ratio.value,
        hardness_ratio_error=None
        if hardness is None
        else _pair(hardness.ratio.err_minus, hardness.ratio.err_plus),
        energy_range_soft=None if hardness is None else hardness.soft_band_kev,
        energy_range_hard=None if hardness is None else hardness.hard_band_kev,
        best_fit_model=None if update.spectrum is None else "CutoffPowerLaw",
        cutoff_power_law=None if update.spectrum is None else _cutoff(update.spectrum.models[0]),
        additional_info=_remark(update, seen.progress),
    )
    return msgspec.json.format(msgspec.json.encode(notice), indent=2) + b"\n"


def _classes(update: QuickLookUpdate) -> dict[str, float] | None:
    named = update.classification
    if named is None or named.probability_short is None:
        return None
    short = named.probability_short
    return {"short": short, "long": 1.0 - short}


def _errors(width: Width) -> _Pair | None:
    return _pair(width.err_minus_s, width.err_plus_s)


def _pair(low: float | None, high: float | None) -> _Pair | None:
    return None if low is None or high is None else (low, high)


def _cutoff(fit: ModelFit) -> CutoffPowerLaw:
    amplitude, index, epeak = (fit.parameters[k] for k in ("amplitude", "alpha", "epeak_kev"))
    return CutoffPowerLaw(
        amplitude=amplitude.value,
        amplitude_error=_symmetric(amplitude),
        alpha=None if index.value is None else -index.value,
        alpha_error=_symmetric(index),
        epeak=epeak.value,
        epeak_error=_symmetric(epeak),
    )


def _symmetric(parameter: Parameter) -> float | None:
    """Return the mean of both errors: the schema has one; None: one is not known."""
    if parameter.err_minus is None or parameter.err_plus is None:
        return None
    return 0.5 * (parameter.err_minus + parameter.err_plus)


def _remark(update: QuickLookUpdate, progress: str) -> str:
    remark = "DRAFT, not sent. Quick look at VHF data; errors are 1 sigma, lower then upper."
    if progress == "rising":
        remark += " The burst was going on at the end of the data: durations are lower limits."
    if update.missing:
        remark += f" {update.missing} packets are missing."
    return remark
