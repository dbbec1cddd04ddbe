"""Records in the audit what the client of a request changes."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from eclgrmd.store.access.audit import Note, record
from eclgrmd.store.sql.transaction import Transaction

from .client import client_of

__all__ = ["audited", "noting"]


def audited(
    transaction: Transaction,
    request: web.Request,
    action: str,
    subject: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Record a change of a request in the transaction that makes it."""
    client = client_of(request)
    record(
        transaction,
        who=client.name,
        token_id=client.token_id,
        address=client.address,
        action=action,
        subject=subject,
        before=before,
        after=after,
    )


def noting(
    request: web.Request, action: str, subject: str, after: Mapping[str, Any] | None = None
) -> Note:
    """Return what records a change of a request in the transaction that will make it."""

    def note(transaction: Transaction) -> None:
        audited(transaction, request, action, subject, after=after)

    return note
