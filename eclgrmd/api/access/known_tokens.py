"""The valid tokens, kept in memory so that a request costs no query."""

import asyncio
import hmac
from collections.abc import Mapping
from datetime import datetime

from eclgrmd.clock import utc_now
from eclgrmd.errors import TransientError
from eclgrmd.model.access import read_token
from eclgrmd.store.access.tokens import UsableToken, digest, mark_used, usable_tokens
from eclgrmd.store.sql.database import Database

__all__ = ["KnownTokens"]

_FRESH_S = 2.0
"""Age at which the tokens are read again: a token that another process revokes works so long."""
_PATIENCE_S = 1.0
"""Longest wait for the database for a token that is known: monitoring goes on without it."""
_USED_S = 60.0
"""Pause between two records of when tokens were used."""


class KnownTokens:
    """The valid tokens of the database, read again when they are needed and older than 2 s.

    While the database is away, the tokens that were valid last are accepted.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._valid: Mapping[str, UsableToken] = {}
        self._read_at_s = -_FRESH_S
        self._used: dict[str, datetime] = {}
        self._stored_at_s = 0.0
        self._turn = asyncio.Lock()

    async def find(self, text: str) -> UsableToken | None:
        """Return a valid token; None if it is wrong, unknown, expired or revoked.

        Raises
        ------
        TransientError
            If the token is not known and the database is away.
        """
        written = read_token(text)
        if written is None:
            return None
        now_s = asyncio.get_running_loop().time()
        if written.id not in self._valid:
            await self._read(now_s)  # it may have been made just now
        elif now_s - self._read_at_s > _FRESH_S:
            await self._read_soon(now_s - _FRESH_S)
        found = self._valid.get(written.id)
        if found is None or (found.expires_at is not None and found.expires_at <= utc_now()):
            return None
        if not hmac.compare_digest(found.secret_sha256, digest(written.secret)):
            return None
        self._used[found.id] = utc_now()
        return found

    def forget(self) -> None:
        """Read the tokens again before the next one is accepted."""
        self._read_at_s = -_FRESH_S
        self._valid = {}

    async def _read_soon(self, since_s: float) -> None:
        """Read the tokens, or keep those that are known if the database does not respond."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._read(since_s)
        except (TransientError, TimeoutError):
            self._read_at_s = asyncio.get_running_loop().time()

    async def _read(self, since_s: float) -> None:
        """Read the tokens, unless another request has begun to do so after `since_s`."""
        async with self._turn:
            began_s = asyncio.get_running_loop().time()
            if self._read_at_s > since_s:
                return
            async with self._database.transaction() as transaction:
                if began_s - self._stored_at_s > _USED_S:
                    mark_used(transaction, self._used)
                    self._used, self._stored_at_s = {}, began_s
                found = await usable_tokens(transaction)
            self._valid = {token.id: token for token in found}
            self._read_at_s = began_s
