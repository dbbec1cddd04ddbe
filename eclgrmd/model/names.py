"""Identifiers and enumerations that several layers speak of."""

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
"""End of a pattern. Python's `$` alone lets a line break through, and JSON Schema has no `\\Z`."""
IDENTIFIER_RULE = "a letter or digit, then letters, digits and . _ : + - (at most 100 characters)"
Identifier = Annotated[
    str, Meta(pattern=rf"^[A-Za-z0-9][A-Za-z0-9._:+-]{{0,99}}{END}", description=IDENTIFIER_RULE)
]
"""Id of a burst, task or notification: part of paths, links, subjects and row keys."""
_LONGEST_SUBJECT = 100
_SUBJECT = re.compile(r"[!-)+-\-/-=?-~]+(\.[!-)+-\-/-=?-~]+)*")
"""Visible ASCII other than the point, which parts words, and the wildcards."""
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,99}")

BurstId = NewType("BurstId", str)
TaskId = NewType("TaskId", str)
DataId = NewType("DataId", int)
FILE_VERSION = re.compile(r"_v(\d{1,4})(?=[._]|$)", re.IGNORECASE)
"""The version in a file's name, by the mission's convention."""


class Instrument(StrEnum):
    """Who measured; the value is what goes into INSTRUME and into messages."""

    ECLAIRS = "ECL"
    GRM = "GRM"
    GBM = "GBM"
    LAT = "LAT"
    BAT = "BAT"
    BATSE = "BATSE"
    KONUS = "KONUS"
    OTHER = "OTHER"
    ECLGRM = "ECLGRM"
    """ECLAIRs and GRM together."""


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
"""Mission of each instrument that is known."""


class FileKind(StrEnum):
    """What a data file holds, as recognised by its headers."""

    EVENTS = "events"
    """Photon list, with or without its own GTI."""
    GTI = "gti"
    """Good time intervals alone, one extension a criterion."""
    HISTORY = "history"
    """Counts per time bin and energy channel (GBM CSPEC/CTIME, PHA type II used as a series)."""
    LIGHT_CURVE = "light_curve"
    """Rates or counts per time bin in one or few bands (OGIP RATE)."""
    SPECTRUM = "spectrum"
    """OGIP PHA, type I or II: source region."""
    BACKGROUND = "background"
    """OGIP PHA of a background (HDUCLAS2 BKG)."""
    BACKGROUND_MODEL = "background_model"
    """Polynomials in time, one per channel, as our own products have them."""
    RESPONSE = "response"
    """Redistribution matrix with or without effective area (RMF, RSP, RSP2)."""
    ANCILLARY = "ancillary"
    """Effective area (ARF)."""
    ATTITUDE = "attitude"
    """Where the satellite looked: quaternions in time."""
    AUXILIARY = "auxiliary"
    """Recognised, but nothing an analysis uses: orbit, trigger rates."""


def is_identifier(text: str) -> bool:
    """Return whether a text may name a burst, a task or a notification."""
    return _IDENTIFIER.fullmatch(text) is not None


def checked_identifier(text: str, what: str) -> str:
    """Return a text that is an identifier.

    Raises
    ------
    InputError
        With `what`, the text and the rule, where it is none.
    """
    if not is_identifier(text):
        raise InputError(f"{what} {text!r}: must be {IDENTIFIER_RULE}")
    return text


def identifier_from(text: str) -> str:
    """Return the identifier made of a name in a file's header; empty where nothing is left of it.

    Whatever the rule does not have becomes `_`: `GRB 200106A` gives `GRB_200106A`.
    """
    return re.sub(r"[^A-Za-z0-9._:+-]+", "_", text).lstrip("._:+-")[:100].rstrip("_")


def is_subject(text: str) -> bool:
    """Return whether NATS takes messages on a subject of this name."""
    return _SUBJECT.fullmatch(text) is not None and len(text) <= _LONGEST_SUBJECT


def subject_token(text: str) -> str:
    """Write any text as one token of a NATS subject, different texts as different tokens.

    The bytes of its UTF-8 form other than letters, digits and `_ - : +` become `%XX`, as in a URL;
    the empty text becomes a lone `%`.
    """
    written = quote(text, safe="_-:+", errors="surrogatepass")
    # Of what a URL may hold as it is, these have a meaning in subjects, or may get one.
    return written.replace(".", "%2E").replace("~", "%7E") or "%"


def path_part(text: str) -> str:
    """Write any text as one part of a link; an identifier stays as it is."""
    return quote(text, safe=":+", errors="surrogatepass")


def header_value(text: str) -> str:
    """Write any text as the value of a NATS header: `%XX` for `%` and what is not visible ASCII."""
    return quote(text, safe="!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~", errors="surrogatepass")
