"""Who may do what: the roles of clients, and tokens as they are written."""

from enum import StrEnum
from typing import NamedTuple

__all__ = ["TOKEN_FORM", "Role", "TokenText", "read_token"]

TOKEN_FORM = "ecl_ID.SECRET, where both are 32 hexadecimal digits"  # noqa: S105 - a form, no token
"""What a token looks like, for error messages."""
_PREFIX = "ecl_"
_DIGITS = 32
"""Hexadecimal digits of 128 bits."""
_HEXADECIMAL = frozenset("0123456789abcdef")


class Role(StrEnum):
    """What a client may do; each role may do all that the earlier ones may."""

    ANYONE = "anyone"
    """Nobody in particular: health checks and the pages about the interface."""
    READER = "reader"
    """May see everything."""
    SCIENTIST = "scientist"
    """May bring data and packets, and submit, repeat and cancel tasks."""
    OPERATOR = "operator"
    """May make tokens, read the audit, and bring or retract notices."""

    def covers(self, needed: "Role") -> bool:
        """Return whether this role may do what needs another role."""
        return _RANK[self] >= _RANK[needed]


_RANK = {role: rank for rank, role in enumerate(Role)}
"""Position of each role; a dictionary, because every request asks."""


class TokenText(NamedTuple):
    """A token as a client sends it."""

    id: str
    """Public part, which lists and the audit name."""
    secret: str
    """Part that only its owner knows."""

    def __str__(self) -> str:
        return f"{_PREFIX}{self.id}.{self.secret}"


def read_token(text: str) -> TokenText | None:
    """Return the parts of a token; None if it has another form."""
    number, _, secret = text.removeprefix(_PREFIX).partition(".")
    if not text.startswith(_PREFIX) or not (_is_part(number) and _is_part(secret)):
        return None
    return TokenText(number, secret)


def _is_part(text: str) -> bool:
    return len(text) == _DIGITS and _HEXADECIMAL.issuperset(text)
