"""Conversion of units in headers: times to s, energies to keV, areas to cm2, rates to 1/s."""

import re
import warnings
from functools import lru_cache

from astropy import units

from eclgrmd.errors import InputError

__all__ = ["CM2", "KEV", "KM", "SECOND", "factor", "per_second"]

SECOND, KEV, CM2, KM = "s", "keV", "cm2", "km"
"""Target units."""
SPELLINGS = {
    SECOND: {
        "": 1.0, "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "met": 1.0,
        "msec": 1e-3, "msecs": 1e-3, "millisecond": 1e-3, "milliseconds": 1e-3,
        "usec": 1e-6, "usecs": 1e-6, "microsecond": 1e-6, "microseconds": 1e-6,
        "nsec": 1e-9, "nsecs": 1e-9, "nanosecond": 1e-9, "nanoseconds": 1e-9,
        "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0,
        "h": 3600.0, "hr": 3600.0, "hrs": 3600.0, "hour": 3600.0, "hours": 3600.0,
        "d": 86400.0, "day": 86400.0, "days": 86400.0,
    },
    KEV: {"": 1.0, "ev": 1e-3, "kev": 1.0, "gev": 1e6, "tev": 1e9},
    CM2: {"": 1.0, "cm2": 1.0, "cm**2": 1.0, "cm^2": 1.0},
    KM: {"": 1.0, "km": 1.0, "m": 1e-3},
}  # fmt: skip
"""Factors of common spellings, in lower case; astropy parses those of the standard."""
MEGA_ELECTRONVOLT = {"MeV": 1e3, "MEV": 1e3, "mev": 1e3, "Mev": 1e3}
"""Spellings of MeV, in keV. `meV` is excluded: it means milli-electronvolt in the standard, 1e-9 of
what a writer probably meant."""
PLAIN = re.compile(r"[A-Za-zµμ0-9 .*/^+-]{1,30}")
"""Units that are passed to astropy."""
LONG_NUMBER = re.compile(r"\d{6}")
"""Numbers that are not passed to astropy: a power of them costs time and memory."""
PER_PHOTON = re.compile(
    r"[ .*]*(?:counts?|ct)[ .*]*(?:/ ?|)(?:photons?|ph)(?:\*\*-1|\^-1|-1)?", re.IGNORECASE
)
"""Counts per photon in the unit of an area, which are dimensionless."""
COUNTED = re.compile(
    r"(?:counts?|cts?|cnts?|events?|photons?|ph|c|1)?"
    r"(?:/(?P<per>[a-zµμ]+)|[.* ]?(?P<inverse>[a-zµμ]+)(?:\*\*|\^)?(?:-1|\(-1\)))"
)
"""Units of counts per time."""
COUNTS = re.compile(r"(?:|counts?|cts?|cnts?|events?|photons?|ph|c)(?:/(?:bin|chan|channel))?")
"""Units of counts."""
RATES = {"cps": 1.0, "hz": 1.0, "khz": 1e3}
"""Units of counts per time with a name of their own, in counts per second."""


@lru_cache(maxsize=512)
def factor(unit: str, target: str) -> float:
    """Return the factor that converts a unit to a target unit (`SECOND`, `KEV`, `CM2`).

    An empty unit is taken for the target unit.

    Raises
    ------
    InputError
        If the unit is unknown or of another quantity.
    """
    text = PER_PHOTON.sub("", unit).strip() if target == CM2 else unit.strip()
    if target == KEV and text in MEGA_ELECTRONVOLT:
        return MEGA_ELECTRONVOLT[text]
    known = SPELLINGS[target].get(text.lower())
    return _by_standard(text, target) if known is None else known


def _by_standard(text: str, target: str) -> float:
    """Return the factor of a unit in the spelling of the FITS standard."""
    refusal = InputError(f"{text!r} is no unit that can be converted to {target}")
    if not PLAIN.fullmatch(text) or LONG_NUMBER.search(text) or text == "meV":
        raise refusal
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = float(units.Unit(text).to(units.Unit(target)))
    except (ValueError, TypeError, ArithmeticError) as error:
        raise refusal from error
    if not 0.0 < value < float("inf"):
        raise refusal
    return value


@lru_cache(maxsize=512)
def per_second(unit: str) -> float | None:
    """Return the factor that converts counts per time to counts per second; None for counts.

    Raises
    ------
    InputError
        If the unit is neither of counts nor of counts per time.
    """
    text = unit.strip().lower()
    if text in RATES:
        return RATES[text]
    compact = text.replace(" ", "").replace("(", "").replace(")", "")
    if COUNTS.fullmatch(compact):
        return None
    # Rates of mask-weighted light curves may be per area or detector; their scale is arbitrary.
    compact = re.sub(r"/(cm2|cm\*\*2|cm\^2|det|detector|pixel)(?=/|$)", "", compact)
    if match := COUNTED.fullmatch(compact):
        return 1.0 / factor(match["per"] or match["inverse"], SECOND)
    raise InputError(f"{unit!r} is no unit of counts, nor of counts per time")
