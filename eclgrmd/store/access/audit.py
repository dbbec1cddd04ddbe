"""Table `audit`: who changed what, from where, when, and what it was before and after."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.store.sql.paging import Page, Sized, read_page
from eclgrmd.store.sql.transaction import Transaction

__all__ = ["AuditEntry", "Note", "audit", "forget_audit", "nothing_noted", "record"]

Note = Callable[[Transaction], None]
"""Records a change in the transaction that makes it."""

_LONGEST = 2000
"""Most characters of a state: the audit says what changed, it is no copy of it."""


class AuditEntry(Struct, frozen=True):
    """One change; times are UTC without zone."""

    id: int
    """Number of the entry."""
    at: datetime
    """When it was changed."""
    who: str
    """Name of the token, or of the user of a proxy or of this machine."""
    token_id: str
    """Public part of the token; empty: none was used."""
    address: str
    """Address of the client; empty: a command on the daemon's machine."""
    action: str
    """Operation, as the OpenAPI document names it, or the command."""
    subject: str
    """What was changed, for example the id of a task."""
    before: str | None
    """State before the change, JSON; None: there was none, or it did not matter."""
    after: str | None
    """State after the change, JSON; None: there is none."""


class _SortKey(Sized, frozen=True):
    id: int


def record(
    transaction: Transaction,
    *,
    who: str,
    action: str,
    subject: str,
    token_id: str = "",
    address: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Record a change in the same transaction that makes it."""
    transaction.later(
        "INSERT INTO audit "
        "(at, who, token_id, address, action, subject, before_change, after_change) VALUES "
        "(%(at)s, %(who)s, %(token)s, %(address)s, %(action)s, %(subject)s, %(before)s, %(after)s)",
        at=utc_now(),
        who=who,
        token=token_id,
        address=address,
        action=action,
        subject=subject,
        before=_text(before),
        after=_text(after),
    )


def nothing_noted(_transaction: Transaction) -> None:
    """Record nothing: the change is the daemon's own."""


async def audit(transaction: Transaction, *, after: int, limit: int) -> Page[AuditEntry]:
    """Return a page of up to `limit` entries behind number `after`, oldest first."""

    async def sizes(last: _SortKey | None, number: int) -> list[_SortKey]:
        return await transaction.rows(
            _SortKey,
            "SELECT audit_id AS id, COALESCE(LENGTH(before_change), 0) "
            "+ COALESCE(LENGTH(after_change), 0) AS bytes FROM audit "
            "WHERE audit_id > %(after)s ORDER BY audit_id LIMIT %(number)s",
            after=last.id if last else after,
            number=number,
        )

    async def whole(found: list[_SortKey]) -> list[AuditEntry]:
        return await transaction.rows(
            AuditEntry,
            "SELECT audit_id AS id, at, who, token_id, address, action, subject, "
            "before_change AS `before`, after_change AS `after` FROM audit "
            "WHERE audit_id IN %(ids)s ORDER BY audit_id",
            ids=tuple(row.id for row in found),
        )

    return await read_page(sizes, whole, limit)


async def forget_audit(transaction: Transaction, before: datetime, limit: int) -> int:
    """Delete up to `limit` entries that are older than `before`; return their number."""
    return await transaction.execute(
        "DELETE FROM audit WHERE at < %(before)s LIMIT %(limit)s", before=before, limit=limit
    )


def _text(state: Mapping[str, Any] | None) -> str | None:
    return None if state is None else msgspec.json.encode(state).decode()[:_LONGEST]
