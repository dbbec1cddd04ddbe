"""Numbers and names in words, for text that people read and paste."""

from collections.abc import Sequence
from math import floor, log10

from eclgrmd.model.flags import BAND_UNKNOWN

__all__ = [
    "INSTRUMENT_NAMES",
    "MODEL_NAMES",
    "band_name",
    "detectors_text",
    "model_name",
    "plain",
    "statistic_name",
    "with_errors",
]

INSTRUMENT_NAMES = {
    "ECL": "SVOM/ECLAIRs",
    "GRM": "SVOM/GRM",
    "ECLGRM": "SVOM/ECLAIRs and GRM together,",
    "GBM": "Fermi-GBM",
    "LAT": "Fermi-LAT",
    "BAT": "Swift/BAT",
    "BATSE": "CGRO/BATSE",
    "KONUS": "Konus-Wind",
}
"""Instruments with their missions, by the value of INSTRUME."""

MODEL_NAMES = {
    "band": "Band function",
    "cpl": "cutoff power law",
    "pl": "power law",
    "sbpl": "smoothly broken power law",
    "bpl": "broken power law",
    "bb": "blackbody",
    "ottb": "thermal bremsstrahlung",
}

STATISTIC_NAMES = {"pgstat": "PGSTAT", "cstat": "CSTAT", "wstat": "WSTAT", "chi2": "chi-squared"}

_READABLE = 1e7
_FEW_DETECTORS = 4
"""More are counted, the first and the last one named."""


def model_name(name: str) -> str:
    """Name a photon model, or a sum of them, in words."""
    return " + ".join(MODEL_NAMES.get(part, part) for part in name.split("+"))


def band_name(band_kev: tuple[float, float] | None, dash: str = "-") -> str:
    """Write an energy band, e.g. `15-5000 keV`; None: it is not known."""
    return BAND_UNKNOWN if band_kev is None else f"{dash.join(map(plain, band_kev))} keV"


def statistic_name(name: str) -> str:
    """Name a fit statistic as papers do."""
    return STATISTIC_NAMES.get(name, name)


def detectors_text(names: Sequence[str]) -> str:
    """Name detectors; of many, the first and the last one and how many there are."""
    if len(names) <= _FEW_DETECTORS:
        return " + ".join(names)
    return f"{names[0]} … {names[-1]} ({len(names)} detectors)"


def plain(value: float) -> str:
    """Write a number with four significant digits at most and no trailing zeros."""
    return f"{value:.4g}"


def with_errors(
    value: float, err_minus: float | None, err_plus: float | None, unit: str = ""
) -> str:
    """Write `value (+plus, -minus) unit`, two digits of the smaller error; ? is unbounded."""
    errors = [error for error in (err_minus, err_plus) if error]
    unit = f" {unit}" if unit else ""
    if not errors:
        return f"{plain(value)}{unit}"
    exponent = _exponent(value)
    digits = max(0, 1 - floor(log10(min(errors) / 10**exponent)))
    number, minus, plus = (
        "?" if each is None else _digits(each / 10**exponent, digits)
        for each in (value, err_minus, err_plus)
    )
    power = f"e{exponent:+03d}" if exponent else ""
    if power:
        return f"({number} +{plus} -{minus}){power}{unit}"
    return f"{number} (+{plus}, -{minus}){unit}"


def _digits(number: float, digits: int) -> str:
    """Write a number with its digits; one that nobody could read has two."""
    return f"{number:.{digits}f}" if abs(number) < _READABLE else f"{number:.2g}"


def _exponent(value: float) -> int:
    """Give the power of ten to pull out: none where a number reads well as it is."""
    if value == 0 or 1e-2 <= abs(value) < 1e5:
        return 0
    return floor(log10(abs(value)))
