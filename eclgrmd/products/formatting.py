"""Names and numbers as text, for summaries, circulars and figures."""

from collections.abc import Sequence
from math import floor, log10

from eclgrmd.model.flags import FlagCode

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
"""Names of instruments with their missions, by the value of INSTRUME."""

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
"""Number from which only two significant digits are written."""
_FEW_DETECTORS = 4
"""Largest number of detectors that are all named."""


def model_name(name: str) -> str:
    """Return the name of a photon model, or of a sum of models, in words."""
    return " + ".join(MODEL_NAMES.get(part, part) for part in name.split("+"))


def band_name(band_kev: tuple[float, float] | None, dash: str = "-") -> str:
    """Return an energy band as text, such as `15-5000 keV`; None is an unknown band."""
    if band_kev is None:
        return FlagCode.BAND_UNKNOWN.phrase
    return f"{dash.join(map(plain, band_kev))} keV"


def statistic_name(name: str) -> str:
    """Return the name of a fit statistic as used in papers."""
    return STATISTIC_NAMES.get(name, name)


def detectors_text(names: Sequence[str]) -> str:
    """Return the names of detectors; of more than four, the first, the last and the number."""
    if len(names) <= _FEW_DETECTORS:
        return " + ".join(names)
    return f"{names[0]} … {names[-1]} ({len(names)} detectors)"


def plain(value: float) -> str:
    """Return a number with at most four significant digits and no trailing zeros."""
    return f"{value:.4g}"


def with_errors(
    value: float, err_minus: float | None, err_plus: float | None, unit: str = ""
) -> str:
    """Return `value (+plus, -minus) unit` with two digits of the smaller error.

    An error of None is unbounded and written as `?`.

    Examples
    --------
    >>> with_errors(1.234, 0.056, 0.078, "s")
    '1.234 (+0.078, -0.056) s'
    """
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
    """Return a number with a number of decimals, or with two significant digits if it is huge."""
    return f"{number:.{digits}f}" if abs(number) < _READABLE else f"{number:.2g}"


def _exponent(value: float) -> int:
    """Return the power of ten to factor out: 0 for numbers that are readable without one."""
    if value == 0 or 1e-2 <= abs(value) < 1e5:
        return 0
    return floor(log10(abs(value)))
