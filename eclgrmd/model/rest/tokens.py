"""Tokens and the audit, as REST shows them."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from eclgrmd.model.access import Role
from eclgrmd.model.names import END

__all__ = [
    "TOKEN_NAME",
    "AuditPage",
    "ListedAudit",
    "ListedToken",
    "Login",
    "MadeToken",
    "NewToken",
    "TokenPage",
    "WhoAmI",
]

GrantedRole = Literal["reader", "scientist", "operator"]
"""Roles that a token can have."""
TOKEN_NAME = Annotated[
    str,
    Meta(
        pattern=rf"^[^\x00-\x1f\x7f]{{1,100}}{END}", description="1 to 100 characters of one line"
    ),
]
"""Name of a token."""


class NewToken(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token to be made."""

    name: TOKEN_NAME
    """Whose token it is, or what for."""
    role: GrantedRole
    """What its owner may do."""
    expires_days: Annotated[float, Meta(gt=0, le=36500)] | None = 90.0
    """Time for which it is valid, days; null: for ever."""


class Login(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What opens a session."""

    token: Annotated[str, Meta(max_length=200)]
    """A token of the user."""


class WhoAmI(Struct, frozen=True, kw_only=True):
    """The client of a request."""

    name: str
    """Name of its token, or of the user of a proxy or of the daemon's machine."""
    role: Role
    """What it may do."""


class ListedToken(Struct, frozen=True, kw_only=True):
    """A token without its secret."""

    number: int
    """Number of the token in the list."""
    id: str
    """Public part of the token."""
    name: str
    """Whose token it is, or what for."""
    role: Role
    """What its owner may do."""
    created_at: datetime
    """When it was made."""
    created_by: str
    """Who made it."""
    expires_at: datetime | None
    """Until when it is valid; null: for ever."""
    revoked_at: datetime | None
    """When it was revoked; null: it was not."""
    used_at: datetime | None
    """When it was last used, to the minute; null: never."""


class MadeToken(ListedToken, frozen=True, kw_only=True):
    """A token that was just made."""

    token: str
    """The token itself, which is shown only this once."""


class TokenPage(Struct, frozen=True, kw_only=True):
    """A page of tokens."""

    tokens: list[ListedToken]
    """The tokens, oldest first."""
    next: str | None
    """Path of the next page; null: this is the last one."""


class ListedAudit(Struct, frozen=True, kw_only=True):
    """A change that a client made."""

    id: int
    """Number of the entry."""
    at: datetime
    """When it was made."""
    who: str
    """Name of the token, or of the user of a proxy or of the daemon's machine."""
    token_id: str
    """Public part of the token; empty: none was used."""
    address: str
    """Address of the client; empty: a command on the daemon's machine."""
    action: str
    """Operation as this document names it, or the command."""
    subject: str
    """What was changed, for example the id of a task."""
    before: str | None
    """State before the change, JSON; null: there was none, or it did not matter."""
    after: str | None
    """State after the change, JSON; null: there is none."""


class AuditPage(Struct, frozen=True, kw_only=True):
    """A page of the audit."""

    audit: list[ListedAudit]
    """The changes, oldest first."""
    next: str | None
    """Path of the next page; null: this is the last one."""
