"""Reading of a circular: who wrote it, which confidence its errors have, and all its values."""

import re

from msgspec.structs import replace

from eclgrmd.errors import InputError
from eclgrmd.model.circular import Circular, CircularQuantity, CircularValue
from eclgrmd.model.measurement import Measurement

from .numbers import plain_text
from .spectra import read_fluence, read_parameters, read_peak_flux
from .times import read_durations, read_trigger

__all__ = ["read_circular"]

_INSTRUMENTS = {
    "GBM": r"Fermi[-/ ]*(?:\(?GBM\)?|Gamma[- ]ray Burst Monitor)|\bGBM\b",
    "KONUS": r"Konus[-/ ]*Wind|\bKonus\b",
    "BAT": r"Swift[-/ ]*BAT|Burst Alert Telescope|\bBAT\b",
    "SVOM": r"\bSVOM\b|ECLAIRs|\bGRM\b",
}
"""Patterns of the names of instruments."""
_CUSTOM = {"BAT": 90.0}
"""Confidence of errors where a circular does not state it, percent; of all others 68."""
_ONE_SIGMA = 68.0
_SIGMAS = {68.0: 1.0, 90.0: 1.6449, 95.0: 1.96, 99.0: 2.5758}
"""Errors of this confidence, in sigma."""
_PERCENT = re.compile(
    r"(68|90|95|99)(?:\.\d+)?\s*(?:%|percent|per ?cent|-percent)\s*"
    r"(?:confidence|c\.?\s?l|\(?1[- ]sigma|errors?|uncertaint)",
    re.IGNORECASE,
)
_SIGMA = re.compile(r"\b1[- ]?sigma\b|one sigma", re.IGNORECASE)
_SUBJECT = re.compile(r"SUBJECT:\s*(.*?)(?:DATE:|FROM:|$)", re.IGNORECASE)


def read_circular(text: str) -> Circular:
    """Return what a circular states, with errors of 1 sigma.

    Raises
    ------
    InputError
        If no value can be read.
    """
    line = plain_text(text)
    instrument = _instrument(line)
    stated = _confidence(line)
    confidence = stated or _CUSTOM.get(instrument, _ONE_SIGMA)
    values = (
        *read_durations(line),
        *read_parameters(line),
        *read_fluence(line),
        *read_peak_flux(line),
        *read_trigger(line),
    )
    if not values:
        raise InputError(
            "circular: no T90, Epeak, index, fluence, peak flux or trigger time was found: must be "
            "the text of a circular"
        )
    order = list(CircularQuantity)
    return Circular(
        instrument=instrument,
        confidence=confidence,
        confidence_stated=stated is not None,
        values=tuple(
            _one_sigma(value, _SIGMAS[confidence])
            for value in sorted(values, key=lambda each: order.index(each.quantity))
        ),
    )


def _instrument(line: str) -> str:
    """Return the instrument of the subject, or else the one that is named first."""
    subject = _SUBJECT.search(line[:500])
    for part in (subject.group(1)[:150] if subject else "", line):
        places = {
            name: found.start()
            for name, pattern in _INSTRUMENTS.items()
            if (found := re.search(pattern, part))
        }
        if places:
            return min(places, key=lambda name: places[name])
    return ""


def _confidence(line: str) -> float | None:
    """Return the confidence of errors that a text states last, percent; None: it states none."""
    percents = [float(found.group(1)) for found in _PERCENT.finditer(line)]
    if percents:
        return percents[-1]
    return _ONE_SIGMA if _SIGMA.search(line) else None


def _one_sigma(value: CircularValue, sigmas: float) -> CircularValue:
    found = value.measurement

    def scaled(error: float | None) -> float | None:
        return None if error is None else error / sigmas

    errors = Measurement(found.value, scaled(found.err_minus), scaled(found.err_plus))
    return replace(value, measurement=errors)
