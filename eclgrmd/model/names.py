"""Identifiers and enumerations that several layers share."""

import re
from enum import StrEnum
from typing import Annotated, NewType
from urllib.parse import quote

from msgspec import Meta

from eclgrmd.errors import InputError

__all__ = [
    "END",
    "FILE_VERSION",
    "IDENTIFIER_RULE",
    "MISSIONS",
    "BurstId",
    "DataId",
    "FileKind",
    "Identifier",
    "Instrument",
    "TaskId",
    "checked_identifier",
    "header_value",
    "identifier_from",
    "is_identifier",
    "is_subject",
    "path_part",
    "subject_token",
]

END = r"(?!\n)$"
"""End of a pattern. Python's `$` alone accepts a final line break; JSON Schema has no `\\Z`."""
IDENTIFIER_RULE = "a letter or digit, then letters, digits and . _ : + - (at most 100 characters)"
Identifier = Annotated[
    str, Meta(pattern=rf"^[A-Za-z0-9][A-Za-z0-9._:+-]{{0,99}}{END}", description=IDENTIFIER_RULE)
]
"""Id of a burst, task or notification; it is part of paths, links, subjects and row keys."""
_LONGEST_SUBJECT = 100
"""Most characters of a configured subject; its column in the database has 200."""
_SUBJECT = re.compile(r"[!-)+-\-/-=?-~]+(\.[!-)+-\-/-=?-~]+)*")
"""Words of visible ASCII without the wildcards * and >, separated by dots."""
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,99}")

BurstId = NewType("BurstId", str)
TaskId = NewType("TaskId", str)
DataId = NewType("DataId", int)
FILE_VERSION = re.compile(r"_v(\d{1,4})(?=[._]|$)", re.IGNORECASE)
"""The version in a file name (`_v03`), by the mission's convention."""


class Instrument(StrEnum):
    """Instruments; the values are used for INSTRUME and in messages."""

    ECLAIRS = "ECL"
    GRM = "GRM"
    GBM = "GBM"
    LAT = "LAT"
    BAT = "BAT"
    BATSE = "BATSE"
    KONUS = "KONUS"
    OTHER = "OTHER"
    ECLGRM = "ECLGRM"
    """ECLAIRs and GRM combined."""


MISSIONS = {
    Instrument.ECLAIRS: "SVOM",
    Instrument.GRM: "SVOM",
    Instrument.ECLGRM: "SVOM",
    Instrument.GBM: "FERMI",
    Instrument.LAT: "FERMI",
    Instrument.BAT: "SWIFT",
    Instrument.BATSE: "CGRO",
    Instrument.KONUS: "WIND",
}
"""Mission of each instrument, as TELESCOP has it."""


class FileKind(StrEnum):
    """Kinds of data files, as recognised by their headers."""

    EVENTS = "events"
    """Photon list, with or without its own GTI."""
    GTI = "gti"
    """Good time intervals only, one extension per criterion."""
    HISTORY = "history"
    """Counts per time bin and energy channel (GBM CSPEC/CTIME, PHA type II as a time series)."""
    LIGHT_CURVE = "light_curve"
    """Rates or counts per time bin in one or few bands (OGIP RATE)."""
    SPECTRUM = "spectrum"
    """OGIP PHA, type I or II, of the source."""
    BACKGROUND = "background"
    """OGIP PHA of a background (HDUCLAS2 BKG)."""
    BACKGROUND_MODEL = "background_model"
    """Polynomials in time, one per channel, as in our own products."""
    RESPONSE = "response"
    """Redistribution matrix with or without effective area (RMF, RSP, RSP2)."""
    ANCILLARY = "ancillary"
    """Effective area (ARF)."""
    ATTITUDE = "attitude"
    """Pointing of the satellite: quaternions in time, and positions if the file has both."""
    ORBIT = "orbit"
    """Positions of the satellite in time."""
    AUXILIARY = "auxiliary"
    """Recognised files that no analysis uses, such as trigger rates."""


def is_identifier(text: str) -> bool:
    """Return whether a text may name a burst, a task or a notification."""
    return _IDENTIFIER.fullmatch(text) is not None


def checked_identifier(text: str, what: str) -> str:
    """Return the text if it is an identifier.

    Raises
    ------
    InputError
        If it is not; the error names `what`, the text and the rule.
    """
    if not is_identifier(text):
        raise InputError(f"{what} {text!r}: must be {IDENTIFIER_RULE}")
    return text


def identifier_from(text: str) -> str:
    """Return an identifier made from a name in a file header, such as OBJECT.

    Characters that identifiers do not allow become `_`. The result is empty if no others are left.

    >>> identifier_from("GRB 200106A")
    'GRB_200106A'
    """
    return re.sub(r"[^A-Za-z0-9._:+-]+", "_", text).lstrip("._:+-")[:100].rstrip("_")


def is_subject(text: str) -> bool:
    """Return whether a text can be used as a NATS subject for publishing."""
    return _SUBJECT.fullmatch(text) is not None and len(text) <= _LONGEST_SUBJECT


def subject_token(text: str) -> str:
    """Encode any text as one token of a NATS subject; different texts get different tokens.

    UTF-8 bytes other than letters, digits and `_ - : +` become `%XX`, as in a URL. The empty text
    becomes `%`.
    """
    written = quote(text, safe="_-:+", errors="surrogatepass")
    # `quote` never encodes these two, but the dot separates tokens and `~` may get a meaning.
    return written.replace(".", "%2E").replace("~", "%7E") or "%"


def path_part(text: str) -> str:
    """Encode any text as one segment of a link; identifiers remain unchanged."""
    return quote(text, safe=":+", errors="surrogatepass")


def header_value(text: str) -> str:
    """Encode any text as the value of a NATS header: `%` and all but visible ASCII become `%XX`."""
    return quote(text, safe="!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~", errors="surrogatepass")
