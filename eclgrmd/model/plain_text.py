"""Texts from outside, such as names of files, in the alphabets of what they are written into."""

import unicodedata

__all__ = ["ascii_text", "valid_text"]

_ASCII_FORMS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L"}
)
"""Letters that Unicode does not take apart."""


def valid_text(text: str) -> str:
    r"""Return a text of one line that UTF-8 can write: other bytes and controls as `\xNN`.

    The name of a file may have any bytes; Python holds those that are no UTF-8 as surrogates.
    """
    written = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() or c == " " else _escaped(c) for c in written)


def ascii_text(text: str) -> str:
    """Return a text in printable ASCII, for FITS headers: accents are left out, others escaped."""
    parted = unicodedata.normalize("NFKD", valid_text(text).translate(_ASCII_FORMS))
    bare = "".join(c for c in parted if not unicodedata.combining(c))
    return bare.encode("ascii", "backslashreplace").decode("ascii")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
