"""An entry of the catalogue, and a column that reads its value from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import Result

__all__ = ["Column", "Entry", "Kind", "Value", "measured", "number", "text", "whole"]

Kind = Literal["float", "int", "text"]
Value = float | int | str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A result in the catalogue."""

    result: Result
    """The content of `result.json`."""
    source: str
    """Where the result was read: a folder, or the task that made it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the catalogue."""

    name: str
    """Name, as in FERMIGBRST where that table has the same quantity."""
    kind: Kind
    """Type of the values."""
    unit: str
    """Unit as astropy reads it; empty: none."""
    ucd: str
    """Unified content descriptor (UCD1+, controlled vocabulary of the IVOA)."""
    description: str
    """Meaning in one sentence."""
    read: Callable[[Entry], Value]
    """Returns the value of an entry; None: not known."""


def text(name: str, ucd: str, description: str, read: Callable[[Entry], str | None]) -> Column:
    """Return a column of texts; an empty text is not known."""
    return Column(name, "text", "", ucd, description, lambda entry: read(entry) or None)


def whole(name: str, ucd: str, description: str, read: Callable[[Entry], int | None]) -> Column:
    """Return a column of whole numbers."""
    return Column(name, "int", "", ucd, description, read)


def number(
    name: str, unit: str, ucd: str, description: str, read: Callable[[Entry], float | None]
) -> Column:
    """Return a column of numbers."""
    return Column(name, "float", unit, ucd, description, read)


def measured(
    name: str,
    unit: str,
    ucd: str,
    description: str,
    read: Callable[[Entry], Measurement | None],
) -> Iterator[Column]:
    """Yield the columns of a measured value and of its 1-sigma errors upwards and downwards."""

    def part(which: Callable[[Measurement], float | None]) -> Callable[[Entry], float | None]:
        def of(entry: Entry) -> float | None:
            found = read(entry)
            return None if found is None else which(found)

        return of

    error = f"stat.error;{ucd}"
    yield number(name, unit, ucd, description, part(lambda found: found.value))
    yield number(
        f"{name}_pos_err",
        unit,
        error,
        f"1-sigma error of {name} upwards, positive; null: not bounded or not known",
        part(lambda found: found.err_plus),
    )
    yield number(
        f"{name}_neg_err",
        unit,
        error,
        f"1-sigma error of {name} downwards, positive; null: not bounded or not known",
        part(lambda found: found.err_minus),
    )
