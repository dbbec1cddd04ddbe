"""Tokens that an operator of the machine makes and revokes directly in the database."""

import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from eclgrmd.errors import InputError
from eclgrmd.model.access import Role, TokenText
from eclgrmd.settings.daemon import Settings
from eclgrmd.store.access.audit import record
from eclgrmd.store.access.tokens import (
    ListedToken,
    add_token,
    forget_sessions,
    revoke_token,
    token,
    tokens,
)
from eclgrmd.store.sql.transaction import Transaction

from .own_database import own_database

__all__ = ["list_tokens", "make_token", "revoke"]

_MOST = 10_000
"""Most tokens that are listed."""


async def make_token(
    settings: Settings, *, name: str, role: Role, lifetime: timedelta | None
) -> TokenText:
    """Make a token and return it."""
    async with _transaction(settings) as transaction:
        who = getpass.getuser()
        made = add_token(transaction, name=name, role=role, by=who, lifetime=lifetime)
        state = {"name": name, "role": role, "days": lifetime and lifetime.days}
        record(transaction, who=who, action="tokens_make", subject=made.id, after=state)
    return made


async def list_tokens(settings: Settings) -> list[ListedToken]:
    """Return all tokens, oldest first."""
    async with _transaction(settings) as transaction:
        return await tokens(transaction, after=0, limit=_MOST)


async def revoke(settings: Settings, token_id: str) -> ListedToken:
    """Revoke a token and the sessions that it opened, and return it.

    Raises
    ------
    InputError
        If there is no such token.
    """
    async with _transaction(settings) as transaction:
        before = await token(transaction, token_id)
        if before is None:
            raise InputError(f"no token {token_id!r}: `eclgrmd token list` shows the ids")
        if await revoke_token(transaction, token_id):
            forget_sessions(transaction)
            state = {"name": before.name}
            who = getpass.getuser()
            record(transaction, who=who, action="tokens_revoke", subject=token_id, before=state)
    return before


@asynccontextmanager
async def _transaction(settings: Settings) -> AsyncIterator[Transaction]:
    async with own_database(settings) as database, database.transaction() as transaction:
        if not await transaction.values(str, "SHOW TABLES LIKE 'token'"):
            raise InputError(
                "the database has no table of tokens yet: start the daemon once, it makes them"
            )
        yield transaction
