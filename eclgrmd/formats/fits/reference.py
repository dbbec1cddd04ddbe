"""Names of files in spectra, with CFITSIO's and XSPEC's ways to point into them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eclgrmd.errors import InputError
from eclgrmd.model.packed_names import PACKED_SUFFIXES, unpacked_name

from .fits_table import Table
from .headers import strict_integer

__all__ = ["Place", "Reference", "find_named", "in_order", "parse_reference", "place_of"]

WHOLE = re.compile(r"!?(?P<path>[^\[\]{}]*?)(?P<tail>(?:\s*(?:\[[^\[\]]*\]|\{[^{}]*\}))*)")
PART = re.compile(r"\[([^\[\]]*)\]|\{([^{}]*)\}")
PLUS = re.compile(r"(.+)\+(\d+)")
EXTENSION = re.compile(r"(?P<name>[A-Za-z][\w .-]*?)\s*(?:,\s*(?P<version>\d+)\s*(?:,\s*\w+\s*)?)?")
UNDERSTOOD = "[EXTNAME], [EXTNAME,EXTVER], [n], +n and {n}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its file a table lies."""

    number: int
    """Number of the extension; 1 is the first after the primary array."""
    name: str
    """EXTNAME, upper case."""
    version: int
    """EXTVER."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A file that a spectrum names, and which part of it."""

    literal: str
    """Last part of the path as it is written, whatever brackets it has."""
    name: str
    """Name of the file."""
    extension: str = ""
    """EXTNAME wanted, upper case; empty: any."""
    version: int | None = None
    """EXTVER wanted."""
    place: int | None = None
    """Number of the extension wanted; 1 is the first after the primary array."""
    row: int | None = None
    """Row of a type-II spectrum, or number of a matrix (braces); 1 is the first."""

    @property
    def points(self) -> bool:
        """True where it names one extension."""
        return bool(self.extension) or self.place is not None

    def chooses(self, place: Place) -> bool:
        """Return whether an extension is the one that is named, or may be where none is."""
        if self.place is not None and self.place != place.number:
            return False
        if self.extension and self.extension != place.name:
            return False
        return self.version is None or self.version == place.version


def place_of(table: Table) -> Place:
    """Return where in its file a table lies."""
    version = strict_integer(table.header, "EXTVER")
    return Place(table.number, table.name, 1 if version is None else version)


def in_order(places: Sequence[Place]) -> list[Place]:
    """Sort extensions by EXTVER where each has its own, else as they lie in their file."""
    own = len({place.version for place in places}) == len(places)
    return sorted(places, key=lambda place: place.version if own else place.number)


def parse_reference(key: str, written: str) -> Reference | None:
    """Read what RESPFILE, BACKFILE or ANCRFILE says; None where it names no file.

    What an untrusted file names is looked for beside it and nowhere else: its path is dropped.

    Raises
    ------
    InputError
        Where it has brackets that are not understood.
    """
    literal = _last_part(written)
    match = WHOLE.fullmatch(written.strip())
    if match is None:
        raise InputError(f"{key} is {written!r}: only {UNDERSTOOD} are understood behind a name")
    name = _last_part(match["path"])
    place: int | None = None
    if (plus := PLUS.fullmatch(name)) is not None:
        name, place = plus[1], int(plus[2])
    if not name:
        return None
    extension, version, row = "", None, None
    for bracket, brace in PART.findall(match["tail"]):
        wanted = bracket.strip()
        if brace.strip().isdecimal():
            row = int(brace)
        elif wanted.isdecimal():
            place = int(wanted)
        elif wanted and (found := EXTENSION.fullmatch(wanted)) is not None:
            extension = found["name"].upper()
            version = int(found["version"]) if found["version"] else None
        else:
            raise InputError(
                f"{key} is {written!r}: only {UNDERSTOOD} are understood behind a name"
            )
    return Reference(literal, name, extension, version, place, row)


def _last_part(path: str) -> str:
    return re.split(r"[/\\]", path.strip().removeprefix("!").strip())[-1]


def find_named(reference: Reference, names: dict[str, Path]) -> tuple[Path, Reference] | None:
    """Find a file among others by their names, packed or not.

    A file that really has the brackets in its name wins, and is then meant as a whole.
    """
    if reference.literal in names:
        whole = reference.literal == reference.name
        found = reference if whole else Reference(reference.literal, reference.literal)
        return names[reference.literal], found
    for name in _packed(reference.name):
        if name in names:
            return names[name], reference
    return None


def _packed(name: str) -> tuple[str, ...]:
    plain = unpacked_name(name)
    return (name, plain, *(plain + end for end in PACKED_SUFFIXES))
