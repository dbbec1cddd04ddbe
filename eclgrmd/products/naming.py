"""Names of products: `<INS>-<WHAT>-<SUB>`, our own convention.

- INS: who measured: the value of INSTRUME (ECL, GRM, GBM, ...), ECLGRM for the two of SVOM jointly,
  several others joined by `_`.
- WHAT: LC (light curve), SPE (counts spectrum), BKG (background of a spectrum; MODEL: in time, of
  every channel), SED (E^2 N(E)), POST (posterior), EVOL (evolution of the spectrum), PLANES (Amati
  and Yonetoku).
- SUB: which one: bins (64MS, 1S, BLOCKS), BANDS or interval, then the detector where there are
  several, then the number where a name would come twice.
"""

from collections.abc import Iterable

from eclgrmd.model.names import Instrument

__all__ = ["UniqueNames", "instrument_name", "product_name"]

_LONGEST_WORD = 40


def instrument_name(instruments: Iterable[Instrument]) -> str:
    """Name one instrument or several jointly, as INSTRUME has them."""
    found = list(dict.fromkeys(instruments))
    if set(found) == {Instrument.ECLAIRS, Instrument.GRM}:
        return "ECLGRM"
    return "_".join(found) or str(Instrument.OTHER)


def product_name(instruments: Iterable[Instrument], what: str, *sub: str, suffix: str) -> str:
    """Put a product's name together; what is no letter, digit, dot or sign becomes `_`.

    A word has 40 characters at most, since a file may call its detector anything.
    """
    words = [instrument_name(instruments), what, *(part for part in sub if part)]
    return "-".join(_word(word) for word in words) + suffix


class UniqueNames:
    """Numbers the second and later of equal names: `x.png`, `x.2.png`."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def __call__(self, name: str) -> str:
        """Give this name, or a numbered one if it was given before."""
        self._seen[name] = number = self._seen.get(name, 0) + 1
        stem, dot, suffix = name.rpartition(".")
        return name if number == 1 else f"{stem}.{number}{dot}{suffix}"


def _word(text: str) -> str:
    short = text[:_LONGEST_WORD]
    return "".join(c if c.isascii() and (c.isalnum() or c in ".+_") else "_" for c in short)
