"""Table `token`: who may use the service, in which role and until when.

A token is shown once, when it is made; the table has a digest of its secret.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.model.access import Role, TokenText
from eclgrmd.store.sql.transaction import Transaction

__all__ = [
    "ListedToken",
    "UsableToken",
    "add_token",
    "digest",
    "forget_sessions",
    "mark_used",
    "revoke_token",
    "token",
    "tokens",
    "usable_tokens",
]

_BYTES = 16
"""Random bytes of each part of a token: 128 bits."""


class ListedToken(Struct, frozen=True):
    """A token without its secret; times are UTC without zone."""

    number: int
    """Number of the row."""
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
    """Until when it is valid; None: for ever."""
    revoked_at: datetime | None
    """When it was revoked; None: it was not."""
    used_at: datetime | None
    """When it was last used, to the minute; None: never."""


class UsableToken(Struct, frozen=True):
    """A token that is neither expired nor revoked."""

    id: str
    """Public part of the token."""
    secret_sha256: str
    """Digest of its secret, hexadecimal."""
    name: str
    """Whose token it is, or what for."""
    role: Role
    """What its owner may do."""
    expires_at: datetime | None
    """Until when it is valid, UTC without zone; None: for ever."""
    parent: str | None
    """For the session of a page: the token with which it was opened."""


def digest(secret: str) -> str:
    """Return the digest under which a secret is stored."""
    return sha256(secret.encode()).hexdigest()


def add_token(
    transaction: Transaction,
    *,
    name: str,
    role: Role,
    by: str,
    lifetime: timedelta | None,
    parent: str | None = None,
) -> TokenText:
    """Add a new token and return it; this is the only time that its secret is known.

    Parameters
    ----------
    transaction
        The transaction that adds it.
    name
        Whose token it is, or what for.
    role
        What its owner may do.
    by
        Who makes it.
    lifetime
        Time for which it is valid; None: for ever.
    parent
        Id of the token that opens a session by it; None: it is no session.
    """
    new, now = TokenText(secrets.token_hex(_BYTES), secrets.token_hex(_BYTES)), utc_now()
    transaction.later(
        "INSERT INTO token "
        "(token_id, secret_sha256, name, role, parent, created_at, created_by, expires_at) "
        "VALUES (%(id)s, %(digest)s, %(name)s, %(role)s, %(parent)s, %(now)s, %(by)s, %(until)s)",
        id=new.id,
        digest=digest(new.secret),
        name=name,
        role=role.value,
        parent=parent,
        now=now,
        by=by,
        until=None if lifetime is None else now + lifetime,
    )
    return new


async def token(transaction: Transaction, token_id: str) -> ListedToken | None:
    """Return a token that is no session; None if there is none of this id."""
    return await transaction.row(
        ListedToken,
        "SELECT number, token_id AS id, name, role, created_at, created_by, expires_at, "
        "revoked_at, used_at FROM token WHERE token_id = %(id)s AND parent IS NULL",
        id=token_id,
    )


async def tokens(transaction: Transaction, *, after: int, limit: int) -> list[ListedToken]:
    """Return up to `limit` tokens behind number `after`, oldest first, without sessions."""
    return await transaction.rows(
        ListedToken,
        "SELECT number, token_id AS id, name, role, created_at, created_by, expires_at, "
        "revoked_at, used_at FROM token WHERE parent IS NULL AND number > %(after)s "
        "ORDER BY number LIMIT %(limit)s",
        after=after,
        limit=limit,
    )


async def revoke_token(transaction: Transaction, token_id: str) -> bool:
    """Revoke a token and its sessions; return False if it was revoked or there is none."""
    revoked = await transaction.execute(
        "UPDATE token SET revoked_at = %(now)s WHERE token_id = %(id)s AND revoked_at IS NULL",
        now=utc_now(),
        id=token_id,
    )
    transaction.later(
        "UPDATE token SET revoked_at = %(now)s WHERE parent = %(id)s AND revoked_at IS NULL",
        now=utc_now(),
        id=token_id,
    )
    return bool(revoked)


async def usable_tokens(transaction: Transaction) -> list[UsableToken]:
    """Return all tokens that are valid now, with the sessions of pages."""
    return await transaction.rows(
        UsableToken,
        "SELECT token_id AS id, secret_sha256, name, role, expires_at, parent FROM token "
        "WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %(now)s)",
        now=utc_now(),
    )


def mark_used(transaction: Transaction, used: Mapping[str, datetime]) -> None:
    """Store when tokens were last used, by their ids."""
    for token_id, at in used.items():
        transaction.later(
            "UPDATE token SET used_at = %(at)s WHERE token_id = %(id)s", at=at, id=token_id
        )


def forget_sessions(transaction: Transaction, ids: Iterable[str] = ()) -> None:
    """Delete the sessions of these ids, and those that are expired or revoked."""
    transaction.later(
        "DELETE FROM token WHERE parent IS NOT NULL AND (revoked_at IS NOT NULL "
        "OR expires_at < %(now)s OR token_id IN %(ids)s)",
        now=utc_now(),
        ids=("", *ids),
    )
