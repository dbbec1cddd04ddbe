"""Conversion of external texts, such as file names, to valid UTF-8 or ASCII."""

import unicodedata

__all__ = ["ascii_text", "valid_text"]

_ASCII_FORMS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L"}
)
"""Letters that Unicode normalisation does not decompose."""


def valid_text(text: str) -> str:
    r"""Return a text as one line of valid UTF-8; escape invalid bytes and controls as `\xNN`.

    A file name may have any bytes. Python represents those that are not UTF-8 by surrogates.
    """
    written = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() or c == " " else _escaped(c) for c in written)


def ascii_text(text: str) -> str:
    """Return a text in printable ASCII, for FITS headers: drop accents, escape other characters."""
    decomposed = unicodedata.normalize("NFKD", valid_text(text).translate(_ASCII_FORMS))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.encode("ascii", "backslashreplace").decode("ascii")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
