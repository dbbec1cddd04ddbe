"""Names of products: `<INS>-<WHAT>-<SUB>`, a convention of this project.

- INS: the instrument, as in INSTRUME (ECL, GRM, GBM, ...); ECLGRM for ECLAIRs and GRM jointly;
  several others are joined by `_`.
- WHAT: LC (light curve), SPE (counts spectrum), BKG (background of a spectrum; with MODEL:
  background model of every channel), SCAT (fits with their covariance), SED (E^2 N(E)), POST
  (posterior), EVOL (evolution of the spectrum), PLANES (Amati and Yonetoku).
- SUB: bins (64MS, 1S, BLOCKS), BANDS or the interval, then the detector if there are several. A
  number is added to a name that would occur twice.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from eclgrmd.model.names import Instrument

__all__ = ["UniqueNames", "instrument_name", "interval_labels", "product_name"]

_LONGEST_WORD = 40
"""Largest number of characters of a part of a name; a choice that keeps file names valid."""


def instrument_name(instruments: Iterable[Instrument]) -> str:
    """Return the name of one or several instruments, as in INSTRUME."""
    found = list(dict.fromkeys(instruments))
    if set(found) == {Instrument.ECLAIRS, Instrument.GRM}:
        return "ECLGRM"
    return "_".join(found) or str(Instrument.OTHER)


def product_name(instruments: Iterable[Instrument], what: str, *sub: str, suffix: str) -> str:
    """Return the name of a product.

    Characters other than ASCII letters, digits, `.`, `+` and `_` are replaced by `_`, and each part
    is limited to 40 characters, because a file can name its detector arbitrarily.

    Parameters
    ----------
    instruments
        Instruments of the data.
    what, sub
        Kind of product, and what distinguishes it; empty parts are left out.
    suffix
        File suffix with its dot.
    """
    words = [instrument_name(instruments), what, *(part for part in sub if part)]
    return "-".join(_word(word) for word in words) + suffix


def interval_labels(kinds: Sequence[str]) -> list[str]:
    """Return a unique label for each interval: its kind, numbered if the kind occurs repeatedly."""
    count, number = Counter(kinds), Counter[str]()
    labels = []
    for kind in kinds:
        number[kind] += 1
        labels.append(f"{kind.upper()}{number[kind]:02d}" if count[kind] > 1 else kind.upper())
    return labels


class UniqueNames:
    """Makes names unique by numbering repeated ones: `x.png`, `x.2.png`."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def __call__(self, name: str) -> str:
        """Return the name, or a numbered one if it was used before."""
        self._seen[name] = number = self._seen.get(name, 0) + 1
        stem, dot, suffix = name.rpartition(".")
        return name if number == 1 else f"{stem}.{number}{dot}{suffix}"


def _word(text: str) -> str:
    short = text[:_LONGEST_WORD]
    return "".join(c if c.isascii() and (c.isalnum() or c in ".+_") else "_" for c in short)
