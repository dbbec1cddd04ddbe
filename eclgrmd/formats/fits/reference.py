"""References of spectra to other files, in the syntax of CFITSIO and XSPEC."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eclgrmd.errors import InputError
from eclgrmd.model.packed_names import PACKED_SUFFIXES, unpacked_name

from .fits_table import Table
from .headers import strict_integer

__all__ = ["Extension", "Reference", "extension_of", "find_named", "in_order", "parse_reference"]

WHOLE = re.compile(r"!?(?P<path>[^\[\]{}]*?)(?P<tail>(?:\s*(?:\[[^\[\]]*\]|\{[^{}]*\}))*)")
PART = re.compile(r"\[([^\[\]]*)\]|\{([^{}]*)\}")
PLUS = re.compile(r"(.+)\+(\d+)")
EXTENSION = re.compile(r"(?P<name>[A-Za-z][\w .-]*?)\s*(?:,\s*(?P<version>\d+)\s*(?:,\s*\w+\s*)?)?")
UNDERSTOOD = "[EXTNAME], [EXTNAME,EXTVER], [n], +n and {n}"
"""Supported suffixes of a file name, for messages."""


@dataclass(frozen=True, slots=True)
class Extension:
    """The identity of an extension within its file."""

    number: int
    """Number of the extension; 1 is the first after the primary array."""
    name: str
    """EXTNAME, upper case."""
    version: int
    """EXTVER."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference of a spectrum to another file, or to a part of it."""

    literal: str
    """Last part of the path as written, including all brackets."""
    name: str
    """Name of the file."""
    extname: str = ""
    """Required EXTNAME, upper case; empty: any."""
    version: int | None = None
    """Required EXTVER; None: any."""
    number: int | None = None
    """Required number of the extension, 1 is the first after the primary array; None: any."""
    row: int | None = None
    """Row of a type-II spectrum, or number of a matrix (in braces), from 1; None: any."""

    @property
    def points(self) -> bool:
        """True if it requires a particular extension."""
        return bool(self.extname) or self.number is not None

    def chooses(self, extension: Extension) -> bool:
        """Return whether an extension meets the requirements."""
        if self.number is not None and self.number != extension.number:
            return False
        if self.extname and self.extname != extension.name:
            return False
        return self.version is None or self.version == extension.version


def extension_of(table: Table) -> Extension:
    """Return the identity of a table's extension."""
    version = strict_integer(table.header, "EXTVER")
    return Extension(table.number, table.name, 1 if version is None else version)


def in_order(extensions: Sequence[Extension]) -> list[Extension]:
    """Sort extensions by EXTVER if all have different ones, else by their order in the file."""
    distinct = len({extension.version for extension in extensions}) == len(extensions)
    return sorted(extensions, key=lambda e: e.version if distinct else e.number)


def parse_reference(key: str, written: str) -> Reference | None:
    """Parse the value of RESPFILE, BACKFILE or ANCRFILE; return None if it names no file.

    The folder in an untrusted file is ignored: a named file is searched for only in the folder of
    the spectrum and among the inputs.

    Raises
    ------
    InputError
        If it has brackets that are not supported.
    """
    literal = _last_part(written)
    match = WHOLE.fullmatch(written.strip())
    if match is None:
        raise InputError(f"{key} is {written!r}: only {UNDERSTOOD} are understood behind a name")
    name = _last_part(match["path"])
    number: int | None = None
    if (plus := PLUS.fullmatch(name)) is not None:
        name, number = plus[1], int(plus[2])
    if not name:
        return None
    extname, version, row = "", None, None
    for bracket, brace in PART.findall(match["tail"]):
        wanted = bracket.strip()
        if brace.strip().isdecimal():
            row = int(brace)
        elif wanted.isdecimal():
            number = int(wanted)
        elif wanted and (found := EXTENSION.fullmatch(wanted)) is not None:
            extname = found["name"].upper()
            version = int(found["version"]) if found["version"] else None
        else:
            raise InputError(
                f"{key} is {written!r}: only {UNDERSTOOD} are understood behind a name"
            )
    return Reference(literal, name, extname, version, number, row)


def _last_part(path: str) -> str:
    return re.split(r"[/\\]", path.strip().removeprefix("!").strip())[-1]


def find_named(reference: Reference, names: dict[str, Path]) -> tuple[Path, Reference] | None:
    """Find the file of a reference among others, compressed or not; return None if it is missing.

    A file whose name really has the brackets takes precedence, and is then used as a whole.
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
